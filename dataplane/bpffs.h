/* SPDX-License-Identifier: Apache-2.0 */
/* The BPF file system, where programs, maps and links are pinned. */
#ifndef RINGFENCE_DATAPLANE_BPFFS_H
#define RINGFENCE_DATAPLANE_BPFFS_H

#include "netconf/error.h"

#include <stdbool.h>

/* True if a bpffs is mounted at /sys/fs/bpf. */
bool rf_bpffs_is_mounted(void);

/* Mount it if it is not (BPFFS on failure, with the way to mend it). */
int rf_bpffs_ensure(struct rf_error *error);

#endif
