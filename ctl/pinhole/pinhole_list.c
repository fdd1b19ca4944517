// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/pinhole/pinhole_words.h"
#include "ctl/output/table.h"
#include "ctl/session/flow_filter.h"

static const struct column columns[] = {
	{.title = "POD", .key = "pod"},
	{.title = "OPENED", .key = "direction"},
	{.title = "PROTO", .key = "protocol"},
	{.title = "PEER", .key = "peer"},
	{.title = "PEER PORT", .key = "peerPort", .is_right = true},
	{.title = "POD ADDRESS", .key = "address"},
	{.title = "POD PORT", .key = "podPort", .is_right = true},
	{.title = "VERDICT", .key = "verdict"},
	{.title = "RULE", .key = "rule", .is_right = true},
	{.title = "SECONDS LEFT", .key = "expiresInSeconds", .is_right = true},
};

struct listing {
	struct table *table;
	struct flow_filter wanted; /* of a pod, or of none */
	struct names *names;
	uint64_t now;
	bool json;
};

static struct table *begin(bool json)
{
	return table_begin(json, columns, sizeof(columns) / sizeof(columns[0]));
}

void pinhole_print_all(bool json, const struct rf_pinhole_entry *entries, size_t count,
		       struct names *names)
{
	struct table *table = begin(json);

	for (size_t i = 0; i < count; i++)
		table_row(table, pinhole_row(json, &entries[i].key, &entries[i].pinhole, names,
					     rf_pinhole_clock()));
	table_end(table);
}

static void print(const struct rf_pinhole_key *key, const struct rf_pinhole *pinhole, void *context)
{
	struct listing *listing = context;
	const struct flow_facts facts = {.pod = pinhole->pod, .incarnation = pinhole->incarnation};

	if (flow_filter_matches(&listing->wanted, &facts))
		table_row(listing->table,
			  pinhole_row(listing->json, key, pinhole, listing->names, listing->now));
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_names_ struct names names = {};
	struct listing listing = {
		.now = rf_pinhole_clock(), .names = &names, .json = invocation->json};
	int ret = names_read(invocation->objects, &names, error);

	if (!ret)
		ret = flow_filter_read_pod(&names.pods, invocation->arguments[0], &listing.wanted,
					   error);
	if (ret)
		return ret;
	listing.table = begin(invocation->json);
	ret = rf_pinholes_each(invocation->objects, print, &listing, error);
	table_end(listing.table);
	return ret;
}

const struct command command_pinhole_list = {
	.noun = "pinhole",
	.verb = "list",
	.arguments = "[POD]",
	.help = "the pinholes, and when they expire",
	.arguments_max = 1,
	.run = run,
};
