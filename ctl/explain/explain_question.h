/* SPDX-License-Identifier: Apache-2.0 */
/* The words of `explain` that say which flow is asked for. */
#ifndef RINGFENCE_CTL_EXPLAIN_EXPLAIN_QUESTION_H
#define RINGFENCE_CTL_EXPLAIN_EXPLAIN_QUESTION_H

#include "ctl/pod/pods.h"
#include "dataplane/explain_packet.h"
#include "netconf/error.h"

struct explain_question {
	struct rf_opening opening;
	bool has_source_port; /* it was given */
};

/*
 * @from: ADDR or ADDR:PORT; @to: ADDR:PORT/PROTO, ADDR:TYPE[/CODE]/icmp, or ADDR/PROTO. An address
 * of IPv6 before a colon stands in brackets. In the place of ADDR a pod may stand: then it is that
 * address of it which goes with the other end's, the first if there are several. -EINVAL with what
 * is wrong, -ENOTUNIQ if a name is said of several pods.
 */
int explain_question_read(const struct pods *pods, const char *from, const char *to,
			  struct explain_question *out, struct rf_error *error);

#endif
