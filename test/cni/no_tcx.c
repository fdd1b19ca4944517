// SPDX-License-Identifier: Apache-2.0
/*
 * Makes the kernel look like one before 6.6: with LD_PRELOAD, bpf() answers for TCX as
 * bpf_prog_query() and link_create() of such a kernel do when they do not know the attach type.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/bpf.h of 6.6 */
#define TCX_INGRESS 46
#define TCX_EGRESS  47

#define ARGUMENTS 6

static int is_tcx(__u32 attach_type)
{
	return attach_type == TCX_INGRESS || attach_type == TCX_EGRESS;
}

static int is_unknown(long command, const union bpf_attr *attributes)
{
	return (command == BPF_PROG_QUERY && is_tcx(attributes->query.attach_type)) ||
	       (command == BPF_LINK_CREATE && is_tcx(attributes->link_create.attach_type));
}

/* libbpf calls bpf() by syscall(3). */
long syscall_without_tcx(long number, ...) __asm__("syscall");

long syscall_without_tcx(long number, ...)
{
	long (*next)(long number, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	long values[ARGUMENTS];
	va_list arguments;

	va_start(arguments, number);
	for (int i = 0; i < ARGUMENTS; i++) {
		// NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, by va_start()
		values[i] = va_arg(arguments, long);
	}
	va_end(arguments);
	if (number == SYS_bpf && is_unknown(values[0], (const union bpf_attr *)values[1])) {
		errno = EINVAL;
		return -1;
	}
	return next(number, values[0], values[1], values[2], values[3], values[4], values[5]);
}
