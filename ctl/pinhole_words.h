/* SPDX-License-Identifier: Apache-2.0 */
/* What `pinhole add` and `pinhole del` have in common: from their words to entries of the map, and
 * how these are shown. */
#ifndef RINGFENCE_CTL_PINHOLE_WORDS_H
#define RINGFENCE_CTL_PINHOLE_WORDS_H

#include "ctl/command.h"
#include "ctl/names.h"
#include "dataplane/pinhole.h"

#include <cjson/cJSON.h>

/*
 * The entries that the words of @invocation mean: one for each address of the pod that may be meant
 * and each direction. `pinhole` has the pod, the rest of it is zero. On success the caller frees
 * *@out. CONFIG or RECORD, and the status to exit with, if the words mean nothing.
 */
int pinhole_entries_read(struct invocation *invocation, const struct pods *pods,
			 struct rf_pinhole_entry **out, size_t *count, struct rf_error *error);

/* The entry as a row, at @now (rf_pinhole_clock()). */
cJSON *pinhole_row(const struct rf_pinhole_key *key, const struct rf_pinhole *pinhole,
		   struct names *names, uint64_t now);

/* pinhole_list.c: print @entries, as `pinhole list` shows them. */
void pinhole_print_all(bool json, const struct rf_pinhole_entry *entries, size_t count,
		       struct names *names);

#endif
