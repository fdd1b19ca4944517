// SPDX-License-Identifier: Apache-2.0
#include "netconf/treatment.h"

#include <stddef.h>

const char *const rf_mode_names[] = {
	[RF_MODE_ENFORCE] = "enforce",
	[RF_MODE_AUDIT] = "audit",
	NULL,
};
