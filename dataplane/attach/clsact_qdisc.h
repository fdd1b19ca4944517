/* SPDX-License-Identifier: Apache-2.0 */
/* The clsact qdisc, which carries filters: ours if we made it, or another's. */
#ifndef RINGFENCE_DATAPLANE_ATTACH_CLSACT_QDISC_H
#define RINGFENCE_DATAPLANE_ATTACH_CLSACT_QDISC_H

#include "netconf/error.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * ATTACH if the hook of @ifindex has another kind of qdisc, or filters that are shared with other
 * interfaces. A plain `ingress` qdisc would accept the egress filter and never call it. *@missing:
 * it has none.
 */
int rf_clsact_refuse_qdisc(uint32_t ifindex, bool *missing, struct rf_error *error);

/* Make it if it is not there; ATTACH as above if another one has appeared. */
int rf_clsact_make_qdisc(uint32_t ifindex, struct rf_error *error);

/* Remove it, unless somebody has a filter there; that it is gone is fine. */
int rf_clsact_remove_qdisc(uint32_t ifindex, struct rf_error *error);

#endif
