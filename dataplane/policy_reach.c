// SPDX-License-Identifier: Apache-2.0
/*
 * By the compiled entries: a rule decides if it is the best of what some region of peers and
 * services finds, where a region is what a prefix has besides the longer ones within it. A region
 * that these leave nothing of is none.
 */
#include "dataplane/policy_reach.h"
#include "dataplane/compile/compile.h"
#include "netconf/cleanup.h"

#include <arpa/inet.h>
#include <string.h>

#define STEPS_MAX     (1u << 27) /* a second or two */
#define DEPTH_MAX     130
#define SERVICE_BITS  24 /* protocol and port */
#define ADDRESS_BITS  128
#define PREFIX_OFFSET 32 /* of keys: before it are scope and class */

typedef unsigned __int128 bits_t;

struct reach {
	const struct rf_ruleset *ruleset;
	struct rf_policy_reach *out;
	const struct rf_rule **by_id;      /* sorted */
	struct rf_service_entry *services; /* sorted by class, then as a tree is walked */
	size_t service_count;
	size_t undecided; /* rules that are not known to decide yet */
	uint64_t steps;
};

struct peer_region {
	bits_t address;
	unsigned int length;
	bits_t covered; /* by the longest prefixes within it */
	bool has_inner;
	struct rf_peer_class value;
};

struct service_node {
	uint32_t bits;
	unsigned int length;
	const struct rf_service *own; /* the longest that covers it, of each class; may be NULL */
	const struct rf_service *common;
	uint64_t covered;
};

static bits_t address_bits(const struct rf_address *address)
{
	bits_t bits = 0;

	for (int i = 0; i < 4; i++)
		bits = bits << 32 | ntohl(address->word[i]);
	return bits;
}

/* How many addresses; of length 0 it wraps to 0, as does what covers all of them. */
static bits_t address_count(unsigned int length)
{
	return length ? (bits_t)1 << (ADDRESS_BITS - length) : 0;
}

static int compare_regions(const void *a, const void *b)
{
	const struct peer_region *first = a, *second = b;

	if (first->address != second->address)
		return first->address < second->address ? -1 : 1;
	return (first->length > second->length) - (first->length < second->length);
}

static uint32_t service_bits(const struct rf_service_key *key)
{
	return (uint32_t)key->protocol << 16 | (uint32_t)key->port[0] << 8 | key->port[1];
}

static int compare_services(const void *a, const void *b)
{
	const struct rf_service_key *first = &((const struct rf_service_entry *)a)->key;
	const struct rf_service_key *second = &((const struct rf_service_entry *)b)->key;
	uint32_t first_bits = service_bits(first), second_bits = service_bits(second);

	if (first->class_id != second->class_id)
		return first->class_id < second->class_id ? -1 : 1;
	if (first_bits != second_bits)
		return first_bits < second_bits ? -1 : 1;
	return (first->prefix_length > second->prefix_length) -
	       (first->prefix_length < second->prefix_length);
}

static int compare_ids(const void *a, const void *b)
{
	const struct rf_rule *const *first = a, *const *second = b;

	return ((*first)->id > (*second)->id) - ((*first)->id < (*second)->id);
}

static const struct rf_rule *find_rule(const struct reach *reach, uint32_t id)
{
	const struct rf_rule wanted = {.id = id}, *key = &wanted, **found;

	found = bsearch(&key, reach->by_id, reach->ruleset->rule_count, sizeof(*reach->by_id),
			compare_ids);
	return found ? *found : NULL;
}

static const struct rf_rule *better(const struct rf_rule *a, const struct rf_rule *b)
{
	if (!a || !b)
		return a ? a : b;
	return rf_rule_compare(a, b) < 0 ? a : b;
}

/* The region of @node is not empty: who is best there decides something. */
static void note_decider(struct reach *reach, const struct service_node *node)
{
	const struct rf_rule *own = node->own ? find_rule(reach, node->own->rule) : NULL;
	const struct rf_rule *common = node->common ? find_rule(reach, node->common->rule) : NULL;
	const struct rf_rule *best = better(own, common);
	bool *decides = best ? &reach->out->decides[best - reach->ruleset->rules]
			     : &reach->out->default_decides;

	reach->undecided -= !*decides;
	*decides = true;
}

static bool node_covers(const struct service_node *outer, uint32_t bits, unsigned int length)
{
	return outer->length <= length &&
	       (!outer->length || !((outer->bits ^ bits) >> (SERVICE_BITS - outer->length)));
}

static void leave_node(struct reach *reach, struct service_node *stack, int *depth)
{
	const struct service_node *node = &stack[--*depth];
	uint64_t size = UINT64_C(1) << (SERVICE_BITS - node->length);

	if (node->covered < size)
		note_decider(reach, node);
	if (*depth)
		stack[*depth - 1].covered += size;
}

static void first_of_class(const struct reach *reach, uint32_t class_id, size_t *first, size_t *end)
{
	size_t low = 0, high = reach->service_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (reach->services[middle].key.class_id < class_id)
			low = middle + 1;
		else
			high = middle;
	}
	*first = low;
	while (low < reach->service_count && reach->services[low].key.class_id == class_id)
		low++;
	*end = low;
}

