/* SPDX-License-Identifier: Apache-2.0 */
/* An end of a flow as people call it. */
#ifndef RINGFENCE_CTL_EXPLAIN_EXPLAIN_END_H
#define RINGFENCE_CTL_EXPLAIN_EXPLAIN_END_H

#include "ctl/pod/pods.h"

/* The addresses that may be meant; IPv4 ones are mapped. */
struct explain_end {
	struct in6_addr addresses[RF_ADDRESSES_MAX];
	size_t count;
};

/*
 * @text: an address, or a pod as pods_resolve() takes it, by all of its addresses. -ENOENT if it is
 * neither, without an error filled but with a static text in *@why; -ENOTUNIQ as pods_resolve().
 */
int explain_end_read(const struct pods *pods, const char *text, struct explain_end *out,
		     const char **why, struct rf_error *error);

#endif
