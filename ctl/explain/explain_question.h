/* SPDX-License-Identifier: Apache-2.0 */
/* The words of `explain` that say which flow is asked for. */
#ifndef RINGFENCE_CTL_EXPLAIN_EXPLAIN_QUESTION_H
#define RINGFENCE_CTL_EXPLAIN_EXPLAIN_QUESTION_H

#include "dataplane/explain_packet.h"
#include "netconf/error.h"

struct explain_question {
	struct rf_opening opening;
	bool has_source_port; /* it was given */
};

/*
 * @from: ADDR or ADDR:PORT; @to: ADDR:PORT/PROTO, ADDR:TYPE[/CODE]/icmp, or ADDR/PROTO. An address
 * of IPv6 before a colon stands in brackets. -EINVAL with what is wrong.
 */
int explain_question_read(const char *from, const char *to, struct explain_question *out,
			  struct rf_error *error);

#endif
