// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/policy/policy_document.h"
#include "ctl/output/table.h"
#include "ctl/output/text.h"
#include "dataplane/compile/compile.h"
#include "dataplane/counters.h"
#include "dataplane/map_batch.h"
#include "netconf/cleanup.h"

#include <stdio.h>
#include <string.h>

/* Prefix lengths of keys, before what they are of begins. */
#define PEER_OFFSET     32
#define PROTOCOL_OFFSET 32
#define PORT_OFFSET     40

struct room {
	size_t needed;
	size_t used; /* in maps that are loaded */
	size_t max;
};

static struct room room_in(const struct rf_objects *objects, enum rf_map map, size_t key_size,
			   size_t needed, size_t when_absent)
{
	if (!objects)
		return (struct room){needed, 0, when_absent};
	return (struct room){needed, rf_map_count(objects->maps[map], key_size),
			     objects->max_entries[map]};
}

/* 10.0.0.0/8; of the whole family 0.0.0.0/0. */
static const char *peer_text(const struct rf_peer_key *key, char text[RF_PREFIX_TEXT])
{
	struct rf_prefix prefix = {.length = (uint8_t)(key->prefix_length - PEER_OFFSET)};

	memcpy(&prefix.address, &key->peer, sizeof(prefix.address));
	prefix.is_v4 =
		prefix.length >= RF_V4_PREFIX_LENGTH && IN6_IS_ADDR_V4MAPPED(&prefix.address);
	return rf_prefix_format(&prefix, text);
}

#define SERVICE_TEXT 32

/* "tcp 80-95", "icmp 8/0", "any". */
static const char *service_text(const struct rf_service_key *key, char text[SERVICE_TEXT])
{
	bool is_icmp = key->protocol == IPPROTO_ICMP || key->protocol == IPPROTO_ICMPV6;
	unsigned int first = (unsigned int)key->port[0] << 8 | key->port[1], last;
	char buffer[8];
	const char *protocol = text_protocol(key->protocol, buffer);

	last = key->prefix_length < PORT_OFFSET
		       ? first
		       : first | 0xffffu >> (key->prefix_length - PORT_OFFSET);
	if (key->prefix_length == PROTOCOL_OFFSET)
		snprintf(text, SERVICE_TEXT, "any");
	else if (key->prefix_length == PORT_OFFSET)
		snprintf(text, SERVICE_TEXT, "%s", protocol);
	else if (is_icmp && first == last)
		snprintf(text, SERVICE_TEXT, "%s %u/%u", protocol, first >> 8, first & 255);
	else if (is_icmp && (first ^ last) == 255)
		snprintf(text, SERVICE_TEXT, "%s %u", protocol, first >> 8);
	else if (first == last)
		snprintf(text, SERVICE_TEXT, "%s %u", protocol, first);
	else
		snprintf(text, SERVICE_TEXT, "%s %u-%u", protocol, first, last);
	return text;
}

static cJSON *peers_json(const struct rf_compiled *compiled)
{
	cJSON *array = cJSON_CreateArray();
	char text[RF_PREFIX_TEXT];

	for (size_t i = 0; i < compiled->peer_count; i++) {
		const struct rf_peer_entry *entry = &compiled->peers[i];
		cJSON *row = cJSON_CreateObject();

		cJSON_AddStringToObject(row, "direction", text_direction((int)entry->key.scope));
		cJSON_AddStringToObject(row, "peer", peer_text(&entry->key, text));
		row_add_id(row, "own", entry->value.own);
		row_add_id(row, "common", entry->value.common);
		cJSON_AddItemToArray(array, row);
	}
	return array;
}

static cJSON *services_json(const struct rf_compiled *compiled)
{
	cJSON *array = cJSON_CreateArray();
	char text[SERVICE_TEXT];

	for (size_t i = 0; i < compiled->service_count; i++) {
		const struct rf_service_entry *entry = &compiled->services[i];
		cJSON *row = cJSON_CreateObject();

		row_add_number(row, "class", entry->key.class_id);
		cJSON_AddStringToObject(row, "service", service_text(&entry->key, text));
		cJSON_AddStringToObject(row, "reason", rf_reason_name(entry->value.reason));
		row_add_id(row, "rule", entry->value.rule);
		cJSON_AddItemToArray(array, row);
	}
	return array;
}

static void print_table(const struct column *columns, size_t count, cJSON *rows)
{
	struct table *table = table_begin(false, columns, count);

	while (cJSON_GetArraySize(rows))
		table_row(table, cJSON_DetachItemFromArray(rows, 0));
	table_end(table);
	cJSON_Delete(rows);
}

