/* SPDX-License-Identifier: Apache-2.0 */
/* How ringfencectl writes an event. */
#ifndef RINGFENCE_CTL_EVENT_TEXT_H
#define RINGFENCE_CTL_EVENT_TEXT_H

#include "bpf/abi.h"
#include "ctl/pod_name.h"

/*
 * Print a line:
 *
 *   12:34:56.789 deny shop/web ingress tcp 10.0.0.9:40000 > 10.0.0.2:80: rule-deny 7
 *
 * The word says what came of the packet: `deny`; `audit`, it would have been denied and has passed;
 * `log`, it has begun a flow that a rule reports; `allow`, one that is reported as all are by the
 * setting `verbosity`. The number is the rule's.
 *
 * @name keeps the pod's for the next event, which may be of the same pod; zeroed at first.
 */
void event_print(const struct rf_event *event, struct pod_name *name);

#endif
