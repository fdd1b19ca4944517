// SPDX-License-Identifier: Apache-2.0
#include "ctl/top/top_flows.h"
#include "ctl/output/clock.h"
#include "ctl/session/session_each.h"
#include "ctl/top/per_second.h"

#include <errno.h>

/* Of the growth that is sorted by, in thousandths: those below one in a second have an order, too.
 */
static uint64_t rank(const struct top_flows *flows, const struct flow_growth *growth)
{
	const uint64_t *sums = flows->sort == TOP_SORT_BITS ? growth->bytes : growth->packets;

	return per_second((sums[RF_INGRESS] + sums[RF_EGRESS]) * 1000, growth->nanoseconds);
}

static void add(struct top_flows *flows, const struct session_entry *entry,
		const struct flow_growth *growth)
{
	struct top_flow flow = {.entry = *entry};

	for (int i = 0; i < RF_DIRECTIONS; i++) {
		flow.packets[i] = per_second(growth->packets[i], growth->nanoseconds);
		flow.bits[i] = per_second(growth->bytes[i] * 8, growth->nanoseconds);
	}
	flows->with_packets++;
	flows->is_short_of_memory |= !ranking_add(&flows->first, rank(flows, growth), &flow);
}

static void compare(struct top_flows *flows, const struct flow_reading *reading,
		    const struct flow_identity *identity)
{
	struct flow_growth growth;

	switch (flow_memory_see(&flows->memory, identity, &reading->entry.session, reading->time,
				&growth)) {
	case 0:
		flows->count++;
		if (growth.packets[RF_INGRESS] || growth.packets[RF_EGRESS])
			add(flows, &reading->entry, &growth);
		break;
	case -ENOMEM:
		flows->is_short_of_memory = true;
	}
}

static void compare_all(struct top_flows *flows)
{
	struct flow_identity identities[FLOW_READINGS];

	for (size_t i = 0; i < flows->read_count; i++)
		identities[i] = (struct flow_identity){flows->read[i].entry.flow,
						       flows->read[i].entry.session.created};
	flow_memory_expect(&flows->memory, identities, flows->read_count);
	for (size_t i = 0; i < flows->read_count; i++)
		compare(flows, &flows->read[i], &identities[i]);
	flows->read_count = 0;
}

static void visit(const struct session_entry *entry, void *context)
{
	struct top_flows *flows = context;

	flows->read[flows->read_count++] = (struct flow_reading){*entry, clock_now()};
	if (flows->read_count == FLOW_READINGS)
		compare_all(flows);
}

int top_flows_look(struct top_flows *flows, const struct top_view *view, struct rf_error *error)
{
	uint64_t before = flows->filter.clock.monotonic;
	int ret = session_clock_now(view->objects, &flows->filter.clock, error);

	if (ret)
		return ret;
	flows->filter.flow = view->filter;
	flows->sort = view->sort;
	flows->count = flows->with_packets = 0;
	flows->nanoseconds = flows->filter.clock.monotonic - before;
	flows->first.item_size = sizeof(struct top_flow);
	flows->first.key_size = sizeof(struct rf_flow_key);
	flows->first.limit = view->limit;
	ranking_clear(&flows->first);
	flow_memory_begin(&flows->memory, flows->filter.clock.monotonic);
	ret = session_each(&flows->filter, visit, flows, error);
	compare_all(flows);
	flow_memory_end(&flows->memory);
	if (!ret && flows->is_short_of_memory)
		ret = rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "remember %zu flows",
				     flows->count);
	ranking_sort(&flows->first);
	return ret;
}

void top_flows_free(struct top_flows *flows)
{
	flow_memory_free(&flows->memory);
	ranking_free(&flows->first);
}
