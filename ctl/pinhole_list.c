// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/pinhole_words.h"
#include "ctl/table.h"

#include <errno.h>

static const struct column columns[] = {
	{.title = "POD", .key = "pod"},
	{.title = "OPENED", .key = "direction"},
	{.title = "PROTO", .key = "protocol"},
	{.title = "PEER", .key = "peer"},
	{.title = "PORT", .key = "peerPort", .is_right = true},
	{.title = "ADDRESS", .key = "address"},
	{.title = "PORT", .key = "podPort", .is_right = true},
	{.title = "VERDICT", .key = "verdict"},
	{.title = "RULE", .key = "rule", .is_right = true},
	{.title = "SECONDS LEFT", .key = "expiresInSeconds", .is_right = true},
};

struct listing {
	struct table *table;
	struct pod_name wanted; /* id 0: all */
	struct pod_name name;
	uint64_t now;
};

static struct table *begin(bool json)
{
	return table_begin(json, columns, sizeof(columns) / sizeof(columns[0]));
}

void pinhole_print_all(bool json, const struct rf_pinhole_entry *entries, size_t count)
{
	struct table *table = begin(json);
	struct pod_name name = {};

	for (size_t i = 0; i < count; i++)
		table_row(table, pinhole_row(&entries[i].key, &entries[i].pinhole, &name,
					     rf_pinhole_clock()));
	table_end(table);
}

static void print(const struct rf_pinhole_key *key, const struct rf_pinhole *pinhole, void *context)
{
	struct listing *listing = context;

	if (listing->wanted.pod_id && (pinhole->pod != listing->wanted.pod_id ||
				       pinhole->incarnation != listing->wanted.incarnation))
		return;
	table_row(listing->table, pinhole_row(key, pinhole, &listing->name, listing->now));
}

int command_pinhole_list(struct invocation *invocation, struct rf_error *error)
{
	struct listing listing = {.now = rf_pinhole_clock()};
	const char *pod = invocation->arguments[0];
	int ret;

	if (pod && !pod_name_resolve(pod, &listing.wanted))
		return rf_fail(error, RF_CODE_RECORD, -ENOENT, "no pod %s (ringfencectl pod list)",
			       pod);
	listing.table = begin(invocation->json);
	ret = rf_pinholes_each(invocation->objects, print, &listing, error);
	table_end(listing.table);
	return ret;
}
