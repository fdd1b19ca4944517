// SPDX-License-Identifier: Apache-2.0
/* What the kernel has, asked of it, and what this process may. */
#include "ctl/doctor/doctor.h"
#include "dataplane/attach/clsact_hook.h"
#include "dataplane/attach/tcx_hook.h"
#include "dataplane/capabilities.h"
#include "dataplane/memlock.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <sys/resource.h>

#define LOOPBACK       1                    /* the ifindex of lo in every network namespace */
#define NEEDED_MEMLOCK (UINT64_C(90) << 20) /* with the default sizes of maps */
#define JIT_SETTING    "/proc/sys/net/core/bpf_jit_enable"

static bool check_bpf(struct doctor *doctor)
{
	__u32 next;

	if (!bpf_map_get_next_id(0, &next) || errno == ENOENT)
		return true;
	if (errno == ENOSYS)
		doctor_fix(doctor_find(doctor, FINDING_FAULT, "the kernel has no BPF"),
			   "use a kernel with CONFIG_BPF_SYSCALL, Linux 5.10 or later");
	else
		doctor_fix(doctor_find(doctor, FINDING_FAULT, "the kernel does not permit BPF: %s",
				       strerror(errno)),
			   "run ringfencectl as root of the host, with CAP_SYS_ADMIN");
	return false;
}

/* What is loaded needs no trial. */
static void check_programs(struct doctor *doctor)
{
	struct rf_tcx_programs programs;
	int ret = rf_tcx_programs(LOOPBACK, RF_INGRESS, &programs);

	rf_clsact_quiet();
	if (!doctor->objects && libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SCHED_CLS, NULL) == 0)
		doctor_fix(doctor_find(doctor, FINDING_FAULT,
				       "the kernel takes no programs for interfaces"),
			   "use a kernel with CONFIG_NET_CLS_BPF and CONFIG_NET_CLS_ACT");
	else if (!doctor->objects && access("/sys/kernel/btf/vmlinux", F_OK))
		doctor_fix(doctor_find(doctor, FINDING_FAULT,
				       "the kernel does not describe its types (BTF)"),
			   "use a kernel with CONFIG_DEBUG_INFO_BTF, and sysfs at /sys");
	else
		doctor_find(doctor, FINDING_OK, "programs are attached by %s",
			    ret == -EOPNOTSUPP ? "clsact: this kernel has no TCX (Linux 6.6)"
					       : "TCX");
}

/* Of what is loaded the kernel says it; the setting can be seen in the host's netns only. */
static bool is_interpreted(const struct doctor *doctor)
{
	struct bpf_prog_info information = {};
	__u32 size = sizeof(information);
	_cleanup_file_ FILE *file = NULL;

	if (doctor->objects)
		return !bpf_obj_get_info_by_fd(doctor->objects->programs[RF_INGRESS], &information,
					       &size) &&
		       !information.jited_prog_len;
	file = fopen(JIT_SETTING, "re");
	return file && fgetc(file) == '0';
}

static void check_compiler(struct doctor *doctor)
{
	cJSON *finding;

	if (!is_interpreted(doctor))
		return;
	finding = doctor_find(doctor, FINDING_WARNING, "programs are interpreted, not compiled");
	doctor_why(finding, "each packet costs several times as much");
	doctor_fix(finding, "sysctl -w net.core.bpf_jit_enable=1, and the same in /etc/sysctl.d; "
			    "what is loaded stays interpreted until it is loaded anew");
}

/* As a load does it: libbpf raises the limit, where that is permitted. */
static void check_memlock(struct doctor *doctor)
{
	const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
	struct rf_error error = {};
	struct rlimit limit;

	if (doctor->objects || getrlimit(RLIMIT_MEMLOCK, &limit) ||
	    limit.rlim_cur >= NEEDED_MEMLOCK || !setrlimit(RLIMIT_MEMLOCK, &unlimited))
		return;
	if (!rf_memlock_explain(NEEDED_MEMLOCK, &error))
		doctor_why(doctor_find_error(doctor, FINDING_WARNING, &error),
			   "a runtime that is limited so cannot load the programs");
}

void doctor_check_kernel(struct doctor *doctor)
{
	struct rf_error error = {};

	if (rf_capabilities_check(&error))
		doctor_find_error(doctor, FINDING_FAULT, &error);
	if (!check_bpf(doctor))
		return;
	check_programs(doctor);
	check_compiler(doctor);
	check_memlock(doctor);
}
