// SPDX-License-Identifier: Apache-2.0
#include "ctl/event/event_reader.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* Of each ring no more is taken than its oldest event: what it is compared with may come late. */
struct source {
	struct ring_buffer *ring;
	struct rf_event oldest;
	bool is_taken;
};

struct event_reader {
	struct source sources[RF_EVENT_RINGS];
	struct pollfd waits[RF_EVENT_RINGS];
	struct source *last; /* whose event was returned */
};

static int take(void *context, void *data, size_t size)
{
	struct source *source = context;

	if (size < sizeof(source->oldest))
		return 0;
	memcpy(&source->oldest, data, sizeof(source->oldest));
	source->is_taken = true;
	/* Enough: libbpf stops, and what was handed over counts as read. */
	return -ECANCELED;
}

int event_reader_open(const struct rf_objects *objects, struct event_reader **out,
		      struct rf_error *error)
{
	static const enum rf_map maps[RF_EVENT_RINGS] = {
		[RF_EVENTS_DENIES] = RF_MAP_DENIES,
		[RF_EVENTS_FLOWS] = RF_MAP_FLOWS,
	};
	struct event_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return rf_fail_system(error, RF_CODE_LOAD, -ENOMEM, "read events");
	for (int i = 0; i < RF_EVENT_RINGS; i++) {
		struct source *source = &reader->sources[i];
		int map = objects->maps[maps[i]];

		reader->waits[i] = (struct pollfd){.fd = map, .events = POLLIN};
		source->ring = ring_buffer__new(map, take, source, NULL);
		if (!source->ring) {
			int ret = -errno;

			event_reader_free(reader);
			return rf_fail_system(error, RF_CODE_LOAD, ret, "read map %s",
					      rf_map_name(maps[i]));
		}
	}
	*out = reader;
	return 0;
}

void event_reader_free(struct event_reader *reader)
{
	for (int i = 0; i < RF_EVENT_RINGS; i++)
		ring_buffer__free(reader->sources[i].ring);
	free(reader);
}

const struct rf_event *event_reader_next(struct event_reader *reader)
{
	struct source *next = NULL;

	if (reader->last)
		reader->last->is_taken = false;
	for (int i = 0; i < RF_EVENT_RINGS; i++) {
		struct source *source = &reader->sources[i];

		if (!source->is_taken)
			ring_buffer__consume(source->ring);
		if (source->is_taken && (!next || source->oldest.time < next->oldest.time))
			next = source;
	}
	reader->last = next;
	return next ? &next->oldest : NULL;
}

void event_reader_wait(const struct event_reader *reader, int milliseconds)
{
	struct pollfd waits[RF_EVENT_RINGS];

	memcpy(waits, reader->waits, sizeof(waits));
	poll(waits, RF_EVENT_RINGS, milliseconds);
}
