// SPDX-License-Identifier: Apache-2.0
#include "test/lib/compiled.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "compiled_answer: %s\n", what);
	abort();
}

static bool same_bits(const void *left, const void *right, uint32_t bits)
{
	const uint8_t *a = left, *b = right;

	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return !(bits % 8) || !((a[bits / 8] ^ b[bits / 8]) >> (8 - bits % 8));
}

/* The kernel's longest-prefix match: over what stands behind the length. */
static const struct rf_peer_class *find_peer(const struct rf_compiled *compiled,
					     const struct rf_peer_key *key)
{
	const struct rf_peer_entry *best = NULL;

	for (size_t i = 0; i < compiled->peer_count; i++) {
		const struct rf_peer_entry *entry = &compiled->peers[i];

		if ((!best || entry->key.prefix_length > best->key.prefix_length) &&
		    same_bits(&entry->key.scope, &key->scope, entry->key.prefix_length))
			best = entry;
	}
	return best ? &best->value : NULL;
}

static const struct rf_service *find_service(const struct rf_compiled *compiled,
					     const struct rf_service_key *key)
{
	const struct rf_service_entry *best = NULL;

	for (size_t i = 0; i < compiled->service_count; i++) {
		const struct rf_service_entry *entry = &compiled->services[i];

		if ((!best || entry->key.prefix_length > best->key.prefix_length) &&
		    same_bits(&entry->key.class_id, &key->class_id, entry->key.prefix_length))
			best = entry;
	}
	return best ? &best->value : NULL;
}

struct policy_answer compiled_answer(const struct rf_compiled *compiled,
				     const struct policy_question *question)
{
	static const enum rf_verdict verdicts[] = {
#define VERDICT(name, verdict, text) [RF_REASON_##name] = (verdict),
		RF_REASONS(VERDICT)
#undef VERDICT
	};
	struct rf_peer_key peer = {.scope = question->direction};
	struct rf_service_key service = {
		.protocol = question->protocol,
		.port = {question->service >> 8, question->service & 0xff},
	};
	const struct rf_service *own = NULL, *common;
	const struct rf_peer_class *class;

	memcpy(&peer.peer, &question->peer, sizeof(peer.peer));
	class = find_peer(compiled, &peer);
	expect(class, "no class of the peer");
	if (class->own) {
		service.class_id = class->own;
		own = find_service(compiled, &service);
	}
	service.class_id = class->common;
	common = find_service(compiled, &service);
	expect(common, "no default of the class");
	if (!own || rf_service_wins(common, own))
		own = common;
	return (struct policy_answer){
		.verdict = verdicts[own->reason],
		.reason = own->reason,
		.rule = own->rule,
		.flags = own->flags,
		.dscp = own->dscp,
		.priority = own->priority,
	};
}
