/* SPDX-License-Identifier: Apache-2.0 */
/* The BPF file system, where programs, maps and links are pinned. */
#ifndef RINGFENCE_DATAPLANE_BPFFS_H
#define RINGFENCE_DATAPLANE_BPFFS_H

#include "netconf/error.h"

/*
 * BPFFS unless a bpffs that can be written is mounted at /sys/fs/bpf: -ENODEV if none is, -EBUSY if
 * something else is mounted over it, -EROFS if it is read-only, another -errno if there is no such
 * directory. With the way to mend it.
 */
int rf_bpffs_check(struct rf_error *error);

/* Mount it if none is; never over what hides one, or there would be two sets of pins. Else the
 * same.
 */
int rf_bpffs_ensure(struct rf_error *error);

/*
 * Our directory in it, or one below. -ENOENT without an error filled if there is none; BPFFS,
 * -ENXIO, if something else is in its place, or somebody else could have put something into it.
 */
int rf_bpffs_check_directory(const char *path, struct rf_error *error);

/* Give @error, of something that should be pinned and is not, the reason as its details, if it is
 * what is mounted. */
void rf_bpffs_explain(struct rf_error *error);

/* Follows the name of a pin while it is made. bpffs takes no dots in names. A kill may leave it. */
#define RF_PIN_UNFINISHED "_new"

/*
 * Pin the object @fd, a @what ("link"), at @path, in the place of what is pinned there, by one
 * rename. BPFFS; -ENOENT or -EEXIST if another call did the same just now.
 */
int rf_bpffs_replace_pin(int fd, const char *what, const char *path, struct rf_error *error);

#endif
