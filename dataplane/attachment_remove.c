// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attachment.h"
#include "dataplane/attach/tcx.h"
#include "dataplane/lock.h"
#include "dataplane/pod.h"
#include "dataplane/policy/store.h"
#include "dataplane/sessions.h"
#include "netconf/cleanup.h"

/* Entries of the pod and of its policy. */
static int leave_maps(const struct rf_objects *objects, const struct rf_record *record,
		      struct rf_error *error)
{
	uint32_t in_force = 0;
	int ret;

	/* A kill between the record and the switch of the policy word leaves two policies. */
	if (record->pod_id < objects->max_entries[RF_MAP_POD_STATE] &&
	    objects->pod_state[record->pod_id].owner == record->point.owner)
		in_force = RF_POLICY_ID(objects->pod_state[record->pod_id].policy);
	rf_pod_retract(objects, record);
	ret = rf_policy_release(objects, record->policy_id, error);
	if (!ret && in_force != record->policy_id)
		ret = rf_policy_release(objects, in_force, error);
	return ret;
}

/* The record goes last, and only if it is still the one whose traces are gone. */
static int remove_record(const struct rf_record *record, struct rf_error *error)
{
	struct rf_attachment_key key = rf_record_key(record);
	_cleanup_record_ struct rf_record now = {};
	_cleanup_close_ int lock = -1;
	int ret = rf_lock(&lock, error);

	if (ret)
		return ret;
	ret = rf_record_read(&key, &now, error);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	return now.incarnation == record->incarnation ? rf_record_remove(&key, error) : 0;
}

static int leave(const struct rf_record *record, struct rf_error *error)
{
	_cleanup_objects_ struct rf_objects objects = RF_OBJECTS_NONE;
	_cleanup_close_ int lock = -1;
	int ret = rf_objects_open(&objects, error);

	/* Without pins there are no maps, and nothing in them. */
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	ret = rf_lock(&lock, error);
	if (!ret)
		ret = leave_maps(&objects, record, error);
	if (ret)
		return ret;
	/* No packet can belong to them any more: this only tidies, and may take its time. */
	close(TAKE_FD(lock));
	ret = rf_sessions_flush(&objects, record->pod_id, record->incarnation, NULL);
	return ret ? rf_fail_system(error, RF_CODE_LOAD, ret, "flush the sessions of pod %u",
				    record->pod_id)
		   : 0;
}

int rf_attachment_remove(const struct rf_attachment_key *key, struct rf_error *error)
{
	_cleanup_record_ struct rf_record record = {};
	struct rf_attach_point point = {.mode = RF_ATTACH_TCX, .owner = rf_owner(key)};
	int ret = rf_record_read(key, &record, error);
	int result;

	/* Without a record there may still be pins of links: their names are known from the key. */
	if (ret == -ENOENT)
		return rf_detach(&point, error);
	if (ret)
		return ret;
	result = rf_detach(&record.point, error);
	ret = leave(&record, result ? NULL : error);
	if (!ret && !result)
		ret = remove_record(&record, error);
	return result ? result : ret;
}