/* Negative if the entry at @a stands before that at @b in the walk, without regard to classes. */
static int compare_places(const struct rf_service_entry *a, const struct rf_service_entry *b)
{
	struct rf_service_entry other = *b;

	other.key.class_id = a->key.class_id;
	return compare_services(a, &other);
}

/* Both classes as one tree. */
static void walk_services(struct reach *reach, const struct rf_peer_class *classes)
{
	struct service_node stack[DEPTH_MAX];
	size_t own, own_end, common, common_end;
	int depth = 0;

	first_of_class(reach, classes->own, &own, &own_end);
	first_of_class(reach, classes->common, &common, &common_end);
	while (own < own_end || common < common_end) {
		const struct rf_service_entry *entries = reach->services;
		int order = own == own_end ? 1
			    : common == common_end
				    ? -1
				    : compare_places(&entries[own], &entries[common]);
		const struct rf_service_entry *next = &entries[order <= 0 ? own : common];
		struct service_node node = {
			.bits = service_bits(&next->key),
			.length = next->key.prefix_length - PREFIX_OFFSET,
		};

		while (depth && !node_covers(&stack[depth - 1], node.bits, node.length))
			leave_node(reach, stack, &depth);
		node.own = order <= 0 ? &entries[own++].value : depth ? stack[depth - 1].own : NULL;
		node.common = order >= 0 ? &entries[common++].value
			      : depth    ? stack[depth - 1].common
					 : NULL;
		stack[depth++] = node;
		reach->steps++;
	}
	while (depth)
		leave_node(reach, stack, &depth);
}

static void leave_region(struct reach *reach, struct peer_region **stack, int *depth)
{
	const struct peer_region *region = stack[--*depth];
	bits_t size = address_count(region->length);

	if (*depth) {
		stack[*depth - 1]->covered += size;
		stack[*depth - 1]->has_inner = true;
	}
	if (region->has_inner && region->covered == size)
		return;
	if (reach->undecided && reach->steps < STEPS_MAX)
		walk_services(reach, &region->value);
}

static bool region_covers(const struct peer_region *outer, const struct peer_region *inner)
{
	return outer->length <= inner->length &&
	       (!outer->length ||
		!((outer->address ^ inner->address) >> (ADDRESS_BITS - outer->length)));
}

static void walk_regions(struct reach *reach, struct peer_region *regions, size_t count)
{
	struct peer_region *stack[DEPTH_MAX];
	int depth = 0;

	qsort(regions, count, sizeof(*regions), compare_regions);
	for (size_t i = 0; i < count; i++) {
		while (depth && !region_covers(stack[depth - 1], &regions[i]))
			leave_region(reach, stack, &depth);
		stack[depth++] = &regions[i];
	}
	while (depth)
		leave_region(reach, stack, &depth);
}

static int find_reach(struct reach *reach, const struct rf_compiled *compiled,
		      enum rf_direction direction)
{
	_cleanup_free_ struct peer_region *regions =
		calloc(compiled->peer_count + 1, sizeof(*regions));
	size_t rule_count = reach->ruleset->rule_count, count = 0;

	reach->by_id = calloc(rule_count + 1, sizeof(*reach->by_id));
	reach->out->decides = calloc(rule_count + 1, sizeof(*reach->out->decides));
	if (!regions || !reach->by_id || !reach->out->decides)
		return -ENOMEM;
	for (size_t i = 0; i < rule_count; i++)
		reach->by_id[i] = &reach->ruleset->rules[i];
	qsort(reach->by_id, rule_count, sizeof(*reach->by_id), compare_ids);
	reach->undecided = rule_count + 1;
	for (size_t i = 0; i < compiled->peer_count; i++) {
		const struct rf_peer_entry *entry = &compiled->peers[i];

		if (entry->key.scope == (uint32_t)direction)
			regions[count++] = (struct peer_region){
				.address = address_bits(&entry->key.peer),
				.length = entry->key.prefix_length - PREFIX_OFFSET,
				.value = entry->value,
			};
	}
	walk_regions(reach, regions, count);
	reach->out->is_known = reach->steps < STEPS_MAX;
	return 0;
}

int rf_policy_reach(const struct rf_policy *policy, struct rf_policy_reach out[RF_DIRECTIONS],
		    struct rf_error *error)
{
	const struct rf_compile_limits limits = {UINT32_MAX, UINT32_MAX};
	struct rf_compiled compiled = {};
	int ret = rf_compile(policy, &limits, &compiled, error);

	memset(out, 0, RF_DIRECTIONS * sizeof(*out));
	if (ret)
		return ret;
	qsort(compiled.services, compiled.service_count, sizeof(*compiled.services),
	      compare_services);
	for (int direction = 0; direction < RF_DIRECTIONS && !ret; direction++) {
		struct reach reach = {
			.ruleset = direction == RF_INGRESS ? &policy->ingress : &policy->egress,
			.out = &out[direction],
			.services = compiled.services,
			.service_count = compiled.service_count,
		};

		ret = find_reach(&reach, &compiled, direction);
		free(reach.by_id);
	}
	rf_compiled_free(&compiled);
	if (!ret)
		return 0;
	rf_policy_reach_free(out);
	return rf_fail(error, RF_CODE_INTERNAL, ret, "out of memory");
}

void rf_policy_reach_free(struct rf_policy_reach reach[RF_DIRECTIONS])
{
	for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
		free(reach[direction].decides);
		reach[direction] = (struct rf_policy_reach){};
	}
}
