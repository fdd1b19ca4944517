// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attach/tcx.h"
#include "dataplane/attach/program.h"
#include "dataplane/attach/tcx_hook.h"
#include "dataplane/attach/tcx_pin.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>

/* True in *@owned if program @id is ours, for this attachment. */
static int is_owned(uint32_t id, const struct rf_attach_point *point, enum rf_direction direction,
		    bool *owned)
{
	int ret = rf_program_is_ours(id, direction, owned);

	return ret || !*owned ? ret : rf_program_serves(id, point->ifindex, point->owner, owned);
}

static int detach_owned(const struct rf_attach_point *point, enum rf_direction direction,
			struct rf_error *error)
{
	struct rf_tcx_programs programs;
	int ret = rf_tcx_programs(point->ifindex, direction, &programs);

	if (ret == -ENODEV || ret == -EOPNOTSUPP)
		return 0;
	if (ret)
		return rf_fail_system(error, RF_CODE_ATTACH, ret,
				      "ask for programs at ifindex %u, TCX %s", point->ifindex,
				      rf_tcx_hook_name(direction));
	for (uint32_t i = 0; i < programs.count && !ret; i++) {
		bool owned;

		ret = is_owned(programs.programs[i], point, direction, &owned);
		if (ret)
			return rf_fail_system(error, RF_CODE_ATTACH, ret,
					      "find out whose program %u is", programs.programs[i]);
		if (owned)
			ret = rf_tcx_detach_link(programs.links[i], point->ifindex, direction,
						 error);
	}
	return ret;
}

int rf_tcx_detach_unpinned(const struct rf_attach_point *point, struct rf_error *error)
{
	int ret = detach_owned(point, RF_INGRESS, error);
	int second = detach_owned(point, RF_EGRESS, ret ? NULL : error);

	return ret ? ret : second;
}

int rf_tcx_detach(const struct rf_attach_point *point, struct rf_error *error)
{
	int result = 0;

	for (size_t direction = 0; direction < RF_DIRECTIONS; direction++) {
		bool removed;
		/* The pin is the last reference: the kernel detaches when it goes. */
		int ret =
			rf_tcx_pin_remove(point->owner, direction, &removed, result ? NULL : error);

		if (!ret && !removed && point->ifindex)
			ret = detach_owned(point, direction, result ? NULL : error);
		if (!result)
			result = ret;
	}
	return result;
}

/* The kernel exchanges it in the link, which keeps its place at the hook. */
static int exchange_one(const struct rf_objects *objects, const struct rf_attach_point *point,
			enum rf_direction direction, bool *found, struct rf_error *error)
{
	const struct rf_tcx_link pinned = rf_tcx_pin_open(point->owner, direction);
	_cleanup_close_ int fd = pinned.fd;
	char path[PATH_MAX];

	if (fd == -ENOENT || (fd >= 0 && !pinned.ifindex))
		return 0;
	*found = true;
	rf_tcx_pin_path(path, point->owner, direction);
	if (fd < 0)
		return rf_fail_system(error, RF_CODE_ATTACH, fd, "look at link %s", path);
	if (pinned.program != objects->program_ids[direction] &&
	    bpf_link_update(fd, objects->programs[direction], NULL))
		return rf_fail_system(error, RF_CODE_ATTACH, -errno, "exchange %s in link %s",
				      rf_program_names[direction], path);
	return 0;
}

int rf_tcx_exchange(const struct rf_objects *objects, const struct rf_attach_point *point,
		    bool *found, struct rf_error *error)
{
	int ret = exchange_one(objects, point, RF_INGRESS, found, error);

	return ret ? ret : exchange_one(objects, point, RF_EGRESS, found, error);
}

static bool is_in_force(const struct rf_objects *objects, const struct rf_tcx_link *pinned,
			const struct rf_attach_point *point, enum rf_direction direction)
{
	bool uses = false;

	return pinned->ifindex == point->ifindex &&
	       (pinned->program == objects->program_ids[direction] ||
		(!rf_program_uses(pinned->program, direction, objects->pod_state_id, &uses) &&
		 uses));
}

int rf_tcx_check(const struct rf_objects *objects, const struct rf_attach_point *point,
		 struct rf_error *error)
{
	for (size_t direction = 0; direction < RF_DIRECTIONS; direction++) {
		const struct rf_tcx_link pinned = rf_tcx_pin_open(point->owner, direction);
		_cleanup_close_ int fd = pinned.fd;
		char path[PATH_MAX];

		if (fd >= 0 && is_in_force(objects, &pinned, point, direction))
			continue;
		rf_tcx_pin_path(path, point->owner, direction);
		if (fd < 0 && fd != -ENOENT)
			return rf_fail_system(error, RF_CODE_NOT_IN_FORCE, fd, "look at link %s",
					      path);
		return rf_fail(
			error, RF_CODE_NOT_IN_FORCE, -ENOENT,
			"program %s is not attached to ifindex %u: link %s is missing, of another "
			"program, or its interface is gone",
			rf_program_names[direction], point->ifindex, path);
	}
	return 0;
}
