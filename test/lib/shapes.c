// SPDX-License-Identifier: Apache-2.0
#include "test/lib/shapes.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define PORTS       65536u
#define LEVELS      20
#define LEVEL_RULES 50

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory)
		abort();
	return memory;
}

/* @count rules for every peer, port and protocol of ingress, which denies else. */
static void make_rules(struct rf_policy *policy, size_t count)
{
	*policy = (struct rf_policy){.ingress = {.restricted = true}};
	policy->ingress.default_action = RF_ACTION_DENY;
	policy->ingress.rules = allocate(count, sizeof(*policy->ingress.rules));
	policy->ingress.rule_count = count;
	for (size_t i = 0; i < count; i++)
		policy->ingress.rules[i] = (struct rf_rule){
			.id = (uint32_t)i + 1,
			.action = i % 3 ? RF_ACTION_ALLOW : RF_ACTION_DENY,
			.priority = RF_PRIORITY_WHEN_ABSENT,
			.protocol = IPPROTO_TCP,
		};
}

static void set_ports(struct rf_rule *rule, uint32_t first, uint32_t last)
{
	rule->ports = allocate(1, sizeof(*rule->ports));
	rule->port_count = 1;
	rule->ports[0] = (struct rf_port_range){(uint16_t)first, (uint16_t)last};
}

static struct rf_prefix v4_prefix(uint32_t address, int length)
{
	struct rf_prefix prefix = {
		.address = {.s6_addr = {[10] = 0xff, [11] = 0xff}},
		.length = (uint8_t)(RF_V4_PREFIX_LENGTH + length),
		.is_v4 = true,
	};

	address = htonl(length ? address & ~0u << (32 - length) : 0);
	memcpy(prefix.address.s6_addr + 12, &address, sizeof(address));
	return prefix;
}

/* The same bits behind fd00::/8, which stand for 10.0.0.0/8. */
static struct rf_prefix v6_prefix(uint32_t address, int length)
{
	struct rf_prefix prefix = {.length = (uint8_t)length};

	address = htonl((address & 0xffffff) | 0xfd000000);
	address &= htonl(~0u << (32 - length));
	memcpy(prefix.address.s6_addr, &address, sizeof(address));
	return prefix;
}

static void set_peer(struct rf_rule *rule, uint32_t address, int length)
{
	rule->peers = allocate(1, sizeof(*rule->peers));
	rule->peer_count = 1;
	rule->peers[0] = v4_prefix(address, length);
}

/* 5,000 rules for every peer beside 5,000 with a /24 each: 10,000 entries, not 25 million. */
static void every_peer_beside_prefixes(struct rf_policy *policy)
{
	make_rules(policy, 10000);
	for (uint32_t i = 0; i < 10000; i++) {
		struct rf_rule *rule = &policy->ingress.rules[i];

		set_ports(rule, i + 1, i + 1);
		rule->priority = 1 + i * 7919 % 10000;
		if (i % 2)
			set_peer(rule, 0x0a000000 + (i << 8), 24);
	}
}

/* The prefix of a level, all within each other; or, beside the next level, the other half of it. */
static void set_level(struct rf_rule *rule, int level)
{
	const uint32_t inner = 0x0aa5a5a5;
	uint32_t outer = inner ^ 1u << (31 - 8 - level);

	rule->peers = allocate(2, sizeof(*rule->peers));
	rule->except = allocate(2, sizeof(*rule->except));
	rule->peer_count = rule->except_count = 2;
	rule->peers[0] = v4_prefix(inner, 8 + level);
	rule->peers[1] = v6_prefix(inner, 8 + level);
	rule->except[0] = v4_prefix(outer, 8 + level + 1);
	rule->except[1] = v6_prefix(outer, 8 + level + 1);
}

/*
 * At each of 20 levels 50 rules with a port each, and without one half of their prefix. A level has
 * the rules of all levels above it, an excepted half those above the one that excepts it: which is
 * the set of another level. So 20 classes of 50 to 1,000 entries, in both families the same.
 */
static void nested_prefixes(struct rf_policy *policy)
{
	make_rules(policy, (size_t)LEVELS * LEVEL_RULES);
	for (uint32_t i = 0; i < LEVELS * LEVEL_RULES; i++) {
		set_ports(&policy->ingress.rules[i], 1 + i, 1 + i);
		set_level(&policy->ingress.rules[i], (int)(i / LEVEL_RULES));
	}
}

/* The same, and all of it in the other direction once more. */
static void nested_prefixes_both_ways(struct rf_policy *policy)
{
	struct rf_policy other;

	nested_prefixes(policy);
	nested_prefixes(&other);
	policy->egress = other.ingress;
	for (size_t i = 0; i < policy->egress.rule_count; i++)
		policy->egress.rules[i].id += 10000;
}

