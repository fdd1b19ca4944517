/* SPDX-License-Identifier: Apache-2.0 */
/* The sessions of both maps, as those commands go through them that choose some. */
#ifndef RINGFENCE_CTL_SESSION_SESSION_EACH_H
#define RINGFENCE_CTL_SESSION_SESSION_EACH_H

#include "ctl/session/session_filter.h"
#include "ctl/session/session_row.h"

/* Call @visit for every session that @filter matches: first those of `sessions`. LOAD if the maps
 * cannot be read. */
int session_each(const struct session_filter *filter,
		 void (*visit)(const struct session_entry *entry, void *context), void *context,
		 struct rf_error *error);

#endif
