// SPDX-License-Identifier: Apache-2.0
#include "ctl/pinhole/pinhole_words.h"
#include "ctl/output/flow_end.h"
#include "ctl/output/table.h"
#include "ctl/output/text.h"
#include "dataplane/pinhole_flow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct search {
	const struct pod *pod;
	const struct in6_addr *address; /* NULL: all of the flow's family */
	struct rf_pinhole_flow flow;
	struct rf_pinhole_entry *entries;
	size_t count;
};

static int add_entry(struct search *search, const struct in6_addr *address,
		     enum rf_direction opener)
{
	const struct rf_record *record = &search->pod->record;
	struct rf_pinhole_entry *more =
		realloc(search->entries, (search->count + 1) * sizeof(*search->entries));

	if (!more)
		return -ENOMEM;
	search->entries = more;
	search->entries[search->count++] = (struct rf_pinhole_entry){
		.key = rf_pinhole_flow_key(&search->flow, address, opener),
		.pinhole = {.pod = record->pod_id, .incarnation = record->incarnation},
	};
	return 0;
}

static bool is_meant(const struct search *search, const struct in6_addr *address)
{
	if (search->address)
		return IN6_ARE_ADDR_EQUAL(search->address, address);
	return IN6_IS_ADDR_V4MAPPED(address) == search->flow.is_v4;
}

static int add_entries(struct search *search, struct rf_error *error)
{
	const struct rf_record *record = &search->pod->record;

	for (size_t i = 0; i < record->address_count; i++) {
		if (!is_meant(search, &record->addresses[i]))
			continue;
		for (int opener = 0; opener < RF_DIRECTIONS; opener++)
			if (search->flow.opened_by[opener] &&
			    add_entry(search, &record->addresses[i], opener))
				return rf_fail(error, RF_CODE_INTERNAL, -ENOMEM, "out of memory");
	}
	return 0;
}

static int read_words(struct invocation *invocation, struct rf_pinhole_flow *flow,
		      struct rf_prefix *address, struct rf_error *error)
{
	const char *text = invocation_option(invocation, "address"), *why;
	char **words = invocation->arguments;
	int ret = rf_pinhole_flow_parse(words[1], words[2], words[3], words[4], flow, error);

	if (!ret && text && (rf_prefix_parse(text, address, &why) || address->length != 128))
		ret = rf_fail(error, RF_CODE_CONFIG, -EINVAL, "--address %s: not one address",
			      text);
	if (!ret && text && address->is_v4 != flow->is_v4)
		ret = rf_fail(error, RF_CODE_CONFIG, -EINVAL,
			      "--address %s is not of the peer's family", text);
	if (ret)
		invocation->status = STATUS_USAGE;
	return ret;
}

static int find_pod(const char *text, const struct pods *pods, const struct pod **pod,
		    struct rf_error *error)
{
	int ret = pods_resolve(pods, text, pod, error);

	/* In maps that were loaded since, or are mounted over, its id may be another pod's. */
	if (!ret && !(*pod)->is_loaded)
		ret = rf_fail(error, RF_CODE_NOT_IN_FORCE, -ENOENT,
			      "pod %s is not in the maps that are pinned", text);
	return ret;
}

static int check_found(const struct search *search, const char *address, struct rf_error *error)
{
	if (search->count)
		return 0;
	if (address)
		return rf_fail(error, RF_CODE_CONFIG, -ENOENT, "pod %s has no address %s",
			       search->pod->name, address);
	return rf_fail(error, RF_CODE_CONFIG, -ENOENT, "pod %s has no %s address",
		       search->pod->name, search->flow.is_v4 ? "IPv4" : "IPv6");
}

int pinhole_entries_read(struct invocation *invocation, const struct pods *pods,
			 struct rf_pinhole_entry **out, size_t *count, struct rf_error *error)
{
	const char *address_text = invocation_option(invocation, "address");
	struct rf_prefix address = {};
	struct search search = {.address = address_text ? &address.address : NULL};
	int ret = read_words(invocation, &search.flow, &address, error);

	if (!ret)
		ret = find_pod(invocation->arguments[0], pods, &search.pod, error);
	if (!ret)
		ret = add_entries(&search, error);
	if (!ret)
		ret = check_found(&search, address_text, error);
	if (ret) {
		free(search.entries);
		return ret;
	}
	*out = search.entries;
	*count = search.count;
	return 0;
}

/* "10.0.0.9:80"; of an echo the identifier is where the pinging side's port would be. */
static void add_end(cJSON *row, const char *end, const char *port_key,
		    const struct rf_address *address, uint16_t port_be, bool has_port)
{
	char text[RF_PREFIX_TEXT + 8];

	cJSON_AddStringToObject(row, end, text_endpoint(address, port_be, 0, text));
	row_add_number_if(row, port_key, ntohs(port_be), has_port);
}

cJSON *pinhole_row(bool json, const struct rf_pinhole_key *key, const struct rf_pinhole *pinhole,
		   struct names *names, uint64_t now)
{
	const struct rf_flow_key *flow = &key->flow;
	uint64_t left = pinhole->expires > now ? pinhole->expires - now : 0;
	cJSON *row = cJSON_CreateObject();
	char protocol[8];

	if (json)
		names_add_pod(names, row, pinhole->pod, pinhole->incarnation);
	else
		cJSON_AddStringToObject(row, "pod",
					names_pod(names, pinhole->pod, pinhole->incarnation));
	cJSON_AddStringToObject(row, "direction", text_direction((int)key->direction));
	cJSON_AddStringToObject(row, "protocol", text_protocol(flow->protocol, protocol));
	add_end(row, "peer", "peerPort", &flow->peer, flow->peer_port,
		flow_has_port(flow, RF_INGRESS));
	add_end(row, "address", "podPort", &flow->pod, flow->pod_port,
		flow_has_port(flow, RF_EGRESS));
	cJSON_AddStringToObject(row, "verdict", pinhole->verdict == RF_ALLOW ? "allow" : "deny");
	row_add_id(row, "rule", pinhole->rule);
	row_add_number_if(row, "expiresInSeconds", left / 1000000000, pinhole->expires);
	return row;
}
