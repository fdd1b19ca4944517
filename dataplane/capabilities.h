/* SPDX-License-Identifier: Apache-2.0 */
/* The rights that the plugin must have on the host: asked for first, so that no step fails without
 * saying why. */
#ifndef RINGFENCE_DATAPLANE_CAPABILITIES_H
#define RINGFENCE_DATAPLANE_CAPABILITIES_H

#include "netconf/error.h"

/*
 * PRIVILEGE, -EPERM, if this process lacks a capability that an attachment needs, each named, or if
 * it is in a user namespace, in which capabilities do not count for BPF.
 */
int rf_capabilities_check(struct rf_error *error);

/*
 * Give @error, of a call that the kernel did not permit, the reason as its details, unless it has
 * some. For what does without the check: DEL removes with whatever rights it has.
 */
void rf_capabilities_explain(struct rf_error *error);

#endif
