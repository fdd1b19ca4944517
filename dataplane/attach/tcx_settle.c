// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attach/tcx.h"
#include "dataplane/attach/tcx_hook.h"

#include <errno.h>

static int settle_one(const struct rf_objects *objects, uint32_t ifindex,
		      enum rf_direction direction, struct rf_error *error)
{
	struct rf_tcx_programs programs;
	int ret = rf_tcx_programs(ifindex, direction, &programs);
	uint32_t place;

	if (ret == -EOPNOTSUPP)
		return ret;
	if (ret)
		return rf_fail_system(error, RF_CODE_ATTACH, ret,
				      "ask for programs at ifindex %u, TCX %s", ifindex,
				      rf_tcx_hook_name(direction));
	place = rf_tcx_place(&programs, objects->program_ids[direction]);
	/* What is not there yet is put before all that is. What is there cannot be moved: the
	 * kernel takes a program only once. */
	if (place < programs.count) {
		ret = rf_tcx_refuse_foreign(&programs, place, ifindex, direction, error);
		if (ret)
			rf_error_hint(error, "have that program attached behind ringfence's "
					     "(BPF_F_AFTER); or DEL, then ADD: ringfence's is then "
					     "before it");
		return ret;
	}
	if (programs.count == RF_TCX_PROGRAMS_MAX) {
		rf_error_hint(error, "detach one of them (bpftool net show)");
		return rf_fail(error, RF_CODE_ATTACH, -ENOSPC,
			       "ifindex %u, TCX %s has %u programs, the most that there can be",
			       ifindex, rf_tcx_hook_name(direction), programs.count);
	}
	return 0;
}

int rf_tcx_settle(const struct rf_objects *objects, uint32_t ifindex, struct rf_error *error)
{
	int ret = settle_one(objects, ifindex, RF_INGRESS, error);

	return ret ? ret : settle_one(objects, ifindex, RF_EGRESS, error);
}
