// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attach/tcx_pin.h"
#include "dataplane/bpffs.h"
#include "dataplane/load.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <inttypes.h>

static const char *const suffixes[RF_DIRECTIONS] = {
	[RF_INGRESS] = "to_pod",
	[RF_EGRESS] = "from_pod",
};

void rf_tcx_pin_path_of(char path[PATH_MAX], uint32_t abi, uint64_t owner,
			enum rf_direction direction)
{
	snprintf(path, PATH_MAX, RF_BPFFS_DIRECTORY "/v%u/links/%016" PRIx64 "_%s", abi, owner,
		 suffixes[direction]);
}

void rf_tcx_pin_path(char path[PATH_MAX], uint64_t owner, enum rf_direction direction)
{
	rf_tcx_pin_path_of(path, RF_ABI, owner, direction);
}

static void temporary_path(char path[PATH_MAX], uint64_t owner, enum rf_direction direction)
{
	snprintf(path, PATH_MAX, RF_PIN_DIRECTORY "/links/%016" PRIx64 "_%s" RF_PIN_UNFINISHED,
		 owner, suffixes[direction]);
}

struct rf_tcx_link rf_tcx_pin_open(uint64_t owner, enum rf_direction direction)
{
	struct rf_tcx_link link = {};
	struct bpf_link_info information = {};
	__u32 size = sizeof(information);
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX];

	rf_tcx_pin_path(path, owner, direction);
	fd = bpf_obj_get(path);
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &information, &size)) {
		link.fd = -errno;
		return link;
	}
	link.id = information.id;
	link.program = information.prog_id;
	/* struct bpf_link_info.tcx of 6.6: ifindex is the first member of the union. */
	link.ifindex = information.xdp.ifindex;
	link.fd = TAKE_FD(fd);
	return link;
}

int rf_tcx_pin_put(int link, uint64_t owner, enum rf_direction direction, struct rf_error *error)
{
	char path[PATH_MAX];

	rf_tcx_pin_path(path, owner, direction);
	return rf_bpffs_replace_pin(link, "link", path, error);
}

/*
 * Where there is no directory, or something else in its place, there is no pin. In a bpffs that is
 * read-only it stays, and must not keep a DEL from succeeding: its link can be detached all the
 * same.
 */
static int remove_pin(const char *path, bool *removed, struct rf_error *error)
{
	*removed = !unlink(path);
	if (*removed || errno == ENOENT || errno == ENOTDIR || errno == EROFS)
		return 0;
	return rf_fail_system(error, RF_CODE_BPFFS, -errno, "remove link %s", path);
}

int rf_tcx_pin_remove(uint64_t owner, enum rf_direction direction, bool *removed,
		      struct rf_error *error)
{
	char path[PATH_MAX], temporary[PATH_MAX];
	int ret;

	rf_tcx_pin_path(path, owner, direction);
	temporary_path(temporary, owner, direction);
	ret = remove_pin(temporary, removed, error);
	return ret ? ret : remove_pin(path, removed, error);
}
