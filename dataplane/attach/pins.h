/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pins of TCX links, looked at all together: whose they are, and whether their links are still
 * attached. A pinned link outlives its interface.
 */
#ifndef RINGFENCE_DATAPLANE_ATTACH_PINS_H
#define RINGFENCE_DATAPLANE_ATTACH_PINS_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

struct rf_pin {
	uint64_t owner;
	char path[96];
};

struct rf_pins {
	struct rf_pin *items; /* in no order */
	size_t count;
};

enum rf_pin_state {
	RF_PIN_NONE,     /* the owner has no pins */
	RF_PIN_DETACHED, /* all of them are of interfaces that are gone, in whichever netns */
	RF_PIN_ATTACHED, /* at least one is attached */
};

/* List them. On success the caller owns *@out (rf_pins_free()). 0 or -ENOMEM. */
int rf_pins_list(struct rf_pins *out);

enum rf_pin_state rf_pins_state(const struct rf_pins *pins, uint64_t owner);

/* Remove those of @owner; what is attached, the kernel then detaches. */
void rf_pins_remove(const struct rf_pins *pins, uint64_t owner);

void rf_pins_free(struct rf_pins *pins);
#define _cleanup_pins_ __attribute__((cleanup(rf_pins_free)))

#endif
