// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attachment.h"
#include "dataplane/load.h"
#include "dataplane/lock.h"
#include "dataplane/other_abis.h"
#include "dataplane/paths.h"
#include "dataplane/pod.h"
#include "dataplane/policy/store.h"
#include "dataplane/sessions.h"
#include "netconf/cleanup.h"

/* What is to be removed, as far as it is known. */
struct removal {
	const struct rf_attachment_key *key;
	struct rf_objects objects;
	bool loaded;   /* there are maps */
	bool recorded; /* the record could be read */
	bool absent;   /* there is none */
	struct rf_record record;
	uint32_t pod_id; /* whose sessions are to go; 0: none */
	uint32_t incarnation;
};

static void free_removal(struct removal *removal)
{
	rf_record_free(&removal->record);
	rf_objects_close(&removal->objects);
}

/*
 * A record that is broken must not keep DEL from succeeding, or the runtime would never give the
 * address back: the owner follows from the key, and pod_state has the rest. One that the system
 * cannot read just now is another matter: it alone knows whose the qdisc is.
 */
static int look(struct removal *removal, struct rf_error *error)
{
	struct rf_error unusable = {};
	int ret = rf_objects_open(&removal->objects, &unusable);

	/* With a pin missing, or in a bpffs that is read-only, the maps cannot be tidied, perhaps
	 * ever: that is no reason to fail for ever, as the programs can be detached. */
	if (ret && ret != -ENOENT && ret != -ENXIO && ret != -EROFS) {
		if (error)
			*error = unusable;
		return ret;
	}
	removal->loaded = !ret;
	ret = rf_record_read(removal->key, &removal->record, error);
	removal->recorded = !ret;
	removal->absent = ret == -ENOENT;
	return ret == -ENOENT || ret == -EINVAL ? 0 : ret;
}

/* In both modes: a kill while the mode was changed has left both, and of a lost record none is
 * known. */
static int detach(const struct removal *removal, struct rf_error *error)
{
	struct rf_attach_point point = removal->record.point;
	uint32_t pod_id;
	int ret, second;

	point.owner = rf_owner(removal->key);
	pod_id = removal->loaded ? rf_pod_find(&removal->objects, point.owner) : 0;
	if (!removal->recorded && pod_id)
		point.ifindex = removal->objects.pod_state[pod_id].ifindex;
	point.mode = RF_ATTACH_TCX;
	rf_other_abis_forget(point.owner);
	ret = rf_detach(&point, error);
	if (!point.ifindex)
		return ret;
	point.mode = RF_ATTACH_CLSACT;
	second = rf_detach(&point, ret ? NULL : error);
	return ret ? ret : second;
}

/* Entries of the pod, and its policy if nobody else has it. */
static int leave_maps(struct removal *removal, struct rf_error *error)
{
	const struct rf_objects *objects = &removal->objects;
	_cleanup_close_ int lock = -1;
	uint32_t pod_id;
	int ret = rf_lock(&lock, error);

	if (ret)
		return ret;
	/* An earlier DEL may have been killed when only the sessions were left. */
	removal->pod_id = removal->record.pod_id;
	removal->incarnation = removal->record.incarnation;
	pod_id = rf_pod_find(objects, rf_owner(removal->key));
	if (pod_id) {
		removal->pod_id = pod_id;
		removal->incarnation = objects->pod_state[pod_id].incarnation;
		ret = rf_pod_retract(objects, pod_id);
		if (ret)
			return rf_fail_system(error, RF_CODE_LOAD, ret,
					      "remove the entries of pod %u", pod_id);
	}
	ret = rf_policy_sweep(objects, error);
	if (!ret && pod_id)
		rf_pod_free(objects, pod_id);
	return ret;
}

/* No packet can belong to them any more: this only tidies, and takes its time without the lock. */
static int flush(const struct removal *removal, struct rf_error *error)
{
	int ret = rf_sessions_flush(&removal->objects, removal->pod_id, removal->incarnation, NULL);

	return ret ? rf_fail_system(error, RF_CODE_LOAD, ret, "flush the sessions of pod %u",
				    removal->pod_id)
		   : 0;
}

/* The record goes last, and not if it is that of a later add. Under the lock. */
static int remove_own_record(const struct removal *removal, struct rf_error *error)
{
	_cleanup_record_ struct rf_record now = {};
	int ret = rf_record_read(removal->key, &now, error);

	if (ret && ret != -ENOENT && ret != -EINVAL)
		return ret;
	if (!ret && (removal->absent || now.incarnation != removal->record.incarnation))
		return 0;
	return rf_record_remove(removal->key, error);
}

static int remove_record(const struct removal *removal, struct rf_error *error)
{
	_cleanup_close_ int lock = -1;
	int ret = rf_lock(&lock, error);

	return ret ? ret : remove_own_record(removal, error);
}

/* Of an add that was killed while it loaded the programs, or wrote its record. */
static int remove_remains(const struct removal *removal, struct rf_error *error)
{
	_cleanup_close_ int lock = -1;
	int ret;

	/* Nobody has ever been here: leave no trace either. */
	if (access(RF_LOCK_PATH, F_OK))
		return 0;
	ret = rf_lock(&lock, error);
	if (ret)
		return ret;
	rf_load_discard();
	return remove_own_record(removal, error);
}

int rf_attachment_undo(const struct rf_attachment_key *key, struct rf_error *error)
{
	__attribute__((cleanup(free_removal))) struct removal removal = {
		.key = key,
		.objects = RF_OBJECTS_NONE,
	};
	int ret = look(&removal, error);

	/* A program that stays attached keeps its policy, and the record to try again. */
	if (!ret)
		ret = detach(&removal, error);
	if (ret)
		return ret;
	if (removal.absent && !(removal.loaded && rf_pod_find(&removal.objects, rf_owner(key))))
		return remove_remains(&removal, error);
	ret = removal.loaded ? leave_maps(&removal, error) : 0;
	if (!ret && removal.loaded && removal.pod_id)
		ret = flush(&removal, error);
	return ret ? ret : remove_record(&removal, error);
}

int rf_attachment_remove(const struct rf_attachment_key *key, struct rf_error *error)
{
	_cleanup_close_ int turn = -1;
	int ret = 0;

	/* Nobody has ever been here: leave no trace either. */
	if (!access(RF_LOCK_PATH, F_OK))
		ret = rf_lock_attachment(rf_owner(key), &turn, error);
	if (!ret)
		ret = rf_attachment_undo(key, error);
	if (!ret)
		rf_other_abis_retire();
	return ret;
}
