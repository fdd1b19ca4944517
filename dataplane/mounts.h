/* SPDX-License-Identifier: Apache-2.0 */
/* What is mounted where, as /proc/self/mountinfo has it: proc(5). */
#ifndef RINGFENCE_DATAPLANE_MOUNTS_H
#define RINGFENCE_DATAPLANE_MOUNTS_H

#include <stdbool.h>

struct rf_mount_cover {
	char kind[32];   /* the file system that one sees, */
	char hidden[32]; /* and the one below it */
};

/*
 * True if what one sees at the mount point @path is mounted over another mount at just that path,
 * which is therefore hidden.
 */
bool rf_mount_covers(const char *path, struct rf_mount_cover *cover);

#endif
