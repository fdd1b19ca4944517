/* SPDX-License-Identifier: Apache-2.0 */
/* Peers and exceptions of a rule. */
#include "netconf/cleanup.h"
#include "netconf/policy_internal.h"

#include <string.h>

static int read_prefix(const cJSON *json, const struct rf_place *place, struct rf_prefix *out,
		       struct rf_error *error)
{
	struct rf_prefix meant;
	const char *why;
	const char *other;
	char text[RF_PREFIX_TEXT];

	if (!cJSON_IsString(json))
		return rf_fail_type(error, place, json, "a string");
	if (!rf_prefix_parse(json->valuestring, out, &why))
		return 0;
	/* What differs from the masked prefix can be host bits only. */
	if (!rf_prefix_parse_masked(json->valuestring, &meant, &other))
		return rf_fail_at(error, RF_CODE_CONFIG, place,
				  "\"%s\" has host bits set: did you mean %s?", json->valuestring,
				  rf_prefix_format(&meant, text));
	return rf_fail_at(error, RF_CODE_CONFIG, place, "\"%s\" %s", json->valuestring, why);
}

int rf_prefixes_read(const cJSON *json, const struct rf_place *place, struct rf_prefix **out,
		     size_t *out_count, struct rf_error *error)
{
	_cleanup_free_ struct rf_prefix *prefixes = NULL;
	struct rf_place inner = {.parent = place};
	const cJSON *item;
	int result = rf_read_array(json, place, error);

	if (result < 0 || !json->child)
		return result;
	prefixes = calloc((size_t)cJSON_GetArraySize(json), sizeof(*prefixes));
	if (!prefixes)
		return rf_fail_memory(error);
	cJSON_ArrayForEach (item, json) {
		result = read_prefix(item, &inner, &prefixes[inner.index], error);
		if (result < 0)
			return result;
		inner.index++;
	}
	*out = TAKE_PTR(prefixes);
	*out_count = inner.index;
	return 0;
}

static int check_family(const struct rf_prefix *prefixes, size_t count, bool is_v4,
			const struct rf_place *place, struct rf_error *error)
{
	struct rf_place inner = {.parent = place};
	char text[RF_PREFIX_TEXT];

	for (; inner.index < count; inner.index++) {
		if (prefixes[inner.index].is_v4 == is_v4)
			continue;
		rf_fail_at(error, RF_CODE_CONFIG, &inner, "%s is %s, but the rule's protocol is %s",
			   rf_prefix_format(&prefixes[inner.index], text), is_v4 ? "IPv6" : "IPv4",
			   is_v4 ? "icmp" : "icmpv6");
		rf_error_hint(error,
			      "icmp goes with IPv4 peers, icmpv6 with IPv6 ones; write a rule "
			      "for each");
		return -EINVAL;
	}
	return 0;
}

int rf_rule_check_families(const struct rf_rule *rule, const struct rf_place *place,
			   struct rf_error *error)
{
	const struct rf_place peers = {.parent = place, .key = "peers"};
	const struct rf_place except = {.parent = place, .key = "except"};
	bool is_v4 = rule->protocol == IPPROTO_ICMP;
	int result;

	if (!rf_protocol_is_icmp(rule->protocol))
		return 0;
	result = check_family(rule->peers, rule->peer_count, is_v4, &peers, error);
	if (result < 0)
		return result;
	return check_family(rule->except, rule->except_count, is_v4, &except, error);
}

static int compare_prefixes(const void *a, const void *b)
{
	return rf_prefix_compare(a, b);
}

/* How many of the sorted @prefixes come before @wanted. */
static size_t count_before(const struct rf_prefix *prefixes, size_t count,
			   const struct rf_prefix *wanted)
{
	size_t low = 0;
	size_t high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rf_prefix_compare(&prefixes[middle], wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * Leave out of the sorted @prefixes those that lie in another. What is left are disjoint, so only
 * one of them can contain a given prefix: the last one that does not come behind it.
 */
static size_t keep_outermost(struct rf_prefix *prefixes, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || !rf_prefix_contains(&prefixes[kept - 1], &prefixes[i]))
			prefixes[kept++] = prefixes[i];
	}
	return kept;
}

static int check_leaves_something(const struct rf_rule *rule, const struct rf_prefix *sorted,
				  const struct rf_place *place, struct rf_error *error)
{
	struct rf_place inner = {.parent = place};
	char text[RF_PREFIX_TEXT];
	char peer_text[RF_PREFIX_TEXT];

	for (; inner.index < rule->except_count; inner.index++) {
		const struct rf_prefix *except = &rule->except[inner.index];
		size_t next = count_before(sorted, rule->peer_count, except);

		if (next == rule->peer_count || !rf_prefix_contains(except, &sorted[next]))
			continue;
		return rf_fail_at(
			error, RF_CODE_CONFIG, &inner, "%s would leave nothing of the peer %s",
			rf_prefix_format(except, text), rf_prefix_format(&sorted[next], peer_text));
	}
	return 0;
}

static int check_lies_in_peers(const struct rf_rule *rule, const struct rf_prefix *outermost,
			       size_t count, const struct rf_place *place, struct rf_error *error)
{
	struct rf_place inner = {.parent = place};
	char text[RF_PREFIX_TEXT];

	for (; inner.index < rule->except_count; inner.index++) {
		const struct rf_prefix *except = &rule->except[inner.index];
		size_t before = count_before(outermost, count, except);

		if (before > 0 && rf_prefix_contains(&outermost[before - 1], except))
			continue;
		rf_fail_at(error, RF_CODE_CONFIG, &inner, "%s lies in none of the rule's peers",
			   rf_prefix_format(except, text));
		rf_error_hint(error, "an exception takes addresses out of a peer that holds them");
		return -EINVAL;
	}
	return 0;
}

int rf_rule_check_except(const struct rf_rule *rule, const struct rf_place *place,
			 struct rf_error *error)
{
	const struct rf_place except = {.parent = place, .key = "except"};
	_cleanup_free_ struct rf_prefix *sorted = NULL;
	size_t count;
	int result;

	/* Without peers everybody is one, and nothing is outside of it. */
	if (rule->except_count == 0 || rule->peer_count == 0)
		return 0;
	sorted = calloc(rule->peer_count, sizeof(*sorted));
	if (!sorted)
		return rf_fail_memory(error);
	memcpy(sorted, rule->peers, rule->peer_count * sizeof(*sorted));
	qsort(sorted, rule->peer_count, sizeof(*sorted), compare_prefixes);

	result = check_leaves_something(rule, sorted, &except, error);
	if (result < 0)
		return result;
	count = keep_outermost(sorted, rule->peer_count);
	return check_lies_in_peers(rule, sorted, count, &except, error);
}
