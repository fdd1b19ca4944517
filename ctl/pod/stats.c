// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/pod/counter_rows.h"
#include "ctl/event/event_lost.h"
#include "ctl/option_value.h"
#include "ctl/pod/pod_row.h"
#include "ctl/pod/pods.h"
#include "ctl/output/table.h"
#include "ctl/output/text.h"
#include "dataplane/counters.h"

#include <inttypes.h>
#include <stdio.h>

#define NO_POD "(no pod)"

static const struct command_option options[] = {
	{"direction", "WAY", "only packets to the pod (ingress) or from it (egress)"},
	{"reason", "REASON,...", "only those, such as default-deny, spoofed"},
	{},
};

static enum style verdict_style(const cJSON *verdict)
{
	const char *name = cJSON_GetStringValue(verdict);

	return name && *name == 'd' ? STYLE_BAD : STYLE_PLAIN;
}

static const struct column columns[] = {
	{.title = "POD", .key = "pod"},
	{.title = "DIRECTION", .key = "direction"},
	{.title = "VERDICT", .key = "verdict", .style = verdict_style},
	{.title = "REASON", .key = "reason"},
	{.title = "PACKETS", .key = "packets", .is_right = true},
	{.title = "BYTES", .key = "bytes", .is_right = true},
};

struct stats {
	const struct rf_objects *objects;
	const struct pods *pods;
	struct counter_filter filter;
	struct counter_sums sums;
	struct table *table;
	const char *name; /* of the pod whose counters are printed */
	bool json;
};

static void print_counter(int direction, uint32_t reason, const struct rf_count *count,
			  void *context)
{
	const struct stats *stats = context;
	cJSON *row = counter_row(direction, reason, count);

	cJSON_AddStringToObject(row, "pod", stats->name);
	table_row(stats->table, row);
}

/* Else its id may be another pod's, also in maps that were loaded since. */
static bool is_there(const struct stats *stats, const struct pod *pod)
{
	return !pod || pods_is_there(stats->pods, pod);
}

static int read_lost(const struct stats *stats, uint32_t pod_id, struct rf_events_lost *lost,
		     struct rf_error *error)
{
	int ret = rf_events_lost_read(stats->objects, pod_id, lost);

	return ret ? rf_fail_system(error, RF_CODE_LOAD, ret, "read map events_lost") : 0;
}

static void print_json(const struct stats *stats, const struct pod *pod, bool is_loaded,
		       const struct rf_pod_counters *counters, const struct rf_events_lost *lost)
{
	cJSON *row = cJSON_CreateObject();

	pod_add_names(row, pod ? &pod->record : NULL);
	cJSON_AddBoolToObject(row, "loaded", is_loaded);
	cJSON_AddItemToObject(row, "counters", counters_array(counters, &stats->filter));
	counters_add_lost(row, lost);
	table_row(stats->table, row);
}

/* Of @pod; of interfaces without one if it is NULL. */
static int print_pod(struct stats *stats, const struct pod *pod, struct rf_error *error)
{
	uint32_t id = pod ? pod->record.pod_id : 0;
	struct rf_pod_counters counters = {};
	struct rf_events_lost lost = {};
	bool is_loaded;
	int ret = 0;

	stats->name = pod ? pod->name : NO_POD;
	if (is_there(stats, pod)) {
		ret = rf_counters_read(stats->objects, id, &counters);
		if (ret)
			return rf_fail_system(error, RF_CODE_LOAD, ret, "read the counters of %s",
					      stats->name);
		ret = read_lost(stats, id, &lost, error);
	}
	if (ret)
		return ret;
	/* It may have gone while they were read. */
	is_loaded = is_there(stats, pod);
	if (!is_loaded) {
		counters = (struct rf_pod_counters){};
		lost = (struct rf_events_lost){};
	}
	if (stats->json)
		print_json(stats, pod, is_loaded, &counters, &lost);
	else
		counters_each(&counters, &stats->filter, print_counter, stats);
	counters_sum(&stats->sums, &counters, &stats->filter);
	return 0;
}

