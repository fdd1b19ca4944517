// SPDX-License-Identifier: Apache-2.0
#include "dataplane/mounts.h"
#include "netconf/cleanup.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* A line of mountinfo: "36 35 98:0 /root /mount/point options [tags] - type source options". */
struct mount {
	unsigned int id;
	unsigned int parent;
	char point[256];
	char kind[32];
};

static bool parse(const char *line, struct mount *out)
{
	const char *kind = strstr(line, " - ");
	char *rest;

	out->id = strtoul(line, &rest, 10);
	out->parent = strtoul(rest, &rest, 10);
	return kind && sscanf(rest, "%*s %*s %255s", out->point) == 1 &&
	       sscanf(kind, " - %31s", out->kind) == 1;
}

static bool find(unsigned int id, struct mount *out)
{
	_cleanup_file_ FILE *file = fopen("/proc/self/mountinfo", "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) > 0)
		if (parse(line, out) && out->id == id)
			return true;
	return false;
}

/*
 * The parent decides, not how often the path occurs: below a /sys that is itself mounted over,
 * another mount with this path may be hidden, and is none of our business.
 */
bool rf_mount_covers(const char *path, struct rf_mount_cover *cover)
{
	struct mount top, below;
	struct statx status;

	if (statx(AT_FDCWD, path, 0, STATX_MNT_ID, &status) || !(status.stx_mask & STATX_MNT_ID))
		return false;
	if (!find(status.stx_mnt_id, &top) || strcmp(top.point, path) ||
	    !find(top.parent, &below) || strcmp(below.point, path))
		return false;
	memcpy(cover->kind, top.kind, sizeof(top.kind));
	memcpy(cover->hidden, below.kind, sizeof(below.kind));
	return true;
}
