// SPDX-License-Identifier: Apache-2.0
#include "dataplane/upgrade.h"
#include "dataplane/constants.h"
#include "dataplane/lock.h"
#include "dataplane/skeleton.h"
#include "dataplane/upgrade_steps.h"
#include "netconf/cleanup.h"

#include "bpf/ringfence.skel.h"

#include <inttypes.h>

struct upgrade {
	struct rf_objects *objects;
	const struct rf_map_sizes *sizes;
	void (*warn)(const struct rf_error *warning);
	struct rf_identifiers identifiers; /* as they are pinned */
};

static int set_build(const struct upgrade *upgrade, uint64_t build, uint64_t refused,
		     struct rf_error *error)
{
	_cleanup_close_ int lock = -1;
	int ret = rf_lock(&lock, error);

	return ret ? ret : rf_identifiers_set_build(upgrade->objects, build, refused, error);
}

/* What the verifier says it will say again; memory and rights may be there another time. */
static bool is_final(int ret)
{
	return ret == -EACCES || ret == -EINVAL || ret == -E2BIG;
}

static int load(const struct upgrade *upgrade, struct ringfence *skeleton, struct rf_error *error)
{
	int ret;

	rf_constants_fill(skeleton);
	/* A reply that is under way bears the mark. */
	if (upgrade->identifiers.reply_mark)
		skeleton->rodata->reply_mark = upgrade->identifiers.reply_mark;
	ret = rf_skeleton_load(skeleton, error);
	if (is_final(ret))
		set_build(upgrade, upgrade->identifiers.build, rf_skeleton_build(), NULL);
	return ret;
}

static int reopen(struct rf_objects *objects, struct rf_error *error)
{
	struct rf_objects fresh = RF_OBJECTS_NONE;
	int ret = rf_objects_open(&fresh, error);

	if (ret == -ENOENT)
		return rf_fail(error, RF_CODE_TRY_AGAIN, ret, "the pins were removed meanwhile");
	if (ret)
		return ret;
	rf_objects_close(objects);
	*objects = fresh;
	return 0;
}

/* From the first pin on it is of no build, until each attachment is of the new one. */
static int exchange(const struct upgrade *upgrade, struct ringfence *skeleton,
		    struct rf_error *error)
{
	int ret = set_build(upgrade, 0, 0, error);

	if (!ret)
		ret = rf_upgrade_pin(skeleton, upgrade->objects, error);
	if (!ret)
		ret = reopen(upgrade->objects, error);
	if (!ret)
		ret = rf_upgrade_pods(upgrade->objects, upgrade->warn, error);
	return ret ? ret : set_build(upgrade, rf_skeleton_build(), 0, error);
}

static void warn_failed(const struct upgrade *upgrade, struct rf_error *failure)
{
	uint64_t pinned = upgrade->identifiers.build;

	rf_error_context(failure,
			 "exchange the programs of build %016" PRIx64
			 " for those of build %016" PRIx64,
			 pinned, rf_skeleton_build());
	upgrade->warn(failure);
}

static void warn_refused(const struct upgrade *upgrade)
{
	struct rf_error refused = {};

	rf_fail(&refused, RF_CODE_LOAD, -EACCES,
		"this kernel has refused them when they were tried; they are tried again after a "
		"reboot");
	warn_failed(upgrade, &refused);
}

static int perform(const struct upgrade *upgrade, struct rf_error *error)
{
	_cleanup_skeleton_ struct ringfence *skeleton = NULL;
	struct rf_error failure = {};
	int ret = rf_skeleton_open(upgrade->sizes, &skeleton, &failure);

	if (!ret) {
		ret = rf_upgrade_reuse_maps(skeleton, upgrade->objects, error);
		if (ret)
			return ret;
		ret = load(upgrade, skeleton, &failure);
	}
	if (!ret)
		ret = exchange(upgrade, skeleton, &failure);
	if (ret)
		warn_failed(upgrade, &failure);
	return 0;
}

int rf_upgrade(struct rf_objects *objects, const struct rf_map_sizes *sizes,
	       void (*warn)(const struct rf_error *warning), struct rf_error *error)
{
	struct upgrade upgrade = {.objects = objects, .sizes = sizes, .warn = warn};
	_cleanup_close_ int turn = -1;
	int ret = rf_identifiers_read(objects, &upgrade.identifiers, error);

	if (ret || upgrade.identifiers.build == rf_skeleton_build())
		return ret;
	if (upgrade.identifiers.refused == rf_skeleton_build()) {
		warn_refused(&upgrade);
		return 0;
	}
	if (!rf_lock_upgrade_if_free(&turn))
		return 0;
	/* Somebody may have been faster. */
	ret = rf_identifiers_read(objects, &upgrade.identifiers, error);
	if (ret || upgrade.identifiers.build == rf_skeleton_build() ||
	    upgrade.identifiers.refused == rf_skeleton_build())
		return ret;
	return perform(&upgrade, error);
}
