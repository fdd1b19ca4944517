/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A longest-prefix match finds only the longest, so what a service inherits from the shorter ones
 * that contain it is resolved here: each entry has the best rule of all that cover it, and one that
 * says no more than its closest ancestor is left out.
 */
#include "dataplane/compile/fold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Any protocol, a protocol, and 1 to 16 bits of port. */
#define DEPTH_MAX 18

/* The default comes behind all rules, whose ranks are indices. */
#define DEFAULT_INDEX UINT32_MAX

/* Sorted by service key, then rank. */
#define CANDIDATE(key, rank)      ((uint64_t)(key) << 32 | (rank))
#define CANDIDATE_KEY(candidate)  ((uint32_t)((candidate) >> 32))
#define CANDIDATE_RANK(candidate) ((uint32_t)(candidate))

static int compare_candidates(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

/* True if @outer, which stands before @inner in order, covers it. */
static bool covers(uint32_t outer, uint32_t inner)
{
	if (outer == RF_SERVICE_KEY_ANY)
		return true;
	if (RF_SERVICE_PROTOCOL(outer) != RF_SERVICE_PROTOCOL(inner))
		return false;
	return !((RF_SERVICE_PORT(outer) ^ RF_SERVICE_PORT(inner)) &
		 ~(0xffffu >> RF_SERVICE_LENGTH(outer)));
}

static uint8_t rule_reason(enum rf_action action)
{
	static const uint8_t reasons[] = {
		[RF_ACTION_ALLOW] = RF_REASON_RULE_ALLOW,
		[RF_ACTION_DENY] = RF_REASON_RULE_DENY,
		[RF_ACTION_LOG] = RF_REASON_RULE_ALLOW,
		[RF_ACTION_REJECT] = RF_REASON_RULE_REJECT,
	};

	return reasons[action];
}

static uint8_t rule_order(enum rf_action action)
{
	static const uint8_t orders[] = {
		[RF_ACTION_ALLOW] = RF_ORDER_ALLOW,
		[RF_ACTION_DENY] = RF_ORDER_DENY,
		[RF_ACTION_LOG] = RF_ORDER_LOG,
		[RF_ACTION_REJECT] = RF_ORDER_DENY,
	};

	return orders[action];
}

static struct rf_service service_value(const struct rf_fold_direction *direction, uint32_t rank)
{
	struct rf_service value = {
		.rank = RF_RANK_DEFAULT,
		.order = RF_ORDER_DEFAULT,
		.reason = direction->default_reason,
	};
	const struct rf_rule *rule;

	if (rank == DEFAULT_INDEX)
		return value;
	rule = direction->rules[rank];
	value.rank = rule->priority;
	value.order = rule_order(rule->action);
	value.rule = rule->id;
	value.reason = rule_reason(rule->action);
	value.priority = rule->qos.priority;
	value.dscp = rule->qos.dscp;
	value.flags = (rule->is_logged ? RF_SERVICE_LOG : 0) |
		      (rule->qos.has_priority ? RF_SERVICE_PRIORITY : 0) |
		      (rule->qos.has_dscp ? RF_SERVICE_DSCP : 0);
	return value;
}

static int add_entry(struct rf_fold_direction *direction, uint32_t class_id, uint32_t key,
		     uint32_t rank)
{
	struct rf_service_entry entry = {
		.key = {.prefix_length = 32, .class_id = class_id},
		.value = service_value(direction, rank),
	};

	if (key != RF_SERVICE_KEY_ANY) {
		entry.key.prefix_length = 40 + RF_SERVICE_LENGTH(key);
		entry.key.protocol = RF_SERVICE_PROTOCOL(key);
		entry.key.port[0] = (uint8_t)(RF_SERVICE_PORT(key) >> 8);
		entry.key.port[1] = (uint8_t)RF_SERVICE_PORT(key);
	}
	return rf_fold_add_service(direction->fold, &entry);
}

/*
 * Candidates in order are the trie in pre-order: a stack of those that cover the current one. What
 * says something is kept, at the front of @candidates. Returns how many.
 */
static size_t sweep(uint64_t *candidates, size_t count)
{
	uint64_t stack[DEPTH_MAX];
	size_t kept = 0;
	int depth = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t key = CANDIDATE_KEY(candidates[i]), rank = CANDIDATE_RANK(candidates[i]);

		while (depth && !covers(CANDIDATE_KEY(stack[depth - 1]), key))
			depth--;
		/* Of equal keys the first is the best, and covers the others. */
		if (depth && CANDIDATE_RANK(stack[depth - 1]) <= rank)
			continue;
		stack[depth++] = candidates[i];
		candidates[kept++] = candidates[i];
	}
	return kept;
}

/* Lengths of service keys: any protocol is 0, a protocol 1, and each bit of the port one more. */
static unsigned int key_length(uint32_t key)
{
	return key == RF_SERVICE_KEY_ANY ? 0 : 1 + RF_SERVICE_LENGTH(key);
}

/* From the shortest on (compile.h). */
static int add_entries(struct rf_fold_direction *direction, uint32_t class_id, const uint64_t *kept,
		       size_t count)
{
	uint32_t lengths = 0;

	for (size_t i = 0; i < count; i++)
		lengths |= 1u << key_length(CANDIDATE_KEY(kept[i]));
	for (unsigned int length = 0; length < DEPTH_MAX; length++) {
		for (size_t i = 0; i < count && lengths >> length & 1; i++) {
			uint32_t key = CANDIDATE_KEY(kept[i]);
			int err = key_length(key) == length ? add_entry(direction, class_id, key,
									CANDIDATE_RANK(kept[i]))
							    : 0;

			if (err)
				return err;
		}
	}
	return 0;
}

static size_t count_services(const struct rf_fold_direction *direction, const uint32_t *ranks,
			     size_t count)
{
	size_t services = 0;

	for (size_t i = 0; i < count; i++)
		services +=
			direction->first_service[ranks[i] + 1] - direction->first_service[ranks[i]];
	return services;
}

int rf_fold_class(struct rf_fold_direction *direction, const uint32_t *ranks, size_t count,
		  bool common, uint32_t *class_id)
{
	size_t most = count_services(direction, ranks, count) + 1, used = 0;
	uint64_t *candidates;
	int err = rf_fold_steps(direction->fold, most);

	if (err)
		return err;
	candidates = reallocarray(NULL, most, sizeof(*candidates));
	if (!candidates)
		return rf_fold_no_memory(direction->fold);
	if (common)
		candidates[used++] = CANDIDATE(RF_SERVICE_KEY_ANY, DEFAULT_INDEX);
	for (size_t i = 0; i < count; i++) {
		size_t first = direction->first_service[ranks[i]];
		size_t end = direction->first_service[ranks[i] + 1];

		for (size_t service = first; service < end; service++)
			candidates[used++] = CANDIDATE(direction->services[service], ranks[i]);
	}
	qsort(candidates, used, sizeof(*candidates), compare_candidates);
	*class_id = ++direction->fold->out.class_count;
	err = add_entries(direction, *class_id, candidates, sweep(candidates, used));
	free(candidates);
	return err;
}
