// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attach/presence.h"
#include "dataplane/attach/clsact_hook.h"
#include "dataplane/attach/program.h"
#include "dataplane/attach/tcx_hook.h"
#include "dataplane/link/netlink.h"
#include "dataplane/link/traffic_control.h"
#include "netconf/cleanup.h"

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

/* A look for programs that use a map. */
struct search {
	enum rf_direction direction;
	uint32_t map;
	bool found; /* or it cannot be told */
};

static void look_at(uint32_t program, struct search *search)
{
	bool uses = false;

	if (rf_program_uses(program, search->direction, search->map, &uses) || uses)
		search->found = true;
}

static void look_at_filter(const struct rf_filter *filter, void *context)
{
	if (filter->program_id)
		look_at(filter->program_id, context);
}

static void look_at_hook(struct nl_sock *socket, uint32_t ifindex, struct search *search)
{
	struct rf_tcx_programs programs;
	int ret = rf_tcx_programs(ifindex, search->direction, &programs);

	for (uint32_t i = 0; !ret && i < programs.count; i++)
		look_at(programs.programs[i], search);
	if (ret && ret != -EOPNOTSUPP && ret != -ENODEV)
		search->found = true;
	ret = rf_filter_each(socket, ifindex, rf_clsact_parent(search->direction), look_at_filter,
			     search);
	if (ret && !rf_clsact_is_none(ret))
		search->found = true;
}

bool rf_attach_uses_map(uint32_t ifindex, uint32_t map)
{
	struct search search = {.map = map};
	_cleanup_netlink_ struct nl_sock *socket = NULL;

	if (rf_netlink_open(&socket, NULL))
		return true;
	for (size_t direction = 0; direction < RF_DIRECTIONS; direction++) {
		search.direction = direction;
		look_at_hook(socket, ifindex, &search);
	}
	return search.found;
}
