/* SPDX-License-Identifier: Apache-2.0 */
#include "test/lib/random_policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Few rules meet often; many rules find what only shows with large sets. */
#define FEW_RULES  8
#define MANY_RULES 60
#define PREFIXES   12

static const int protocols[] = {
	RF_PROTOCOL_ANY, IPPROTO_TCP,    IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP,
	IPPROTO_ICMP,    IPPROTO_ICMPV6, IPPROTO_GRE, 0,           255,
};

static const uint16_t ports[] = {
	0,    1,    2,    22,   79,    80,    81,    443,   1023,  1024,  1025,  2048,
	2051, 8000, 8100, 8192, 32767, 32768, 32769, 34304, 34307, 65534, 65535,
};

static const uint32_t priorities[] = {
	RF_PRIORITY_WHEN_ABSENT, RF_PRIORITY_WHEN_ABSENT, 0, 1, 999, UINT32_MAX};

static const enum rf_action actions[] = {
	RF_ACTION_ALLOW, RF_ACTION_ALLOW, RF_ACTION_LOG, RF_ACTION_DENY, RF_ACTION_REJECT,
};

static const uint8_t v4_lengths[] = {96, 97, 104, 105, 111, 112, 119, 120, 121, 127, 128, 128};
static const uint8_t v6_lengths[] = {0,  1,  3,  8,   9,   32,  63,  64,
				     65, 95, 96, 112, 120, 127, 128, 128};

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory)
		abort();
	return memory;
}