static void odd_ports(struct rf_policy *policy)
{
	make_rules(policy, 1);
	policy->ingress.rules[0].ports = allocate(PORTS / 2, sizeof(struct rf_port_range));
	policy->ingress.rules[0].port_count = PORTS / 2;
	for (uint32_t i = 0; i < PORTS / 2; i++)
		policy->ingress.rules[0].ports[i] =
			(struct rf_port_range){(uint16_t)(2 * i + 1), (uint16_t)(2 * i + 1)};
}

/* As one rule each: 32,768 rules. */
static void odd_port_rules(struct rf_policy *policy)
{
	make_rules(policy, PORTS / 2);
	for (uint32_t i = 0; i < PORTS / 2; i++)
		set_ports(&policy->ingress.rules[i], 2 * i + 1, 2 * i + 1);
}

/* All ports as ranges of three, of which each is two prefixes, and one that is left over. */
static void ranges_of_three(struct rf_policy *policy)
{
	make_rules(policy, PORTS / 3 + 1);
	for (uint32_t i = 0; i < PORTS / 3; i++)
		set_ports(&policy->ingress.rules[i], 3 * i, 3 * i + 2);
	set_ports(&policy->ingress.rules[PORTS / 3], PORTS - 1, PORTS - 1);
}

/* All ports as ranges of 1, 3, 5 and so on, to 511: 256 rules. */
static void ranges_of_odd_length(struct rf_policy *policy)
{
	uint32_t first = 0;

	make_rules(policy, 256);
	for (uint32_t i = 0; i < 256; i++) {
		set_ports(&policy->ingress.rules[i], first, first + 2 * i);
		first += 2 * i + 1;
	}
}

/*
 * 10,000 rules with ranges of 38 ports and 1,000 prefixes that overlap: 10 of length 16 in a /8,
 * each with 99 of length 24. A /24 has 10 rules of its own and 10 of its /16.
 */
static void overlapping_with_ranges(struct rf_policy *policy)
{
	make_rules(policy, 10000);
	for (uint32_t i = 0; i < 10000; i++) {
		struct rf_rule *rule = &policy->ingress.rules[i];
		uint32_t prefix = i % 1000, first = 1 + i * 6007 % 65000;

		set_ports(rule, first, first + 37);
		set_peer(rule, 0x0a000000 + (prefix % 10 << 16) + (prefix / 10 << 8),
			 prefix < 10 ? 16 : 24);
	}
}

/* All ports as ranges of three, in each of four prefixes that lie within each other. */
static void ranges_in_nested_prefixes(struct rf_policy *policy)
{
	make_rules(policy, (size_t)4 * 21845);
	for (uint32_t i = 0; i < 4 * 21845; i++) {
		struct rf_rule *rule = &policy->ingress.rules[i];

		rule->priority = 4 - i % 4;
		set_ports(rule, i / 4 * 3, i / 4 * 3 + 2);
		set_peer(rule, 0x0a000000, 8 + (int)(i % 4) * 8);
	}
}

/* 20,000 rules for all of 10.0.0.0/8, beside 20,000 for a /24 of it each: each /24 has them all. */
static void multiplied(struct rf_policy *policy)
{
	make_rules(policy, 40000);
	for (uint32_t i = 0; i < 40000; i++) {
		set_ports(&policy->ingress.rules[i], 1 + i, 1 + i);
		set_peer(&policy->ingress.rules[i], 0x0a000000 + (i << 8), i % 2 ? 24 : 8);
	}
}

/* In `peers` there are two roots for each direction with prefixes, else one; in `services` a
 * default for each direction. */
const struct shape shapes_fitting[SHAPES_FITTING] = {
	{"5,000 rules for every peer beside 5,000 prefixes", every_peer_beside_prefixes, 5002,
	 10002, false},
	{"prefixes nested 20 deep, each with an exception", nested_prefixes, 82, 10502, false},
	{"the same both ways", nested_prefixes_both_ways, 162, 21002, false},
	{"all odd ports in one rule", odd_ports, 2, 32770, false},
	{"all odd ports, a rule each", odd_port_rules, 2, 32770, false},
	{"all ports as ranges of three", ranges_of_three, 2, 43693, false},
	{"all ports as ranges of odd length", ranges_of_odd_length, 2, 1721, false},
	{"10,000 rules with ranges and 1,000 overlapping prefixes", overlapping_with_ranges, 1002,
	 105780, false},
};

const struct shape shapes_too_much[SHAPES_TOO_MUCH] = {
	{"all ports as ranges of three in nested prefixes", ranges_in_nested_prefixes, 6, 174762,
	 false},
	{"rules times prefixes", multiplied, 0, 0, true},
};
