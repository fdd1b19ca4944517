/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose program it is that the kernel has at an interface: ringfence's (of this load of the
 * programs or of an earlier one), or another's; and for which attachment one of ours is there.
 */
#ifndef RINGFENCE_DATAPLANE_ATTACH_PROGRAM_H
#define RINGFENCE_DATAPLANE_ATTACH_PROGRAM_H

#include "bpf/abi.h"

#include <stdbool.h>
#include <stdint.h>

#define RF_PROGRAM_TEXT 48

/* `program 57 "name"` for messages; `program 57` if it cannot be asked. Valid as long as @text. */
const char *rf_program_text(uint32_t id, char text[RF_PROGRAM_TEXT]);

/*
 * *@ours: program @id is one of ringfence for @direction, by its name. One that is gone is not.
 * Returns 0 or -errno.
 */
int rf_program_is_ours(uint32_t id, enum rf_direction direction, bool *ours);

/*
 * *@uses: program @id is one of ringfence for @direction, by its name, and judges by map @map.
 * Returns 0 or -errno.
 */
int rf_program_uses(uint32_t id, enum rf_direction direction, uint32_t map, bool *uses);

/*
 * *@serves: program @id serves the attachment @owner at @ifindex, which is so if its own maps,
 * whatever is pinned, lead from there to that owner. It tells an attachment of ours from one of
 * another pod whose interface was given the same ifindex. Returns 0 or -errno.
 */
int rf_program_serves(uint32_t id, uint32_t ifindex, uint64_t owner, bool *serves);

#endif
