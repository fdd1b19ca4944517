/* SPDX-License-Identifier: Apache-2.0 */
/* The first load after boot: programs and maps into the kernel, and their pins. */
#ifndef RINGFENCE_DATAPLANE_LOAD_H
#define RINGFENCE_DATAPLANE_LOAD_H

#include "bpf/abi.h"
#include "dataplane/paths.h"
#include "netconf/error.h"
#include "netconf/netconf.h"

#include <stdbool.h>

#define RF_TEXT_(value)  #value
#define RF_TEXT(value)   RF_TEXT_(value)
#define RF_PIN_DIRECTORY RF_BPFFS_DIRECTORY "/v" RF_TEXT(RF_ABI)

/*
 * Load with @sizes and pin under RF_PIN_DIRECTORY, by one rename at the end. Call with the lock
 * held and bpffs mounted. BPFFS or LOAD on failure; what the kernel said of a refused program is in
 * the message.
 */
int rf_load(const struct rf_map_sizes *sizes, struct rf_error *error);

/* Remove what a load that was killed has left. With the lock held: another may be loading. */
void rf_load_discard(void);

/*
 * Call @found for each thing that earlier loads have left: an unfinished load, the policy files of
 * maps that are gone. With @remove each is removed then. With the lock held.
 */
void rf_load_leftovers(bool remove, void (*found)(const char *path, void *context), void *context);

#endif
