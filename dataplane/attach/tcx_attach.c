// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attach/tcx.h"
#include "dataplane/attach/program.h"
#include "dataplane/attach/tcx_hook.h"
#include "dataplane/attach/tcx_pin.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <time.h>

/* linux/bpf.h of 6.6: a flag of bpf_mprog, which older headers lack. */
#define MPROG_BEFORE (1u << 3)

#define ATTACH_ATTEMPTS 200
#define ATTACH_PAUSE    (10L * 1000 * 1000) /* ns */

/*
 * The link by which our program is at the hook already, without our pin. -EEXIST if it is being
 * released.
 */
static int find_link(const struct rf_objects *objects, uint32_t ifindex,
		     enum rf_direction direction)
{
	struct rf_tcx_programs programs;
	int link, ret = rf_tcx_programs(ifindex, direction, &programs);
	uint32_t place;

	if (ret)
		return ret;
	place = rf_tcx_place(&programs, objects->program_ids[direction]);
	if (place == programs.count)
		return -EEXIST;
	link = bpf_link_get_fd_by_id(programs.links[place]);
	if (link >= 0)
		return link;
	return errno == ENOENT || errno == EAGAIN ? -EEXIST : -errno;
}

/*
 * EEXIST: its pin was removed, and something else still holds it; or it is that of another
 * container which had this interface; or the kernel has not yet detached one that nothing holds any
 * more (it does so after a grace period).
 */
static int make_link(const struct rf_objects *objects, uint32_t ifindex,
		     enum rf_direction direction, struct rf_error *error)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = MPROG_BEFORE);
	int link = bpf_link_create(objects->programs[direction], (int)ifindex,
				   rf_tcx_attach_type(direction), &options);

	if (link < 0)
		link = errno == EEXIST ? find_link(objects, ifindex, direction) : -errno;
	if (link >= 0)
		return link;
	return rf_fail_system(error, RF_CODE_ATTACH, link, "attach %s to ifindex %u by TCX %s",
			      rf_program_names[direction], ifindex, rf_tcx_hook_name(direction));
}

/* True if no other program is called before that of @link. */
static bool is_first(const struct rf_tcx_link *link, enum rf_direction direction)
{
	struct rf_tcx_programs programs;

	return !rf_tcx_programs(link->ifindex, direction, &programs) && programs.count &&
	       programs.links[0] == link->id;
}

/* Without a moment in which no program of ours is there. */
static int attach_once(const struct rf_objects *objects, const struct rf_attach_point *point,
		       enum rf_direction direction, struct rf_error *error)
{
	const struct rf_tcx_link pinned = rf_tcx_pin_open(point->owner, direction);
	_cleanup_close_ int fd = pinned.fd, made = -1;

	if (fd >= 0 && pinned.ifindex == point->ifindex) {
		if (pinned.program == objects->program_ids[direction])
			return 0;
		/* Of an earlier load of the programs. */
		if (is_first(&pinned, direction) &&
		    !bpf_link_update(fd, objects->programs[direction], NULL))
			return 0;
	}
	made = make_link(objects, point->ifindex, direction, error);
	return made < 0 ? made : rf_tcx_pin_put(made, point->owner, direction, error);
}

static int attach_one(const struct rf_objects *objects, const struct rf_attach_point *point,
		      enum rf_direction direction, struct rf_error *error)
{
	const struct timespec pause = {.tv_nsec = ATTACH_PAUSE};

	for (int attempt = 1;; attempt++) {
		int ret = attach_once(objects, point, direction, error);

		if (ret != -EEXIST || attempt == ATTACH_ATTEMPTS)
			return ret;
		nanosleep(&pause, NULL);
	}
}

/*
 * What an earlier load has left at this interface, and no pin leads to, would go on judging by what
 * it knew: the interface is this attachment's now.
 */
static int retire_others(const struct rf_objects *objects, uint32_t ifindex,
			 enum rf_direction direction, struct rf_error *error)
{
	struct rf_tcx_programs programs;
	int ret = rf_tcx_programs(ifindex, direction, &programs);

	if (ret)
		return rf_fail_system(error, RF_CODE_ATTACH, ret,
				      "ask for programs at ifindex %u, TCX %s", ifindex,
				      rf_tcx_hook_name(direction));
	for (uint32_t i = 0; i < programs.count && !ret; i++) {
		bool ours = false;

		if (programs.programs[i] != objects->program_ids[direction])
			ret = rf_program_is_ours(programs.programs[i], direction, &ours);
		if (ret)
			return rf_fail_system(error, RF_CODE_ATTACH, ret,
					      "ask for the name of program %u",
					      programs.programs[i]);
		if (ours)
			ret = rf_tcx_detach_link(programs.links[i], ifindex, direction, error);
	}
	return ret;
}

int rf_tcx_attach(const struct rf_objects *objects, const struct rf_attach_point *point,
		  struct rf_error *error)
{
	for (size_t direction = 0; direction < RF_DIRECTIONS; direction++) {
		int ret = attach_one(objects, point, direction, error);

		if (!ret)
			ret = retire_others(objects, point->ifindex, direction, error);
		if (ret)
			return ret;
	}
	return 0;
}
