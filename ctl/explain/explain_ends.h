/* SPDX-License-Identifier: Apache-2.0 */
/* Whose the two addresses of a question are, and the port that it leaves open. */
#ifndef RINGFENCE_CTL_EXPLAIN_EXPLAIN_ENDS_H
#define RINGFENCE_CTL_EXPLAIN_EXPLAIN_ENDS_H

#include "ctl/explain/explain_flow.h"

/* Find the pods, or the node, that the question's addresses belong to. -ENOENT if none is a pod's,
 * -EINVAL if both are one pod's. */
int explain_ends_find(const struct rf_objects *objects, struct explained_flow *flow,
		      struct rf_error *error);

/* Choose the source port, or the identifier of an echo, if the question has none: one without a
 * session, as whatever opens a flow would get one. -EADDRINUSE if there is none. */
int explain_port_assume(const struct rf_objects *objects, struct explained_flow *flow,
			struct rf_error *error);

#endif
