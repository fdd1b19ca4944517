/* SPDX-License-Identifier: Apache-2.0 */
/* What a reload has come to, as it is printed. */
#ifndef RINGFENCE_CTL_POLICY_RELOAD_REPORT_H
#define RINGFENCE_CTL_POLICY_RELOAD_REPORT_H

#include "dataplane/policy/reload.h"

/* Failures to stderr, the rest to stdout; as @json everything to stdout. Pods that stay unchanged
 * are named if @is_verbose. */
void reload_report_print(const struct rf_reload *reload, bool json, bool is_verbose,
			 bool is_dry_run);

#endif
