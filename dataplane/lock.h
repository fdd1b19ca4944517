/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock of the node: ids are allocated and maps and records are written under it, in short
 * sections. It is never held while the kernel attaches, which may take a grace period. And the lock
 * of one attachment, which is held from beginning to end of what is done with it. And the lock of
 * upgrades, which keeps two apart and nobody else waiting.
 */
#ifndef RINGFENCE_DATAPLANE_LOCK_H
#define RINGFENCE_DATAPLANE_LOCK_H

#include "netconf/error.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Take the lock, and make the directories under /run/ringfence where they are missing. *@fd holds
 * it until it is closed (or the process ends, however). TRY_AGAIN (-EAGAIN) after 20 s without it.
 */
int rf_lock(int *fd, struct rf_error *error);

/* The same for work that can wait for another time: false if somebody else has the lock. */
bool rf_lock_if_free(int *fd);

/*
 * As rf_lock(), for the attachment of @owner alone, while those of others go on: of calls for one
 * pod that a runtime makes at once, one begins when another has ended. Take it before rf_lock().
 */
int rf_lock_attachment(uint64_t owner, int *fd, struct rf_error *error);

/*
 * The lock of upgrades; false if somebody else has it. Take it before the other two. Whoever has
 * the lock of an attachment must not ask for it.
 */
bool rf_lock_upgrade_if_free(int *fd);

#endif
