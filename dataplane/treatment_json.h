/* SPDX-License-Identifier: Apache-2.0 */
/* A treatment in an attachment's record; the keys are those of the network configuration. */
#ifndef RINGFENCE_DATAPLANE_TREATMENT_JSON_H
#define RINGFENCE_DATAPLANE_TREATMENT_JSON_H

#include "netconf/treatment.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

/* False if memory is out. */
bool rf_treatment_add(cJSON *record, const struct rf_treatment *treatment);

/* What @record, which may be of an earlier version, does not have is 0. -EINVAL if it is broken. */
int rf_treatment_take(const cJSON *record, struct rf_treatment *out);

#endif
