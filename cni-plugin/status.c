// SPDX-License-Identifier: Apache-2.0
#include "cni-plugin/call.h"
#include "dataplane/bpffs.h"
#include "dataplane/objects.h"

#include <errno.h>
#include <unistd.h>

/* Runtimes ask often: look, and change nothing. */
int verb_status(struct call *call, struct rf_error *error)
{
	_cleanup_objects_ struct rf_objects objects = RF_OBJECTS_NONE;
	int ret;

	(void)call;
	if (!rf_bpffs_is_mounted()) {
		ret = rf_fail(error, RF_CODE_UNAVAILABLE, -ENODEV,
			      "no bpffs is mounted at /sys/fs/bpf");
		rf_error_hint(error, "mount it: mount -t bpf bpffs /sys/fs/bpf");
		return ret;
	}
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return rf_fail_system(error, RF_CODE_UNAVAILABLE, -errno,
				      "the kernel has no BTF (/sys/kernel/btf/vmlinux)");
	ret = rf_objects_open(&objects, error);
	if (ret && ret != -ENOENT)
		error->code = RF_CODE_UNAVAILABLE;
	return ret == -ENOENT ? 0 : ret;
}
