/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the kernel has our programs at an interface, asked of it alone: needs no pins. */
#ifndef RINGFENCE_DATAPLANE_ATTACH_PRESENCE_H
#define RINGFENCE_DATAPLANE_ATTACH_PRESENCE_H

#include "dataplane/attach/attach.h"

/*
 * 1 if a program of ringfence is attached at @point in both directions, whatever load it is of; 0
 * if one is missing; -errno if the kernel does not say (-EPERM: TCX is asked for with
 * CAP_NET_ADMIN).
 */
int rf_attach_is_present(const struct rf_attach_point *point);

/*
 * True if a program of ringfence that uses map @map, by the kernel's id, is at a hook of @ifindex;
 * also if the kernel does not say. False if there is no such interface in this netns.
 */
bool rf_attach_uses_map(uint32_t ifindex, uint32_t map);

#endif
