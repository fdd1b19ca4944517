// SPDX-License-Identifier: Apache-2.0
#include "dataplane/capabilities.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* include/linux/proc_ns.h, PROC_USER_INIT_INO: the inode of the host's own user namespace. */
#define INITIAL_USER_NAMESPACE 0xEFFFFFFDu

/*
 * CAP_BPF and CAP_PERFMON are not among them: CAP_SYS_ADMIN, without which there is no entering a
 * network namespace, stands for both.
 */
static const struct {
	unsigned int number;
	const char *name;
	const char *purpose;
} needed[] = {
	{CAP_SYS_ADMIN, "CAP_SYS_ADMIN",
	 "to enter the pod's network namespace, to mount bpffs, and to load and pin programs"},
	{CAP_NET_ADMIN, "CAP_NET_ADMIN", "to attach programs to an interface, and to detach them"},
};
#define NEEDED_COUNT (sizeof(needed) / sizeof(needed[0]))

static bool is_in_user_namespace(void)
{
	struct stat own;

	return !stat("/proc/self/ns/user", &own) && own.st_ino != INITIAL_USER_NAMESPACE;
}

static int refuse(const bool missing[NEEDED_COUNT], struct rf_error *error)
{
	char names[64] = "", purposes[256] = "";
	size_t names_length = 0, purposes_length = 0;
	bool several = false;

	for (size_t i = 0; i < NEEDED_COUNT; i++) {
		if (!missing[i])
			continue;
		several = names_length;
		names_length += snprintf(names + names_length, sizeof(names) - names_length, "%s%s",
					 several ? " and " : "", needed[i].name);
		purposes_length +=
			snprintf(purposes + purposes_length, sizeof(purposes) - purposes_length,
				 "%s is needed %s; ", needed[i].name, needed[i].purpose);
	}
	rf_error_hint(error, "%srun the runtime as root with %s (systemd: CapabilityBoundingSet=)",
		      purposes, several ? "them" : "it");
	return rf_fail(error, RF_CODE_PRIVILEGE, -EPERM, "%s %s missing", names,
		       several ? "are" : "is");
}

int rf_capabilities_check(struct rf_error *error)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
	bool missing[NEEDED_COUNT], any = false;

	if (syscall(SYS_capget, &header, data))
		return rf_fail_system(error, RF_CODE_PRIVILEGE, -errno,
				      "read the process's capabilities");
	for (size_t i = 0; i < NEEDED_COUNT; i++) {
		missing[i] = !(data[0].effective & 1u << needed[i].number);
		any |= missing[i];
	}
	if (any)
		return refuse(missing, error);
	if (is_in_user_namespace()) {
		rf_error_hint(error, "run the runtime as the host's own root, not rootless and "
				     "not in a container with a user namespace");
		return rf_fail(error, RF_CODE_PRIVILEGE, -EPERM,
			       "this process is in a user namespace, where the kernel lets nobody "
			       "load programs");
	}
	return 0;
}

void rf_capabilities_explain(struct rf_error *error)
{
	struct rf_error reason = {};

	if (error->details[0])
		return;
	if (rf_capabilities_check(&reason))
		rf_error_hint(error, "%s: %s", reason.message, reason.details);
	else
		rf_error_hint(error, "this process has the capabilities that are needed: a "
				     "seccomp filter or a security module forbids it");
}
