# SPDX-License-Identifier: Apache-2.0
"""Which errors a system call is made to return: such as the kernel can really answer there, and each that the code
treats in a way of its own. The first one of a call is also the one that is made to last."""
import re

# name, a pattern of the call as strace prints it, errors. The first line that fits counts.
TABLE = [
    ("access", "", "EACCES"),
    ("bind", "", "ENOMEM EADDRINUSE"),
    ("bpf", "BPF_BTF_(LOAD|GET)", "EPERM ENOMEM"),
    ("bpf", "BPF_LINK_CREATE", "ENOMEM EEXIST EPERM"),
    ("bpf", "BPF_MAP_CREATE", "ENOMEM EPERM"),
    ("bpf", "BPF_MAP_(UPDATE|DELETE)_BATCH", "ENOMEM ENOSPC 524"),  # ENOTSUPP: tries before Linux 5.13
    ("bpf", "BPF_MAP_UPDATE_ELEM", "ENOMEM E2BIG EBUSY"),
    ("bpf", "BPF_MAP_DELETE_ELEM", "EBUSY ENOMEM"),
    ("bpf", "BPF_MAP_LOOKUP_BATCH", "ENOMEM ENOSPC"),
    ("bpf", "BPF_OBJ_GET,", "EMFILE"),
    ("bpf", "BPF_OBJ_PIN", "ENOSPC EEXIST"),
    ("bpf", "BPF_PROG_LOAD", "ENOMEM EAGAIN EACCES"),
    ("bpf", "BPF_PROG_QUERY", "ENOMEM EINVAL"),
    ("bpf", "", "EPERM"),
    ("brk", "", "retval=0"),  # it never fails but by leaving the break where it is
    ("capget", "", "EPERM"),
    ("clock_gettime", "", ""),
    ("close", "", ""),  # it closes even where it fails; one that is only said to have failed does not
    ("faccessat2?", "", "EACCES ENOSYS"),
    ("flock", "", "ENOLCK EAGAIN"),
    ("fcntl", "", "ENOLCK EAGAIN"),
    ("fstatfs", "", "EIO"),
    ("getdents64", "", "EIO"),
    ("getpid|exit_group|times", "", ""),  # cannot fail
    ("getrandom", "", "EAGAIN"),
    ("getsockname", "", "ENOBUFS"),
    ("ioctl", "", "ENOTTY"),
    ("link|linkat", "", "ENOSPC EROFS"),
    ("lseek", "", "EINVAL"),
    ("mkdir", "", "ENOSPC EROFS"),
    ("mmap", "", "ENOMEM"),
    ("mount", "", "EPERM EBUSY"),
    ("mprotect", "", "ENOMEM"),
    ("munmap", "", "ENOMEM"),
    ("newfstatat|fstat|stat", "", "EACCES"),
    ("openat", "", "EMFILE EIO"),
    ("poll", "", "ENOMEM EINTR"),
    ("prlimit64", "", "EPERM"),
    ("read", "", "EIO EINTR"),
    ("recvmsg", "", "ENOBUFS EAGAIN"),
    ("rename", "", "ENOSPC EROFS"),
    ("rmdir", "", "EACCES"),
    ("sendmsg|sendto", "", "ENOBUFS EINTR"),
    ("setns", "", "EPERM ENOMEM"),
    ("setsockopt", "", "ENOBUFS"),
    ("socket", "", "EMFILE ENOBUFS"),
    ("statfs", "", "EACCES"),
    ("umask", "", ""),
    ("uname", "", "EFAULT"),
    ("unlink", "/sys/fs/bpf/", "EACCES"),  # where it is read-only, a DEL leaves the pin: test/cni
    ("unlink|unlinkat", "", "EROFS EACCES"),
    ("utimensat", "", "EROFS"),
    ("write", "", "ENOSPC EINTR"),
]


def of(name, text):
    """The faults of a call, as strace's inject takes them, without the number of the call."""
    for names, pattern, errors in TABLE:
        if re.fullmatch(names, name) and re.search(pattern, text):
            return [error if "=" in error else "error=" + error for error in errors.split()]
    raise LookupError(f"test/faults/errors.py has no errors for {name}")
