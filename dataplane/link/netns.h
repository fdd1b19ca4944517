/* SPDX-License-Identifier: Apache-2.0 */
/* Network namespaces: opening the container's, and doing things in it. */
#ifndef RINGFENCE_DATAPLANE_NETNS_H
#define RINGFENCE_DATAPLANE_NETNS_H

#include "netconf/error.h"

#include <stdbool.h>
#include <stdint.h>

/* The inode of the namespace that this thread is in, by which nsfs tells it from others; 0 if it
 * cannot be known. */
uint32_t rf_netns_own(void);

/*
 * Open the network namespace at @path. Refused (NETNS) if it cannot be opened, is something else,
 * or is the one that this process is in, unless @own_allowed. The caller owns *@fd.
 */
int rf_netns_open(const char *path, bool own_allowed, int *fd, struct rf_error *error);

/*
 * Move this thread into the namespace @netns. *@previous is the one that it was in, and the
 * caller's: rf_netns_leave() goes back to it and closes it.
 */
int rf_netns_enter(int netns, int *previous, struct rf_error *error);

/* Back to *@previous, which is closed. NETNS if that fails: the process must not go on then. */
int rf_netns_leave(int *previous, struct rf_error *error);

#endif
