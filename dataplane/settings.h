/* SPDX-License-Identifier: Apache-2.0 */
/* What can change at run time, without a reload: the map `settings`. */
#ifndef RINGFENCE_DATAPLANE_SETTINGS_H
#define RINGFENCE_DATAPLANE_SETTINGS_H

#include "bpf/abi.h"

/* Settings of maps that are loaded anew. */
struct rf_settings rf_settings_default(void);

/* Write @settings into the map @map, a descriptor of `settings`; in force from the next packet on.
 * 0 or -errno. */
int rf_settings_write(int map, const struct rf_settings *settings);

#endif
