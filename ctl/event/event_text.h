/* SPDX-License-Identifier: Apache-2.0 */
/* How ringfencectl writes an event. */
#ifndef RINGFENCE_CTL_EVENT_EVENT_TEXT_H
#define RINGFENCE_CTL_EVENT_EVENT_TEXT_H

#include "bpf/abi.h"
#include "ctl/pod/names.h"

#include <stdbool.h>

/* What came of the packet. */
enum event_verdict {
	EVENT_DENY,
	EVENT_AUDIT, /* it would have been denied, and has passed */
	EVENT_LOG,   /* it has begun a flow that a rule reports */
	EVENT_ALLOW, /* one that is reported as all are, by the setting `verbosity` */
};

/* By enum event_verdict; ended by NULL. */
extern const char *const event_verdicts[];

enum event_verdict event_verdict(const struct rf_event *event);

/* What is not IP, or is broken, has none. */
bool event_has_addresses(const struct rf_event *event);

/* What was not judged as a flow has no ports, and none that could be believed. */
bool event_has_ports(const struct rf_event *event);

/*
 * Print a line:
 *
 *   12:34:56.789 deny shop/web ingress tcp 10.0.0.9:40000 > 10.0.0.2:80: rule-deny 7 (web)
 *
 * The number is the rule's, in parentheses is the name of the document that it, or the default
 * which denies, is from, if it has one.
 */
void event_print(const struct rf_event *event, struct names *names);

/* As names_judge(), of what decided. */
const char *event_document(const struct rf_event *event, struct names *names);

/* Everything, for programs. */
cJSON *event_row(const struct rf_event *event, struct names *names);

#endif
