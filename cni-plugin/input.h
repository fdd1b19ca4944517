/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin's stdin. */
#ifndef RINGFENCE_CNI_PLUGIN_INPUT_H
#define RINGFENCE_CNI_PLUGIN_INPUT_H

#include <stddef.h>

/*
 * Read stdin to its end into *@text, malloc()ed, the caller's. With @patience_ms of 0 or more, stop
 * also when nothing came for so long: a runtime that leaves stdin open is not waited for. 0 or
 * -errno; -EFBIG above 64 MiB.
 */
int input_read(int patience_ms, char **text, size_t *length);

#endif