static void print_totals(const struct stats *stats)
{
	static const char *const verdicts[] = {[RF_DENY] = "deny", [RF_ALLOW] = "allow"};

	for (int direction = 0; direction < RF_DIRECTIONS; direction++)
		for (int verdict = RF_ALLOW; verdict >= RF_DENY; verdict--) {
			const struct rf_count *sum = &stats->sums.count[direction][verdict];
			cJSON *row;

			if (!sum->packets)
				continue;
			row = cJSON_CreateObject();
			cJSON_AddStringToObject(row, "pod", "total");
			cJSON_AddStringToObject(row, "direction", text_direction(direction));
			cJSON_AddStringToObject(row, "verdict", verdicts[verdict]);
			row_add_number(row, "packets", sum->packets);
			row_add_number(row, "bytes", sum->bytes);
			table_row(stats->table, row);
		}
}

/* Behind the table: what monitor does not show of the pod, or why there is nothing. */
static int print_note(struct stats *stats, const struct pod *pod, struct rf_error *error)
{
	const char *name = pod ? pod->name : NO_POD;
	struct rf_events_lost lost = {};
	int ret = 0;

	if (is_there(stats, pod))
		ret = read_lost(stats, pod ? pod->record.pod_id : 0, &lost, error);
	if (!is_there(stats, pod)) {
		printf("%s: not in the maps that are pinned\n", name);
		return 0;
	}
	for (int ring = 0; ring < RF_EVENT_RINGS && !ret; ring++)
		if (lost.limited[ring] || lost.full[ring])
			printf("%s: %" PRIu64 " %s events beyond the rate, %" PRIu64
			       " that nobody read in time\n",
			       name, (uint64_t)lost.limited[ring], event_ring_names[ring],
			       (uint64_t)lost.full[ring]);
	return ret;
}

/* @print for @only, or for all pods and for what belongs to none. */
static int for_each(struct stats *stats, const struct pods *pods, const struct pod *only,
		    int (*print)(struct stats *stats, const struct pod *pod,
				 struct rf_error *error),
		    struct rf_error *error)
{
	int ret = 0;

	if (only)
		return print(stats, only, error);
	for (size_t i = 0; i < pods->count && !ret; i++)
		ret = print(stats, &pods->items[i], error);
	return ret ? ret : print(stats, NULL, error);
}

static int read_words(struct invocation *invocation, const struct pods *pods, struct stats *stats,
		      const struct pod **only, struct rf_error *error)
{
	int ret = option_choices(invocation, "direction", text_directions,
				 &stats->filter.directions, error);

	if (!ret)
		ret = option_choices(invocation, "reason", text_reasons(), &stats->filter.reasons,
				     error);
	if (!ret && invocation->arguments[0])
		ret = pods_resolve(pods, invocation->arguments[0], only, error);
	return ret;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_pods_ struct pods pods = {};
	struct stats stats = {
		.objects = invocation->objects,
		.pods = &pods,
		.json = invocation->json,
	};
	const struct pod *only = NULL;
	int ret = pods_read(invocation->objects, &pods, error);

	if (!ret)
		ret = read_words(invocation, &pods, &stats, &only, error);
	if (ret)
		return ret;
	stats.table = table_begin(stats.json, columns, sizeof(columns) / sizeof(columns[0]));
	ret = for_each(&stats, &pods, only, print_pod, error);
	if (!stats.json)
		print_totals(&stats);
	table_end(stats.table);
	if (!ret && !stats.json)
		ret = for_each(&stats, &pods, only, print_note, error);
	invocation->status = pods.unread ? STATUS_FAILED : STATUS_OK;
	return ret;
}

const struct command command_stats = {
	.noun = "stats",
	.arguments = "[POD]",
	.help = "packets and bytes by pod, direction and reason",
	.options = options,
	.arguments_max = 1,
	.run = run,
};
