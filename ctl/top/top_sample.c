// SPDX-License-Identifier: Apache-2.0
#include "ctl/top/top_sample.h"
#include "ctl/output/clock.h"
#include "ctl/top/per_second.h"
#include "dataplane/census.h"
#include "dataplane/counters.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

/* A flow that begins is counted under one of them once, by its first packet. */
#define BEGINS                                                                                     \
	(1ull << RF_REASON_RULE_ALLOW | 1ull << RF_REASON_DEFAULT_ALLOW |                          \
	 1ull << RF_REASON_PINHOLE_ALLOW | 1ull << RF_REASON_HOST_ACCESS)

static int look(const struct rf_objects *objects, uint32_t id, struct top_pod *out)
{
	uint32_t subject = RF_CENSUS_POD(id);
	struct rf_census census;
	int ret = rf_counters_read(objects, id, &out->counters);

	if (ret)
		return ret;
	if (bpf_map_lookup_elem(objects->maps[RF_MAP_CENSUS], &subject, &census))
		return -errno;
	out->id = id;
	out->incarnation = objects->pod_state[id].incarnation;
	return rf_census_live(objects, subject, &census, &out->sessions);
}

int top_sample_take(const struct rf_objects *objects, struct top_sample *out,
		    struct rf_error *error)
{
	struct top_sample sample = {.count = objects->max_entries[RF_MAP_POD_STATE]};
	int ret = 0;

	sample.pods = calloc(sample.count, sizeof(*sample.pods));
	if (!sample.pods)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "read the counters");
	sample.time = clock_now();
	for (uint32_t id = 1; id < sample.count && !ret; id++)
		if (objects->pod_state[id].incarnation)
			ret = look(objects, id, &sample.pods[id]);
	if (ret) {
		top_sample_free(&sample);
		return rf_fail_system(error, RF_CODE_LOAD, ret, "read the counters");
	}
	*out = sample;
	return 0;
}

void top_sample_free(struct top_sample *sample)
{
	free(sample->pods);
	*sample = (struct top_sample){};
}

static uint64_t in_a_second(uint64_t now, uint64_t before, uint64_t nanoseconds)
{
	return per_second(now > before ? now - before : 0, nanoseconds);
}

static void rate(const struct top_pod *before, const struct top_pod *now, uint64_t nanoseconds,
		 struct top_rate *out)
{
	uint64_t begins[2] = {}, denies[2] = {};

	*out = (struct top_rate){now->id, now->incarnation, now->sessions, {}, {}, 0, 0};
	for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
		uint64_t packets[2] = {}, bytes[2] = {};

		for (uint32_t reason = 0; reason < RF_REASON_COUNT; reason++) {
			const struct rf_count *counts[] = {
				&before->counters.count[direction][reason],
				&now->counters.count[direction][reason]};

			for (int i = 0; i < 2; i++) {
				uint64_t *sum = rf_reason_allows(reason) ? packets : denies;

				sum[i] += counts[i]->packets;
				if (BEGINS >> reason & 1)
					begins[i] += counts[i]->packets;
				if (rf_reason_allows(reason))
					bytes[i] += counts[i]->bytes;
			}
		}
		out->packets[direction] = in_a_second(packets[1], packets[0], nanoseconds);
		out->bits[direction] = in_a_second(bytes[1] * 8, bytes[0] * 8, nanoseconds);
	}
	out->denies = in_a_second(denies[1], denies[0], nanoseconds);
	out->new_flows = in_a_second(begins[1], begins[0], nanoseconds);
}

struct top_rate *top_rates(const struct top_sample *before, const struct top_sample *now,
			   size_t *count)
{
	struct top_rate *rates = calloc(now->count, sizeof(*rates));
	uint64_t nanoseconds = now->time > before->time ? now->time - before->time : 1;

	*count = 0;
	for (uint32_t id = 1; rates && id < now->count; id++) {
		static const struct top_pod zero;
		const struct top_pod *last = &before->pods[id];

		if (!now->pods[id].incarnation)
			continue;
		if (last->incarnation != now->pods[id].incarnation)
			last = &zero;
		rate(last, &now->pods[id], nanoseconds, &rates[(*count)++]);
	}
	return rates;
}