static void clear_host_bits(struct rf_prefix *prefix)
{
	for (int bit = prefix->length; bit < 128; bit++)
		prefix->address.s6_addr[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

/* Addresses from few bits, so that one prefix often contains the other. */
static struct rf_prefix random_v4(struct prng *prng)
{
	static const uint8_t bytes[] = {0, 1, 9, 128, 255};
	struct rf_prefix prefix = {
		.address = {.s6_addr = {[10] = 0xff, [11] = 0xff, [12] = 10}},
		.length = v4_lengths[prng_below(prng, COUNT_OF(v4_lengths))],
		.is_v4 = true,
	};

	if (prng_one_in(prng, 8))
		prefix.address.s6_addr[12] = 192;
	for (int i = 13; i < 16; i++)
		prefix.address.s6_addr[i] = bytes[prng_below(prng, i == 13 ? 3 : COUNT_OF(bytes))];
	clear_host_bits(&prefix);
	return prefix;
}

/* Under fd00::, or such that it contains the mapped addresses or lies beside them. */
static struct rf_prefix random_v6(struct prng *prng)
{
	static const uint8_t bytes[] = {0, 0, 1, 0x80, 0xff};
	struct rf_prefix prefix = {
		.address = {.s6_addr = {0xfd}},
		.length = v6_lengths[prng_below(prng, COUNT_OF(v6_lengths))],
	};

	if (prng_one_in(prng, 4)) {
		prefix.address = (struct in6_addr){.s6_addr = {[10] = 0xff, [11] = 0xfe}};
	} else {
		for (int i = 7; i < 16; i += 1 + (i == 8) * 5)
			prefix.address.s6_addr[i] = bytes[prng_below(prng, COUNT_OF(bytes))];
	}
	clear_host_bits(&prefix);
	return prefix;
}

static void random_prefixes(struct prng *prng, struct rf_prefix pool[PREFIXES])
{
	for (size_t i = 0; i < PREFIXES; i++)
		pool[i] = prng_one_in(prng, 2) ? random_v4(prng) : random_v6(prng);
}

static void random_peers(struct prng *prng, const struct rf_prefix pool[PREFIXES],
			 struct rf_rule *rule)
{
	if (prng_one_in(prng, 4))
		return;
	rule->peers = allocate(4, sizeof(*rule->peers));
	rule->peer_count = 1 + prng_below(prng, prng_one_in(prng, 2) ? 1 : 4);
	for (size_t i = 0; i < rule->peer_count; i++)
		rule->peers[i] = pool[prng_below(prng, PREFIXES)];
}

static bool may_except(const struct rf_rule *rule, const struct rf_prefix *prefix)
{
	for (size_t i = 0; i < rule->peer_count; i++) {
		if (rf_prefix_contains(&rule->peers[i], prefix))
			return true;
	}
	return !rule->peer_count;
}

static void random_except(struct prng *prng, const struct rf_prefix pool[PREFIXES],
			  struct rf_rule *rule)
{
	uint32_t tries = prng_one_in(prng, 2) ? prng_below(prng, 8) : 0;

	rule->except = allocate(8, sizeof(*rule->except));
	for (uint32_t i = 0; i < tries; i++) {
		const struct rf_prefix *prefix = &pool[prng_below(prng, PREFIXES)];

		if (may_except(rule, prefix))
			rule->except[rule->except_count++] = *prefix;
	}
}

static bool has_ports(int protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP ||
	       protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

static uint16_t random_port(struct prng *prng)
{
	if (prng_one_in(prng, 4))
		return (uint16_t)prng_next(prng);
	return ports[prng_below(prng, COUNT_OF(ports))];
}

/* A port or code, an ICMP type, or a range. */
static struct rf_port_range random_range(struct prng *prng, int protocol)
{
	uint16_t a = random_port(prng), b = random_port(prng);

	if (prng_one_in(prng, 2))
		return (struct rf_port_range){a, a};
	if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6)
		return (struct rf_port_range){a & 0xff00, a | 0xff};
	return (struct rf_port_range){a < b ? a : b, a < b ? b : a};
}

static void random_ports(struct prng *prng, struct rf_rule *rule)
{
	if (!has_ports(rule->protocol) || prng_one_in(prng, 4))
		return;
	rule->ports = allocate(4, sizeof(*rule->ports));
	rule->port_count = 1 + prng_below(prng, prng_one_in(prng, 2) ? 1 : 4);
	for (size_t i = 0; i < rule->port_count; i++)
		rule->ports[i] = random_range(prng, rule->protocol);
}

static void random_action(struct prng *prng, struct rf_rule *rule)
{
	rule->action = actions[prng_below(prng, COUNT_OF(actions))];
	rule->is_logged = rule->action == RF_ACTION_LOG || prng_one_in(prng, 4);
	if (rule->action != RF_ACTION_ALLOW && rule->action != RF_ACTION_LOG)
		return;
	rule->qos.has_priority = prng_one_in(prng, 4);
	if (rule->qos.has_priority)
		rule->qos.priority = priorities[prng_below(prng, COUNT_OF(priorities))];
	rule->qos.has_dscp = prng_one_in(prng, 4);
	if (rule->qos.has_dscp)
		rule->qos.dscp = (uint8_t)prng_below(prng, 64);
}

static void random_ruleset(struct prng *prng, const struct rf_prefix pool[PREFIXES],
			   uint32_t first_id, struct rf_ruleset *ruleset)
{
	/* Ids are in an order of their own, since they decide between equals. */
	uint32_t id_mask = prng_below(prng, 64);

	ruleset->restricted = !prng_one_in(prng, 8);
	if (!ruleset->restricted)
		return;
	ruleset->default_action = prng_one_in(prng, 2) ? RF_ACTION_ALLOW : RF_ACTION_DENY;
	ruleset->rule_count = prng_below(prng, prng_one_in(prng, 16) ? MANY_RULES : FEW_RULES);
	ruleset->rules = allocate(MANY_RULES, sizeof(*ruleset->rules));
	for (uint32_t i = 0; i < ruleset->rule_count; i++) {
		struct rf_rule *rule = &ruleset->rules[i];

		rule->id = first_id + (i ^ id_mask);
		random_action(prng, rule);
		rule->priority = priorities[prng_below(prng, COUNT_OF(priorities))];
		rule->protocol = protocols[prng_below(prng, COUNT_OF(protocols))];
		random_peers(prng, pool, rule);
		random_except(prng, pool, rule);
		random_ports(prng, rule);
	}
}

void random_policy(struct prng *prng, struct rf_policy *policy)
{
	struct rf_prefix pool[PREFIXES];

	memset(policy, 0, sizeof(*policy));
	random_prefixes(prng, pool);
	random_ruleset(prng, pool, 1, &policy->ingress);
	random_ruleset(prng, pool, 101, &policy->egress);
}

/* The address after @address, or the one before. */
static void step_outside(struct in6_addr *address, bool forward)
{
	for (int i = 15; i >= 0; i--) {
		address->s6_addr[i] += forward ? 1 : 255;
		if (address->s6_addr[i] != (forward ? 0 : 255))
			return;
	}
}

static struct in6_addr random_peer(struct prng *prng, const struct rf_prefix *prefix)
{
	enum {
		FIRST,
		BEFORE,
		LAST,
		BEHIND,
		INSIDE,
		PLACES
	} place = prng_below(prng, PLACES);
	struct in6_addr address = prefix->address;

	for (int bit = prefix->length; bit < 128 && place >= LAST; bit++) {
		if (place != INSIDE || prng_one_in(prng, 2))
			address.s6_addr[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	}
	if (place == BEFORE || place == BEHIND)
		step_outside(&address, place == BEHIND);
	return address;
}

/* Any of those that the rule names, or else one that it may not know. */
static struct rf_prefix pick_prefix(struct prng *prng, const struct rf_rule *rule)
{
	size_t count = rule ? rule->peer_count + rule->except_count : 0;
	size_t index = count ? prng_below(prng, (uint32_t)count) : 0;

	if (!count || prng_one_in(prng, 16))
		return prng_one_in(prng, 2) ? random_v4(prng) : random_v6(prng);
	return index < rule->peer_count ? rule->peers[index]
					: rule->except[index - rule->peer_count];
}

static uint16_t pick_service(struct prng *prng, const struct rf_rule *rule)
{
	const struct rf_port_range *range;

	if (!rule || !rule->port_count || prng_one_in(prng, 8))
		return random_port(prng);
	range = &rule->ports[prng_below(prng, (uint32_t)rule->port_count)];
	switch (prng_below(prng, 5)) {
	case 0:
		return range->first;
	case 1:
		return range->last;
	case 2:
		return range->first - 1;
	case 3:
		return range->last + 1;
	default:
		return range->first + prng_below(prng, range->last - range->first + 1u);
	}
}

static uint8_t pick_protocol(struct prng *prng, const struct rf_rule *rule, bool is_v4)
{
	int protocol = rule ? rule->protocol : RF_PROTOCOL_ANY;

	if (protocol == RF_PROTOCOL_ANY || prng_one_in(prng, 8))
		protocol = protocols[prng_below(prng, COUNT_OF(protocols))];
	if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6)
		return is_v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	/* 0 is a header of IPv6 itself. */
	if (protocol == RF_PROTOCOL_ANY || (!is_v4 && !protocol))
		return IPPROTO_TCP;
	return (uint8_t)protocol;
}

struct policy_question random_question(struct prng *prng, const struct rf_policy *policy)
{
	struct policy_question question = {
		.direction = prng_one_in(prng, 2) ? RF_INGRESS : RF_EGRESS,
	};
	const struct rf_ruleset *ruleset =
		question.direction == RF_INGRESS ? &policy->ingress : &policy->egress;
	const struct rf_rule *rule = NULL;
	struct rf_prefix prefix;

	if (ruleset->rule_count)
		rule = &ruleset->rules[prng_below(prng, (uint32_t)ruleset->rule_count)];
	prefix = pick_prefix(prng, rule);
	question.peer = random_peer(prng, &prefix);
	question.protocol = pick_protocol(prng, rule, IN6_IS_ADDR_V4MAPPED(&question.peer));
	if (has_ports(question.protocol))
		question.service = pick_service(prng, rule);
	return question;
}
