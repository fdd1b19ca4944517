// SPDX-License-Identifier: Apache-2.0
#include "ctl/top/top_pods.h"
#include "ctl/output/table.h"
#include "ctl/top/top_rows.h"
#include "netconf/cleanup.h"

int top_pods_look(struct top_pods *pods, const struct top_view *view, struct rf_error *error)
{
	struct top_sample next;
	int ret = top_sample_take(view->objects, &next, error);

	if (ret)
		return ret;
	top_sample_free(&pods->before);
	pods->before = pods->now;
	pods->now = next;
	return 0;
}

/* Leave only those at the front that are meant, and return how many. */
static size_t choose(const struct top_view *view, struct top_rate *rates, size_t count)
{
	size_t chosen = 0;

	for (size_t i = 0; i < count; i++) {
		const struct flow_facts facts = {.pod = rates[i].id,
						 .incarnation = rates[i].incarnation};

		if (flow_filter_matches(&view->filter, &facts))
			rates[chosen++] = rates[i];
	}
	return chosen;
}

void top_pods_show(const struct top_pods *pods, const struct top_view *view, int lines)
{
	size_t count;
	_cleanup_free_ struct top_rate *rates = top_rates(&pods->before, &pods->now, &count);

	if (!rates)
		return;
	count = choose(view, rates, count);
	top_sort(view, rates, count);
	if (view->json)
		json_print(top_json(view, rates, count, pods->now.time - pods->before.time));
	else
		top_print(view, rates, count, lines);
}

void top_pods_free(struct top_pods *pods)
{
	top_sample_free(&pods->before);
	top_sample_free(&pods->now);
}
