// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/option_value.h"
#include "ctl/session/session_each.h"
#include "ctl/output/ranking.h"
#include "ctl/output/table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const sort_names[] = {"bytes", "packets", "age", "idle", NULL};

enum sort {
	SORT_BYTES,
	SORT_PACKETS,
	SORT_AGE,
	SORT_IDLE,
	SORT_NONE,
};

static const struct command_option options[] = {
	SESSION_FILTER_OPTIONS,
	{"all", NULL, "also what has timed out, and is in the maps still"},
	{"limit", "N", "no more than N; with --sort the first N"},
	{"sort", "KEY", "bytes, packets, age or idle, the most first; else in no order"},
	{"count", NULL, "only how many they are"},
	{},
};

struct listing {
	struct session_filter filter;
	struct session_view view;
	struct table *table;
	struct ranking ranking; /* of struct session_entry */
	unsigned int sort;      /* enum sort */
	uint64_t limit;         /* 0: none */
	uint64_t seen;
	bool only_count;
	bool json;
	bool is_short_of_memory;
};

static enum style state_style(const cJSON *state)
{
	const char *name = cJSON_GetStringValue(state);

	return name && !strcmp(name, "established") ? STYLE_GOOD : STYLE_PLAIN;
}

static const struct column columns[] = {
	{.title = "POD", .key = "pod"},
	{.title = "OPENED", .key = "direction"},
	{.title = "PROTO", .key = "protocol"},
	{.title = "FROM", .key = "from"},
	{.title = "TO", .key = "to"},
	{.title = "STATE", .key = "state", .style = state_style},
	{.title = "ALLOWED BY", .key = "by", .style = session_judge_style},
	{.title = "PACKETS", .key = "packets", .is_right = true},
	{.title = "BYTES", .key = "bytes", .is_right = true},
};

static uint64_t rank(const struct listing *listing, const struct rf_session *session)
{
	switch (listing->sort) {
	case SORT_BYTES:
		return session->bytes[RF_INGRESS] + session->bytes[RF_EGRESS];
	case SORT_PACKETS:
		return session->packets[RF_INGRESS] + session->packets[RF_EGRESS];
	case SORT_AGE:
		return UINT64_MAX - session->created;
	default:
		return session_idle(&listing->filter.clock, session);
	}
}

static void print_entry(const struct listing *listing, const struct session_entry *entry)
{
	table_row(listing->table, listing->json ? session_row_full(&listing->view, entry)
						: session_row_brief(&listing->view, entry));
}

static void visit(const struct session_entry *entry, void *context)
{
	struct listing *listing = context;

	listing->seen++;
	if (listing->only_count)
		return;
	if (listing->sort != SORT_NONE)
		listing->is_short_of_memory |=
			!ranking_add(&listing->ranking, rank(listing, &entry->session), entry);
	else if (!listing->limit || listing->seen <= listing->limit)
		print_entry(listing, entry);
}

static void print_count(const struct listing *listing)
{
	if (listing->json)
		printf("{\"sessions\":%" PRIu64 "}\n", listing->seen);
	else
		printf("%" PRIu64 "\n", listing->seen);
}

static int list(struct listing *listing, struct rf_error *error)
{
	int ret;

	if (!listing->only_count)
		listing->table =
			table_begin(listing->json, columns, sizeof(columns) / sizeof(columns[0]));
	ret = session_each(&listing->filter, visit, listing, error);
	if (!ret && listing->is_short_of_memory)
		ret = rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "sort the sessions");
	ranking_sort(&listing->ranking);
	for (size_t i = 0; i < listing->ranking.count && !ret; i++)
		print_entry(listing, ranking_item(&listing->ranking, i));
	if (listing->only_count && !ret)
		print_count(listing);
	if (listing->table)
		table_end(listing->table);
	return ret;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_names_ struct names names = {};
	struct listing listing = {
		.sort = SORT_NONE,
		.json = invocation->json,
		.only_count = invocation_option(invocation, "count"),
	};
	int ret = names_read(invocation->objects, &names, error);

	if (!ret)
		ret = session_filter_read(invocation, &names.pods, invocation->arguments[0],
					  &listing.filter, error);
	if (!ret)
		ret = option_choice(invocation, "sort", sort_names, &listing.sort, error);
	if (!ret)
		ret = option_number(invocation, "limit", 1, UINT32_MAX, &listing.limit, error);
	if (ret)
		return ret;
	listing.filter.with_ended = invocation_option(invocation, "all");
	listing.ranking = (struct ranking){.item_size = sizeof(struct session_entry),
					   .key_size = sizeof(struct rf_flow_key),
					   .limit = listing.limit};
	listing.view = (struct session_view){&names, &listing.filter.clock};
	ret = list(&listing, error);
	ranking_free(&listing.ranking);
	return ret;
}

const struct command command_session_list = {
	.noun = "session",
	.verb = "list",
	.arguments = "[POD]",
	.help = "flows that are allowed, and by what",
	.details = "Only flows that match all options are listed, and without --all only live "
		   "ones: their packets\npass without being judged.",
	.options = options,
	.arguments_max = 1,
	.run = run,
};
