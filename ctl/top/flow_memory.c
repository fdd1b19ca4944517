// SPDX-License-Identifier: Apache-2.0
#include "ctl/top/flow_memory.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define CAPACITY_FIRST 1024
#define SLOTS_PER_FLOW 2 /* of the capacity: at most every second slot is taken */

/* Those that are gone may be one in so many, before the others move together. */
#define GONE_SHARE 8

struct remembered_flow {
	struct flow_identity identity;
	uint64_t seen; /* ns, CLOCK_MONOTONIC */
	uint64_t packets[RF_DIRECTIONS];
	uint64_t bytes[RF_DIRECTIONS];
};

_Static_assert(sizeof(struct flow_identity) == 48, "whole words without padding");

/* Peers choose addresses and ports, so the seed is not known to them. */
static uint64_t hash(const struct flow_memory *memory, const struct flow_identity *identity)
{
	uint64_t words[sizeof(*identity) / sizeof(uint64_t)], value = memory->seed;

	memcpy(words, identity, sizeof(words));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		value = (value ^ words[i]) * 0x9e3779b97f4a7c15;
		value ^= value >> 32;
	}
	return value;
}

/* The slot that has the flow, or the free one where it belongs. */
static uint32_t *find(const struct flow_memory *memory, const struct flow_identity *identity)
{
	size_t mask = memory->slot_count - 1;
	size_t at = hash(memory, identity) & mask;

	while (memory->slots[at] && memcmp(&memory->flows[memory->slots[at] - 1].identity, identity,
					   sizeof(*identity)) != 0)
		at = (at + 1) & mask;
	return &memory->slots[at];
}

static void fill_slots(struct flow_memory *memory)
{
	for (size_t i = 0; i < memory->count; i++)
		*find(memory, &memory->flows[i].identity) = (uint32_t)i + 1;
}

static bool grow(struct flow_memory *memory)
{
	size_t capacity = memory->capacity ? memory->capacity * 2 : CAPACITY_FIRST;
	struct remembered_flow *flows =
		reallocarray(memory->flows, capacity, sizeof(*memory->flows));
	uint32_t *slots;

	if (!flows)
		return false;
	memory->flows = flows;
	slots = calloc(capacity * SLOTS_PER_FLOW, sizeof(*slots));
	if (!slots)
		return false;
	free(memory->slots);
	memory->slots = slots;
	memory->slot_count = capacity * SLOTS_PER_FLOW;
	memory->capacity = capacity;
	fill_slots(memory);
	return true;
}

void flow_memory_expect(const struct flow_memory *memory, const struct flow_identity *identities,
			size_t count)
{
	size_t mask = memory->slot_count - 1;

	/* Of a million flows neither slot nor counters are in the processor's caches. */
	for (size_t i = 0; i < count && memory->slot_count; i++)
		__builtin_prefetch(&memory->slots[hash(memory, &identities[i]) & mask]);
	for (size_t i = 0; i < count && memory->slot_count; i++) {
		uint32_t slot = memory->slots[hash(memory, &identities[i]) & mask];
		const char *flow = (const char *)&memory->flows[slot ? slot - 1 : 0];

		__builtin_prefetch(flow);
		__builtin_prefetch(flow + sizeof(struct remembered_flow) - 1);
	}
}

void flow_memory_begin(struct flow_memory *memory, uint64_t now)
{
	if (!memory->look && getrandom(&memory->seed, sizeof(memory->seed), 0) < 0)
		memory->seed = now;
	memory->before = memory->look;
	memory->look = now;
	memory->seen = 0;
}

static void compare(const struct rf_session *session, const struct remembered_flow *last,
		    uint64_t now, struct flow_growth *growth)
{
	for (int i = 0; i < RF_DIRECTIONS; i++) {
		if (session->packets[i] > last->packets[i])
			growth->packets[i] = session->packets[i] - last->packets[i];
		if (session->bytes[i] > last->bytes[i])
			growth->bytes[i] = session->bytes[i] - last->bytes[i];
	}
	growth->nanoseconds = now > last->seen ? now - last->seen : 1;
}

/* What is compared with of a flow that was not seen before. */
static struct remembered_flow beginning(const struct flow_memory *memory,
					const struct flow_identity *identity,
					const struct rf_session *session)
{
	struct remembered_flow flow = {.identity = *identity, .seen = memory->before};

	/* It went from one map to the other while they were read, or this is the first look. */
	if (!memory->before || session->created < memory->before) {
		memcpy(flow.packets, session->packets, sizeof(flow.packets));
		memcpy(flow.bytes, session->bytes, sizeof(flow.bytes));
	}
	return flow;
}

int flow_memory_see(struct flow_memory *memory, const struct flow_identity *identity,
		    const struct rf_session *session, uint64_t now, struct flow_growth *growth)
{
	struct remembered_flow *remembered;
	uint32_t *slot;

	if (memory->count == memory->capacity && !grow(memory))
		return -ENOMEM;
	*growth = (struct flow_growth){};
	slot = find(memory, identity);
	if (!*slot) {
		memory->flows[memory->count++] = beginning(memory, identity, session);
		*slot = (uint32_t)memory->count;
	}
	remembered = &memory->flows[*slot - 1];
	if (remembered->seen >= memory->look)
		return -EALREADY;
	compare(session, remembered, now, growth);
	remembered->seen = now;
	memcpy(remembered->packets, session->packets, sizeof(remembered->packets));
	memcpy(remembered->bytes, session->bytes, sizeof(remembered->bytes));
	memory->seen++;
	return 0;
}

void flow_memory_end(struct flow_memory *memory)
{
	size_t kept = 0;

	if (memory->count - memory->seen <= memory->count / GONE_SHARE)
		return;
	for (size_t i = 0; i < memory->count; i++)
		if (memory->flows[i].seen >= memory->look)
			memory->flows[kept++] = memory->flows[i];
	memory->count = kept;
	memset(memory->slots, 0, memory->slot_count * sizeof(*memory->slots));
	fill_slots(memory);
}

void flow_memory_free(struct flow_memory *memory)
{
	free(memory->flows);
	free(memory->slots);
	*memory = (struct flow_memory){};
}