static void print_entries(const struct rf_compiled *compiled)
{
	static const struct column peers[] = {
		{.title = "DIRECTION", .key = "direction"},
		{.title = "PEER", .key = "peer"},
		{.title = "OWN CLASS", .key = "own", .is_right = true},
		{.title = "COMMON CLASS", .key = "common", .is_right = true},
	};
	static const struct column services[] = {
		{.title = "CLASS", .key = "class", .is_right = true},
		{.title = "SERVICE", .key = "service"},
		{.title = "REASON", .key = "reason"},
		{.title = "RULE", .key = "rule", .is_right = true},
	};

	putchar('\n');
	print_table(peers, sizeof(peers) / sizeof(peers[0]), peers_json(compiled));
	putchar('\n');
	print_table(services, sizeof(services) / sizeof(services[0]), services_json(compiled));
}

static void print_room(const char *map, const struct room *room, bool is_loaded)
{
	printf("%-9s %zu entries; the map holds %zu", map, room->needed, room->max);
	if (is_loaded)
		printf(", of which %zu are used\n", room->used);
	else
		printf(" if `maps` does not say otherwise\n");
}

static void add_room(cJSON *json, const char *key, const struct room *room, bool is_loaded)
{
	cJSON *object = cJSON_AddObjectToObject(json, key);

	row_add_number(object, "needed", room->needed);
	row_add_number(object, "max", room->max);
	row_add_number_if(object, "used", room->used, is_loaded);
}

static bool fits(const struct room *room)
{
	return room->used + room->needed <= room->max;
}

static void print(const struct invocation *invocation, const struct rf_compiled *compiled,
		  const struct room *peers, const struct room *services, bool is_loaded)
{
	bool with_entries = invocation_option(invocation, "entries");
	cJSON *json;

	if (!invocation->json) {
		printf("%-9s %u\n", "classes", compiled->class_count);
		print_room("peers", peers, is_loaded);
		print_room("services", services, is_loaded);
		if (with_entries)
			print_entries(compiled);
		return;
	}
	json = cJSON_CreateObject();
	row_add_number(json, "classes", compiled->class_count);
	add_room(json, "peers", peers, is_loaded);
	add_room(json, "services", services, is_loaded);
	cJSON_AddBoolToObject(json, "fits", fits(peers) && fits(services));
	row_add_part(json, "peerEntries", with_entries ? peers_json(compiled) : NULL);
	row_add_part(json, "serviceEntries", with_entries ? services_json(compiled) : NULL);
	json_print(json);
}

static int compile(const struct invocation *invocation, const struct rf_objects *objects,
		   const struct rf_policy *policy, struct rf_error *error)
{
	/* So that what does not fit has its numbers, too. */
	const struct rf_compile_limits limits = {UINT32_MAX, UINT32_MAX};
	struct rf_compiled compiled = {};
	struct room peers, services;
	int ret = rf_compile(policy, &limits, &compiled, error);

	if (ret)
		return ret;
	peers = room_in(objects, RF_MAP_PEERS, sizeof(struct rf_peer_key), compiled.peer_count,
			RF_PEERS_DEFAULT);
	services = room_in(objects, RF_MAP_SERVICES, sizeof(struct rf_service_key),
			   compiled.service_count, RF_SERVICES_DEFAULT);
	print(invocation, &compiled, &peers, &services, objects);
	rf_compiled_free(&compiled);
	if (fits(&peers) && fits(&services))
		return 0;
	rf_error_hint(error, "set maps.peers and maps.services in the network configuration; a new "
			     "size is taken when the maps are next created");
	return rf_fail(error, RF_CODE_MAP_FULL, -ENOSPC, "the policy does not fit into the maps");
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_objects_ struct rf_objects objects = RF_OBJECTS_NONE;
	struct policy_document document = {};
	int ret = policy_document_read(invocation->arguments[0], &document, error);

	if (!ret)
		ret = compile(invocation, rf_objects_open(&objects, NULL) ? NULL : &objects,
			      &document.policy, error);
	policy_document_free(&document);
	return ret;
}

static const struct command_option options[] = {
	{"entries", NULL, "print them"},
	{},
};

const struct command command_policy_compile = {
	.noun = "policy",
	.verb = "compile",
	.arguments = "FILE",
	.help = "how many classes and entries a document takes of the maps",
	.details = "Against the room that is left, if the maps are loaded, else against their "
		   "default sizes. Exit status 1\nif it does not fit.",
	.options = options,
	.arguments_min = 1,
	.arguments_max = 1,
	.needs_no_maps = true,
	.run = run,
};
