// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attach/tcx.h"
#include "dataplane/load.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <inttypes.h>
#include <limits.h>
#include <time.h>

/* linux/bpf.h of 6.6; older headers lack them (enum bpf_attach_type, and the flags of bpf_mprog).
 */
#define TCX_INGRESS  46
#define TCX_EGRESS   47
#define MPROG_BEFORE (1u << 3)

#define ATTACH_ATTEMPTS 200
#define ATTACH_PAUSE    (10L * 1000 * 1000) /* ns */

/* The hook is named as the host sees it: what comes from the pod enters here. */
static const int hooks[RF_DIRECTIONS] = {
	[RF_INGRESS] = TCX_EGRESS,
	[RF_EGRESS] = TCX_INGRESS,
};

static const char *const pin_suffixes[RF_DIRECTIONS] = {
	[RF_INGRESS] = "to_pod",
	[RF_EGRESS] = "from_pod",
};

static void pin_path(char path[PATH_MAX], uint64_t owner, size_t direction)
{
	snprintf(path, PATH_MAX, RF_PIN_DIRECTORY "/links/%016" PRIx64 "_%s", owner,
		 pin_suffixes[direction]);
}

int rf_tcx_probe(uint32_t ifindex)
{
	__u32 count = 0;

	if (!bpf_prog_query((int)ifindex, TCX_INGRESS, 0, NULL, NULL, &count))
		return 0;
	/* kernel/bpf/syscall.c, bpf_prog_query(): a kernel that does not know the attach type. */
	return errno == EINVAL ? -EOPNOTSUPP : -errno;
}

static int link_information(int link, struct bpf_link_info *information)
{
	__u32 size = sizeof(*information);

	*information = (struct bpf_link_info){};
	return bpf_obj_get_info_by_fd(link, information, &size) ? -errno : 0;
}

/* struct bpf_link_info.tcx of 6.6: ifindex is the first member of the union. */
static uint32_t link_ifindex(const struct bpf_link_info *information)
{
	return information->xdp.ifindex;
}

/* True if the pin at @path is a link of @program to @ifindex that is alive. */
static bool is_current(const char *path, uint32_t ifindex, uint32_t program)
{
	_cleanup_close_ int link = bpf_obj_get(path);
	struct bpf_link_info information;

	return link >= 0 && !link_information(link, &information) &&
	       information.prog_id == program && link_ifindex(&information) == ifindex;
}

static int make_link(const struct rf_objects *objects, const struct rf_attach_point *point,
		     size_t direction, const char *path, struct rf_error *error)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = MPROG_BEFORE);
	_cleanup_close_ int link = -1;

	/* A pin that outlived its interface, or of an earlier load. */
	if (unlink(path) && errno != ENOENT)
		return rf_fail_system(error, RF_CODE_BPFFS, -errno, "remove stale link %s", path);
	link = bpf_link_create(objects->programs[direction], (int)point->ifindex, hooks[direction],
			       &options);
	if (link < 0)
		return rf_fail_system(error, RF_CODE_ATTACH, -errno,
				      "attach program %s to ifindex %u by TCX",
				      pin_suffixes[direction], point->ifindex);
	if (bpf_obj_pin(link, path))
		return rf_fail_system(error, RF_CODE_BPFFS, -errno, "pin link %s", path);
	return 0;
}

/*
 * EEXIST: another call for the same pod is making the link just now, or the kernel has not yet
 * detached one whose pin was removed a moment ago (it does so after a grace period).
 */
static int attach_one(const struct rf_objects *objects, const struct rf_attach_point *point,
		      size_t direction, struct rf_error *error)
{
	const struct timespec pause = {.tv_nsec = ATTACH_PAUSE};
	char path[PATH_MAX];
	int ret;

	pin_path(path, point->owner, direction);
	for (int attempt = 1;; attempt++) {
		if (is_current(path, point->ifindex, objects->program_ids[direction]))
			return 0;
		ret = make_link(objects, point, direction, path, error);
		if (ret != -EEXIST || attempt == ATTACH_ATTEMPTS)
			return ret;
		nanosleep(&pause, NULL);
	}
}

int rf_tcx_attach(const struct rf_objects *objects, const struct rf_attach_point *point,
		  struct rf_error *error)
{
	for (size_t direction = 0; direction < RF_DIRECTIONS; direction++) {
		int ret = attach_one(objects, point, direction, error);

		if (ret)
			return ret;
	}
	return 0;
}

int rf_tcx_detach(const struct rf_attach_point *point, struct rf_error *error)
{
	int result = 0;

	for (size_t direction = 0; direction < RF_DIRECTIONS; direction++) {
		char path[PATH_MAX];

		/* The pin is the last reference: the kernel detaches when it goes. */
		pin_path(path, point->owner, direction);
		if (unlink(path) && errno != ENOENT && !result)
			result = rf_fail_system(error, RF_CODE_ATTACH, -errno, "remove link %s",
						path);
	}
	return result;
}

int rf_tcx_check(const struct rf_objects *objects, const struct rf_attach_point *point,
		 struct rf_error *error)
{
	for (size_t direction = 0; direction < RF_DIRECTIONS; direction++) {
		char path[PATH_MAX];

		pin_path(path, point->owner, direction);
		if (!is_current(path, point->ifindex, objects->program_ids[direction]))
			return rf_fail(
				error, RF_CODE_NOT_IN_FORCE, -ENOENT,
				"program %s is not attached to ifindex %u: link %s is missing, "
				"of another program, or its interface is gone",
				pin_suffixes[direction], point->ifindex, path);
	}
	return 0;
}
