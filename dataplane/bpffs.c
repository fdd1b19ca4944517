// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bpffs.h"
#include "dataplane/mounts.h"
#include "dataplane/paths.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

/* The root of a bpffs has mode 1777 unless it is mounted with another: anybody may have been there
 * first. */
#define WRITABLE_BY_OTHERS (S_IWGRP | S_IWOTH)

static int look(struct statfs *filesystem, struct rf_error *error)
{
	int ret;

	if (!statfs(RF_BPFFS_MOUNT, filesystem))
		return 0;
	ret = -errno;
	if (ret == -ENOENT)
		rf_error_hint(error, "is sysfs mounted at /sys, and the kernel built with "
				     "CONFIG_BPF_SYSCALL? mount -t sysfs sysfs /sys");
	return rf_fail_system(error, RF_CODE_BPFFS, ret, "look at %s, where bpffs is mounted",
			      RF_BPFFS_MOUNT);
}

static int refuse_other(struct rf_error *error)
{
	struct rf_mount_cover cover;

	if (rf_mount_covers(RF_BPFFS_MOUNT, &cover) && !strcmp(cover.hidden, "bpf")) {
		rf_error_hint(error, "umount %s to have back what is pinned there", RF_BPFFS_MOUNT);
		return rf_fail(error, RF_CODE_BPFFS, -EBUSY,
			       "a file system of type %s is mounted over the bpffs at %s",
			       cover.kind, RF_BPFFS_MOUNT);
	}
	rf_error_hint(error, "mount it: mount -t bpf bpffs " RF_BPFFS_MOUNT);
	return rf_fail(error, RF_CODE_BPFFS, -ENODEV, "no bpffs is mounted at %s", RF_BPFFS_MOUNT);
}

int rf_bpffs_check(struct rf_error *error)
{
	struct statfs filesystem;
	int ret = look(&filesystem, error);

	if (ret)
		return ret;
	if (filesystem.f_type != BPF_FS_MAGIC)
		return refuse_other(error);
	if (filesystem.f_flags & ST_RDONLY) {
		rf_error_hint(error,
			      "make it writable: mount -o remount,rw " RF_BPFFS_MOUNT
			      "; in a container, mount the host's " RF_BPFFS_MOUNT " read-write");
		return rf_fail(error, RF_CODE_BPFFS, -EROFS, "the bpffs at %s is read-only",
			       RF_BPFFS_MOUNT);
	}
	return 0;
}

int rf_bpffs_ensure(struct rf_error *error)
{
	struct rf_error absent = {};
	int ret = rf_bpffs_check(&absent);

	if (ret != -ENODEV) {
		if (ret && error)
			*error = absent;
		return ret;
	}
	if (!mount("bpffs", RF_BPFFS_MOUNT, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700"))
		return 0;
	ret = -errno;
	rf_error_hint(error,
		      "mount it on the host, before the runtime starts: mount -t bpf bpffs %s",
		      RF_BPFFS_MOUNT);
	return rf_fail_system(error, RF_CODE_BPFFS, ret, "mount bpffs at %s", RF_BPFFS_MOUNT);
}

int rf_bpffs_check_directory(const char *path, struct rf_error *error)
{
	struct stat status;

	if (lstat(path, &status))
		return errno == ENOENT
			       ? -ENOENT
			       : rf_fail_system(error, RF_CODE_BPFFS, -errno, "look at %s", path);
	if (!S_ISDIR(status.st_mode)) {
		rf_error_hint(error, "remove it: rm %s", path);
		return rf_fail(error, RF_CODE_BPFFS, -ENXIO, "%s is %s, not a directory", path,
			       S_ISLNK(status.st_mode) ? "a symbolic link" : "a pin");
	}
	if (status.st_uid || status.st_mode & WRITABLE_BY_OTHERS) {
		rf_error_hint(error,
			      "if what is in it is ringfence's, and nobody else's: chown root:root "
			      "%s; chmod 0700 %s; else remove it",
			      path, path);
		return rf_fail(error, RF_CODE_BPFFS, -ENXIO,
			       "%s is of user %u with mode %04o: others than root can change it",
			       path, status.st_uid, status.st_mode & 07777);
	}
	return 0;
}

int rf_bpffs_replace_pin(int fd, const char *what, const char *path, struct rf_error *error)
{
	char temporary[PATH_MAX];
	int ret;

	snprintf(temporary, sizeof(temporary), "%s" RF_PIN_UNFINISHED, path);
	/* Of a call that was killed. */
	if (unlink(temporary) && errno != ENOENT)
		return rf_fail_system(error, RF_CODE_BPFFS, -errno, "remove stale %s %s", what,
				      temporary);
	if (bpf_obj_pin(fd, temporary))
		return rf_fail_system(error, RF_CODE_BPFFS, -errno, "pin %s %s", what, temporary);
	if (!rename(temporary, path))
		return 0;
	ret = rf_fail_system(error, RF_CODE_BPFFS, -errno, "rename %s %s to %s", what, temporary,
			     path);
	unlink(temporary);
	return ret;
}

void rf_bpffs_explain(struct rf_error *error)
{
	struct rf_mount_cover cover;
	struct rf_error reason = {};

	if (rf_bpffs_check(&reason))
		rf_error_hint(error, "%s; %s", reason.message, reason.details);
	else if (rf_mount_covers(RF_BPFFS_MOUNT, &cover))
		rf_error_hint(error,
			      "a file system of type %s is mounted over another one of type %s at "
			      "%s: umount %s to have back what is pinned there",
			      cover.kind, cover.hidden, RF_BPFFS_MOUNT, RF_BPFFS_MOUNT);
}
