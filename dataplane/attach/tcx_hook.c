// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attach/tcx_hook.h"
#include "dataplane/attach/program.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

/* enum bpf_attach_type of 6.6: older headers lack them. */
#define TCX_INGRESS 46
#define TCX_EGRESS  47

/* union bpf_attr of 6.6, of BPF_PROG_QUERY: libbpf has no field for the links before 1.3. */
struct query {
	__u32 ifindex;
	__u32 attach_type;
	__u32 query_flags;
	__u32 attach_flags;
	__u64 programs;
	__u32 count;
	__u32 pad;
	__u64 program_attach_flags;
	__u64 links;
	__u64 link_attach_flags;
	__u64 revision;
};

int rf_tcx_attach_type(enum rf_direction direction)
{
	/* What comes from the pod enters the host. */
	return direction == RF_EGRESS ? TCX_INGRESS : TCX_EGRESS;
}

const char *rf_tcx_hook_name(enum rf_direction direction)
{
	return direction == RF_EGRESS ? "ingress" : "egress";
}

int rf_tcx_programs(uint32_t ifindex, enum rf_direction direction, struct rf_tcx_programs *out)
{
	struct query query;

	*out = (struct rf_tcx_programs){};
	query = (struct query){
		.ifindex = ifindex,
		.attach_type = rf_tcx_attach_type(direction),
		.programs = (uintptr_t)out->programs,
		.links = (uintptr_t)out->links,
		.count = RF_TCX_PROGRAMS_MAX,
	};
	if (syscall(SYS_bpf, BPF_PROG_QUERY, &query, sizeof(query))) {
		/* The first kernels that have TCX say so of a hook at which nothing is. */
		if (errno == ENOENT)
			return 0;
		/* kernel/bpf/syscall.c, bpf_prog_query(): a kernel that does not know the attach
		 * type, or the fields. */
		return errno == EINVAL ? -EOPNOTSUPP : -errno;
	}
	out->count = query.count;
	return 0;
}

uint32_t rf_tcx_place(const struct rf_tcx_programs *programs, uint32_t id)
{
	uint32_t place = 0;

	while (place < programs->count && programs->programs[place] != id)
		place++;
	return place;
}

int rf_tcx_detach_link(uint32_t id, uint32_t ifindex, enum rf_direction direction,
		       struct rf_error *error)
{
	_cleanup_close_ int link = bpf_link_get_fd_by_id(id);

	if (link < 0 ? errno == ENOENT : !bpf_link_detach(link))
		return 0;
	return rf_fail_system(error, RF_CODE_ATTACH, -errno,
			      "detach link %u from ifindex %u, TCX %s", id, ifindex,
			      rf_tcx_hook_name(direction));
}

int rf_tcx_refuse_foreign(const struct rf_tcx_programs *programs, uint32_t limit, uint32_t ifindex,
			  enum rf_direction direction, struct rf_error *error)
{
	char text[RF_PROGRAM_TEXT];

	for (uint32_t i = 0; i < limit; i++) {
		bool ours;
		int ret = rf_program_is_ours(programs->programs[i], direction, &ours);

		if (ret)
			return rf_fail_system(error, RF_CODE_ATTACH, ret,
					      "ask for the name of program %u",
					      programs->programs[i]);
		if (!ours)
			return rf_fail(error, RF_CODE_ATTACH, -EBUSY,
				       "%s at ifindex %u, TCX %s, is called before ringfence and "
				       "may hide packets from it",
				       rf_program_text(programs->programs[i], text), ifindex,
				       rf_tcx_hook_name(direction));
	}
	return 0;
}
