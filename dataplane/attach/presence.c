// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attach/presence.h"
#include "dataplane/attach/clsact_hook.h"
#include "dataplane/attach/program.h"
#include "dataplane/attach/tcx_hook.h"

#include <errno.h>

static int is_at_tcx(uint32_t ifindex, enum rf_direction direction)
{
	struct rf_tcx_programs programs;
	bool ours = false;
	int ret = rf_tcx_programs(ifindex, direction, &programs);

	if (ret)
		return ret == -ENODEV ? 0 : ret;
	for (uint32_t i = 0; !ret && !ours && i < programs.count; i++)
		ret = rf_program_is_ours(programs.programs[i], direction, &ours);
	return ret ? ret : ours;
}

/* The handle is the owner's: another's filter does not have it but by intent. */
static int is_at_clsact(const struct rf_attach_point *point, enum rf_direction direction)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)point->ifindex,
		    .attach_point = rf_clsact_hooks[direction]);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = rf_clsact_handle(point),
		    .priority = RF_CLSACT_PRIORITY);
	int ret;

	rf_clsact_quiet();
	ret = bpf_tc_query(&hook, &filter);
	if (ret)
		return rf_clsact_is_none(ret) ? 0 : ret;
	return 1;
}

int rf_attach_is_present(const struct rf_attach_point *point)
{
	int ret = 1;

	for (size_t direction = 0; ret > 0 && direction < RF_DIRECTIONS; direction++)
		ret = point->mode == RF_ATTACH_TCX ? is_at_tcx(point->ifindex, direction)
						   : is_at_clsact(point, direction);
	return ret;
}
