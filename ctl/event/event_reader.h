/* SPDX-License-Identifier: Apache-2.0 */
/* The events of both rings, `denies` and `flows`, in the order of their times. */
#ifndef RINGFENCE_CTL_EVENT_EVENT_READER_H
#define RINGFENCE_CTL_EVENT_EVENT_READER_H

#include "dataplane/objects.h"
#include "netconf/error.h"

struct event_reader;

/* 0 and a reader that event_reader_free() frees, or -errno and an error. @objects must outlive it.
 */
int event_reader_open(const struct rf_objects *objects, struct event_reader **out,
		      struct rf_error *error);
void event_reader_free(struct event_reader *reader);

/* The oldest event that has come and was not returned yet; NULL if there is none. Valid until the
 * next call. */
const struct rf_event *event_reader_next(struct event_reader *reader);

/* Wait until an event comes, a signal, or @milliseconds pass. */
void event_reader_wait(const struct event_reader *reader, int milliseconds);

#endif
