// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attach/attach.h"
#include "dataplane/attach/clsact.h"
#include "dataplane/attach/tcx.h"
#include "netconf/cleanup.h"

#include <string.h>

const char *rf_attach_mode_name(enum rf_attach_mode mode)
{
	static const char *const names[] = {
		[RF_ATTACH_AUTO] = "auto",
		[RF_ATTACH_TCX] = "tcx",
		[RF_ATTACH_CLSACT] = "clsact",
	};

	return names[mode];
}

int rf_attach_settle(const struct rf_objects *objects, enum rf_attach_mode wanted,
		     struct rf_attach_point *point, struct rf_error *error)
{
	int ret;

	if (wanted != RF_ATTACH_CLSACT) {
		point->mode = RF_ATTACH_TCX;
		point->made_qdisc = false;
		ret = rf_tcx_settle(objects, point->ifindex, error);
		if (ret != -EOPNOTSUPP)
			return ret;
		if (wanted == RF_ATTACH_TCX) {
			rf_error_hint(error,
				      "TCX is there since Linux 6.6: leave `attach` at \"auto\"");
			return rf_fail(error, RF_CODE_ATTACH, ret,
				       "attach: \"tcx\" is asked for, and this kernel has no TCX");
		}
	}
	point->mode = RF_ATTACH_CLSACT;
	return rf_clsact_settle(point, error);
}

int rf_attach(const struct rf_objects *objects, const struct rf_attach_point *point,
	      struct rf_error *error)
{
	return point->mode == RF_ATTACH_TCX ? rf_tcx_attach(objects, point, error)
					    : rf_clsact_attach(objects, point, error);
}

/* Each is pinned by its own rename, and another upgrade may follow: then once more. */
#define PINNED_ATTEMPTS 100

static void close_programs(int programs[RF_DIRECTIONS])
{
	for (size_t i = 0; i < RF_DIRECTIONS; i++)
		rf_cleanup_close(&programs[i]);
}

int rf_attach_pinned(const struct rf_objects *objects, const struct rf_attach_point *point,
		     struct rf_error *error)
{
	struct rf_objects now = *objects; /* with programs that may be others */

	for (int attempt = 1;; attempt++) {
		int programs[RF_DIRECTIONS] = {-1, -1};
		uint32_t ids[RF_DIRECTIONS] = {0};
		int ret = rf_attach(&now, point, error);

		if (attempt > 1)
			close_programs(now.programs);
		if (!ret)
			ret = rf_objects_open_programs(programs, ids, error);
		if (ret || !memcmp(ids, now.program_ids, sizeof(ids)) ||
		    attempt == PINNED_ATTEMPTS) {
			close_programs(programs);
			return ret;
		}
		memcpy(now.programs, programs, sizeof(programs));
		memcpy(now.program_ids, ids, sizeof(ids));
	}
}

int rf_attach_exchange(const struct rf_objects *objects, const struct rf_attach_point *point,
		       bool *found, struct rf_error *error)
{
	int ret;

	*found = false;
	ret = rf_tcx_exchange(objects, point, found, error);
	return ret ? ret : rf_clsact_exchange(objects, point, found, error);
}

int rf_detach(const struct rf_attach_point *point, struct rf_error *error)
{
	return point->mode == RF_ATTACH_TCX ? rf_tcx_detach(point, error)
					    : rf_clsact_detach(point, error);
}

int rf_detach_earlier(const struct rf_attach_point *before, const struct rf_attach_point *now,
		      struct rf_error *error)
{
	if (before->mode != now->mode)
		return rf_detach(before, error);
	if (before->ifindex == now->ifindex)
		return 0;
	/* Pins bear the owner's name, and those of now have replaced them. */
	return before->mode == RF_ATTACH_TCX ? rf_tcx_detach_unpinned(before, error)
					     : rf_clsact_detach(before, error);
}

int rf_attach_check(const struct rf_objects *objects, const struct rf_attach_point *point,
		    struct rf_error *error)
{
	return point->mode == RF_ATTACH_TCX ? rf_tcx_check(objects, point, error)
					    : rf_clsact_check(objects, point, error);
}
