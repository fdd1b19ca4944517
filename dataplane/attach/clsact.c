// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attach/clsact.h"
#include "dataplane/attach/clsact_hook.h"
#include "dataplane/attach/clsact_qdisc.h"
#include "dataplane/attach/program.h"

#include <errno.h>

static int attach_one(const struct rf_objects *objects, const struct rf_attach_point *point,
		      enum rf_direction direction, struct rf_error *error)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)point->ifindex,
		    .attach_point = rf_clsact_hooks[direction]);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = rf_clsact_handle(point),
		    .priority = RF_CLSACT_PRIORITY, .prog_fd = objects->programs[direction],
		    .flags = BPF_TC_F_REPLACE);
	int ret = bpf_tc_attach(&hook, &filter);

	if (!ret)
		return 0;
	rf_error_hint(error,
		      "somebody else changes qdiscs or filters there: see tc qdisc show and tc "
		      "filter show");
	return rf_fail_system(error, RF_CODE_ATTACH, ret,
			      "attach to ifindex %u by clsact %s, priority %d", point->ifindex,
			      rf_clsact_hook_name(direction), RF_CLSACT_PRIORITY);
}

int rf_clsact_attach(const struct rf_objects *objects, const struct rf_attach_point *point,
		     struct rf_error *error)
{
	int ret;

	rf_clsact_quiet();
	ret = rf_clsact_make_qdisc(point->ifindex, error);
	for (size_t direction = 0; direction < RF_DIRECTIONS && !ret; direction++)
		ret = attach_one(objects, point, direction, error);
	return ret;
}

/* The program of point->owner's filter, if it judges by the maps of @objects; 0: there is none. */
static int find_program(const struct rf_objects *objects, const struct rf_attach_point *point,
			enum rf_direction direction, uint32_t *program)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)point->ifindex,
		    .attach_point = rf_clsact_hooks[direction]);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = rf_clsact_handle(point),
		    .priority = RF_CLSACT_PRIORITY);
	bool uses = false;
	int ret = bpf_tc_query(&hook, &filter);

	*program = 0;
	if (ret)
		return rf_clsact_is_none(ret) ? 0 : ret;
	ret = rf_program_uses(filter.prog_id, direction, objects->pod_state_id, &uses);
	if (uses)
		*program = filter.prog_id;
	return ret;
}

static int exchange_one(const struct rf_objects *objects, const struct rf_attach_point *point,
			enum rf_direction direction, bool *found, struct rf_error *error)
{
	uint32_t program;
	int ret = find_program(objects, point, direction, &program);

	if (ret)
		return rf_fail_system(error, RF_CODE_ATTACH, ret,
				      "find our filter at ifindex %u, clsact %s", point->ifindex,
				      rf_clsact_hook_name(direction));
	*found |= program != 0;
	return !program || program == objects->program_ids[direction]
		       ? 0
		       : attach_one(objects, point, direction, error);
}

int rf_clsact_exchange(const struct rf_objects *objects, const struct rf_attach_point *point,
		       bool *found, struct rf_error *error)
{
	int ret;

	if (!point->ifindex)
		return 0;
	rf_clsact_quiet();
	ret = exchange_one(objects, point, RF_INGRESS, found, error);
	return ret ? ret : exchange_one(objects, point, RF_EGRESS, found, error);
}

static int detach_one(const struct rf_attach_point *point, enum rf_direction direction)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)point->ifindex,
		    .attach_point = rf_clsact_hooks[direction]);
	LIBBPF_OPTS(bpf_tc_opts, found, .handle = rf_clsact_handle(point),
		    .priority = RF_CLSACT_PRIORITY);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = rf_clsact_handle(point),
		    .priority = RF_CLSACT_PRIORITY);
	bool ours = false;
	int ret = bpf_tc_query(&hook, &found);

	/* Another's filter may have our handle. */
	if (!ret)
		ret = rf_program_is_ours(found.prog_id, direction, &ours);
	if (!ret && ours)
		ret = bpf_tc_detach(&hook, &filter);
	return rf_clsact_is_none(ret) ? 0 : ret;
}

int rf_clsact_detach(const struct rf_attach_point *point, struct rf_error *error)
{
	int result = 0;

	rf_clsact_quiet();
	for (size_t direction = 0; direction < RF_DIRECTIONS; direction++) {
		int ret = detach_one(point, direction);

		if (ret && !result)
			result = rf_fail_system(error, RF_CODE_ATTACH, ret,
						"detach from ifindex %u, clsact %s", point->ifindex,
						rf_clsact_hook_name(direction));
	}
	if (!result && point->made_qdisc)
		result = rf_clsact_remove_qdisc(point->ifindex, error);
	return result;
}

int rf_clsact_check(const struct rf_objects *objects, const struct rf_attach_point *point,
		    struct rf_error *error)
{
	rf_clsact_quiet();
	for (size_t direction = 0; direction < RF_DIRECTIONS; direction++) {
		LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)point->ifindex,
			    .attach_point = rf_clsact_hooks[direction]);
		LIBBPF_OPTS(bpf_tc_opts, filter, .handle = rf_clsact_handle(point),
			    .priority = RF_CLSACT_PRIORITY);
		bool uses = false;
		int ret = bpf_tc_query(&hook, &filter);

		if (!ret && filter.prog_id != objects->program_ids[direction])
			ret = rf_program_uses(filter.prog_id, direction, objects->pod_state_id,
					      &uses);
		if (ret)
			return rf_fail_system(error, RF_CODE_NOT_IN_FORCE, ret,
					      "find our filter at ifindex %u, clsact %s",
					      point->ifindex, rf_clsact_hook_name(direction));
		if (filter.prog_id != objects->program_ids[direction] && !uses)
			return rf_fail(
				error, RF_CODE_NOT_IN_FORCE, -ENOENT,
				"the filter at ifindex %u, clsact %s is program %u, not ours (%u)",
				point->ifindex, rf_clsact_hook_name(direction), filter.prog_id,
				objects->program_ids[direction]);
	}
	return 0;
}
