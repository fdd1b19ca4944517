/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pins of TCX links, looked at all together: whose they are, and whether their links are still
 * attached. A pinned link outlives its interface.
 */
#ifndef RINGFENCE_DATAPLANE_ATTACH_PINS_H
#define RINGFENCE_DATAPLANE_ATTACH_PINS_H

#include "netconf/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The owners of all pins, each once, in no order. *@owners is malloc()ed and the caller's. Returns
 * 0 or -ENOMEM; what cannot be read is left out.
 */
int rf_pins_list(uint64_t **owners, size_t *count);

/* True if a link of @owner is attached, in whichever netns; also if that cannot be asked just now.
 */
bool rf_pins_are_attached(uint64_t owner);

/*
 * Remove those of @owner; what is attached, the kernel then detaches. 0, also if there are none, or
 * the first failure, BPFFS, behind which the other is removed all the same.
 */
int rf_pins_remove(uint64_t owner, struct rf_error *error);

#endif
