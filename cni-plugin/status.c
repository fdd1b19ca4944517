// SPDX-License-Identifier: Apache-2.0
#include "cni-plugin/call.h"
#include "dataplane/bpffs.h"
#include "dataplane/objects.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What it takes to load and attach the programs, and to enter a network namespace. */
static int check_capabilities(struct rf_error *error)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	if (syscall(SYS_capget, &header, data))
		return rf_fail_system(error, RF_CODE_UNAVAILABLE, -errno,
				      "read the process's capabilities");
	if (data[0].effective & 1u << CAP_SYS_ADMIN && data[0].effective & 1u << CAP_NET_ADMIN)
		return 0;
	return rf_fail(error, RF_CODE_UNAVAILABLE, -EPERM,
		       "CAP_SYS_ADMIN and CAP_NET_ADMIN are needed, and this process lacks them");
}

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
	ret = check_capabilities(error);
	if (ret)
		return ret;
	ret = rf_objects_open(&objects, error);
	if (ret && ret != -ENOENT)
		error->code = RF_CODE_UNAVAILABLE;
	return ret == -ENOENT ? 0 : ret;
}
