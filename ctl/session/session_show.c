// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/session/session_each.h"
#include "ctl/output/table.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command_option options[] = {
	{"protocol", "NAME", "tcp, udp, sctp, icmp, icmpv6, or a number"},
	{"all", NULL, "also what has timed out, and is in the maps still"},
	{},
};

/* One side of a flow, as it was written. */
struct end {
	struct in6_addr address;
	bool has_port;
	uint16_t port;
};

struct showing {
	struct end ends[2];
	struct session_view view;
	struct table *table; /* with --json */
	size_t count;
};

static int fail_end(struct invocation *invocation, const char *text, const char *why,
		    struct rf_error *error)
{
	invocation->status = STATUS_USAGE;
	rf_fail(error, RF_CODE_CONFIG, -EINVAL, "\"%s\": %s", text, why);
	rf_error_hint(error, "as session list has it: 10.0.0.1:80, [fd00::1]:80, or an address");
	return -EINVAL;
}

/* Where the port begins in @text, of which the brackets are taken away; NULL if it has none. */
static char *split(char **text)
{
	char *colon = strrchr(*text, ':'), *bracket = strchr(*text, ']');

	if (**text == '[' && bracket) {
		++*text;
		*bracket++ = '\0';
		if (!*bracket)
			return NULL;
		/* What follows no colon is no port, as nothing is none. */
		return *bracket == ':' ? bracket + 1 : bracket + strlen(bracket);
	}
	/* More than one colon: an IPv6 address alone. */
	if (!colon || strchr(*text, ':') != colon)
		return NULL;
	*colon = '\0';
	return colon + 1;
}

static int read_end(struct invocation *invocation, const char *text, struct end *out,
		    struct rf_error *error)
{
	char copy[128], *address = copy, *port, *rest;
	struct rf_prefix prefix;
	const char *why;

	snprintf(copy, sizeof(copy), "%s", text);
	port = split(&address);
	if (rf_prefix_parse(address, &prefix, &why))
		return fail_end(invocation, text, why, error);
	if (prefix.length != 128)
		return fail_end(invocation, text, "is a prefix, and no address", error);
	out->address = prefix.address;
	if (!port)
		return 0;
	errno = 0;
	out->port = (uint16_t)strtoul(port, &rest, 10);
	out->has_port = true;
	if (*port < '0' || *port > '9' || *rest || strlen(port) > 5 ||
	    strtoul(port, NULL, 10) > UINT16_MAX)
		return fail_end(invocation, text, "the port is no number from 0 to 65535", error);
	return 0;
}

static bool is_end(const struct end *end, const struct rf_address *address, uint16_t port_be)
{
	return !memcmp(&end->address, address, sizeof(end->address)) &&
	       (!end->has_port || end->port == ntohs(port_be));
}

/* The ends may be given in either order. */
static bool is_between(const struct end ends[2], const struct rf_flow_key *flow)
{
	for (int pod = 0; pod < 2; pod++)
		if (is_end(&ends[pod], &flow->pod, flow->pod_port) &&
		    is_end(&ends[!pod], &flow->peer, flow->peer_port))
			return true;
	return false;
}

static void visit(const struct session_entry *entry, void *context)
{
	struct showing *showing = context;

	if (!is_between(showing->ends, &entry->flow))
		return;
	if (showing->table) {
		table_row(showing->table, session_row_full(&showing->view, entry));
	} else {
		if (showing->count)
			putchar('\n');
		session_print(&showing->view, entry);
	}
	showing->count++;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_names_ struct names names = {};
	struct session_filter filter;
	struct showing showing = {.view = {&names, &filter.clock}};
	int ret = names_read(invocation->objects, &names, error);

	if (!ret)
		ret = session_filter_read(invocation, &names.pods, NULL, &filter, error);
	for (int i = 0; i < 2 && !ret; i++)
		ret = read_end(invocation, invocation->arguments[i], &showing.ends[i], error);
	if (ret)
		return ret;
	filter.with_ended = invocation_option(invocation, "all");
	if (invocation->json)
		showing.table = table_begin(true, NULL, 0);
	ret = session_each(&filter, visit, &showing, error);
	if (showing.table)
		table_end(showing.table);
	if (!ret && !showing.count)
		ret = rf_fail(error, RF_CODE_NONE, -ENOENT, "no session between %s and %s",
			      invocation->arguments[0], invocation->arguments[1]);
	return ret;
}

const struct command command_session_show = {
	.noun = "session",
	.verb = "show",
	.arguments = "FROM TO",
	.help = "everything of the flows between two ends",
	.details = "An end is as session list has it: 10.0.0.1:80, [fd00::1]:80, or an "
		   "address for all of its ports.\nThey may be given in either order.",
	.options = options,
	.arguments_min = 2,
	.arguments_max = 2,
	.run = run,
};
