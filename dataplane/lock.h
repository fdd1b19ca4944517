/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one lock of the node: ids are allocated and maps and records are written under it, in short
 * sections. It is never held while the kernel attaches, which may take a grace period.
 */
#ifndef RINGFENCE_DATAPLANE_LOCK_H
#define RINGFENCE_DATAPLANE_LOCK_H

#include "netconf/error.h"

/*
 * Take the lock, and make the directories under /run/ringfence where they are missing. *@fd holds
 * it until it is closed (or the process ends, however). TRY_AGAIN (-EAGAIN) after 20 s without it.
 */
int rf_lock(int *fd, struct rf_error *error);

#endif
