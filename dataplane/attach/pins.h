/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pins of TCX links, looked at all together: whose they are, and whether their links are still
 * attached. A pinned link outlives its interface.
 */
#ifndef RINGFENCE_DATAPLANE_ATTACH_PINS_H
#define RINGFENCE_DATAPLANE_ATTACH_PINS_H

#include <stddef.h>
#include <stdint.h>

enum rf_pins_state {
	RF_PINS_NONE,     /* the owner has none */
	RF_PINS_DETACHED, /* their interface is gone, in whichever netns it was */
	RF_PINS_ATTACHED, /* one of them, or both */
};

/*
 * The owners of all pins, in no order; one may be there several times. *@owners is malloc()ed and
 * the caller's. Returns 0 or -ENOMEM; what cannot be read is left out.
 */
int rf_pins_list(uint64_t **owners, size_t *count);

enum rf_pins_state rf_pins_state(uint64_t owner);

/* Remove those of @owner; what is attached, the kernel then detaches. What cannot be removed stays.
 */
void rf_pins_remove(uint64_t owner);

#endif
