// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bpffs.h"
#include "dataplane/paths.h"
#include "netconf/cleanup.h"

#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/vfs.h>

bool rf_bpffs_is_mounted(void)
{
	struct statfs filesystem;

	return !statfs(RF_BPFFS_MOUNT, &filesystem) && filesystem.f_type == BPF_FS_MAGIC;
}

int rf_bpffs_ensure(struct rf_error *error)
{
	int ret;

	if (rf_bpffs_is_mounted())
		return 0;
	if (!mount("bpffs", RF_BPFFS_MOUNT, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700"))
		return 0;
	ret = -errno;
	rf_error_hint(error, "mount it: mount -t bpf bpffs " RF_BPFFS_MOUNT);
	return rf_fail_system(error, RF_CODE_BPFFS, ret, "mount bpffs at %s", RF_BPFFS_MOUNT);
}
