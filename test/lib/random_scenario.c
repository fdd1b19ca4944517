/* SPDX-License-Identifier: Apache-2.0 */
#include "test/lib/random_scenario.h"
#include "bpf/tcp.h"
#include "netconf/cleanup.h"
#include "netconf/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(array)            (sizeof(array) / sizeof((array)[0]))
#define PICK(prng, array)          ((array)[prng_below((prng), COUNT_OF(array))])
#define TCP_PUSH                   8 /* a flag that says nothing by itself */
#define WAITS_MAX                  9 /* the tenths of a second must not add up to a whole one */
#define INITIAL_SEQUENCE(from_pod) ((from_pod) ? 4294967000u : 7000u)

static void random_rules(struct prng *prng, char *text, size_t size, unsigned int first_id)
{
	static const char *const actions[] = {"allow", "allow", "deny", "log", "reject"};
	static const char *const matches[] = {
		"",
		"",
		"\"protocol\": \"tcp\", ",
		"\"protocol\": \"tcp\", \"ports\": [\"80\"], ",
		"\"protocol\": \"udp\", ",
		"\"protocol\": \"icmp\", ",
		"\"protocol\": \"icmpv6\", ",
		"\"peers\": [\"10.0.0.0/24\"], ",
		"\"peers\": [\"fd00::/64\", \"10.0.1.9\"], ",
	};
	unsigned int count = prng_below(prng, 4);
	size_t length = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < count; i++)
		length += snprintf(text + length, size - length,
				   "%s{\"id\": %u, %s\"log\": %s, \"action\": \"%s\"}",
				   i ? ", " : "", first_id + i, PICK(prng, matches),
				   prng_one_in(prng, 3) ? "true" : "false", PICK(prng, actions));
}

static void random_policy_of_two(struct prng *prng, struct rf_policy *policy)
{
	const char *names[] = {"ingress", "egress"};
	char text[2048] = "{", rules[800];
	_cleanup_json_ cJSON *json = NULL;
	size_t length = 1;

	for (unsigned int i = 0; i < 2; i++) {
		if (prng_one_in(prng, 4))
			continue;
		random_rules(prng, rules, sizeof(rules), 100 * (i + 1));
		length += snprintf(text + length, sizeof(text) - length,
				   "%s\"%s\": {\"default\": \"%s\", \"rules\": [%s]}",
				   length > 1 ? ", " : "", names[i],
				   prng_one_in(prng, 2) ? "deny" : "allow", rules);
	}
	snprintf(text + length, sizeof(text) - length, "}");
	*policy = (struct rf_policy){};
	if (rf_json_parse(text, strlen(text), &json, NULL) ||
	    rf_policy_parse(json, "policy", false, policy, NULL)) {
		fprintf(stderr, "random_scenario: no policy: %s\n", text);
		abort();
	}
}

static bool is_icmp(const struct scenario_tuple *tuple)
{
	return tuple->protocol == IPPROTO_ICMP || tuple->protocol == IPPROTO_ICMPV6;
}

static struct scenario_tuple random_tuple(struct prng *prng)
{
	static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_TCP,  IPPROTO_TCP,  IPPROTO_TCP,
					    IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_SCTP, IPPROTO_GRE};
	static const uint16_t ports[][2] = {{80, 40000}, {80, 40000}, {40000, 80}, {81, 40000}};
	const uint16_t *pair = PICK(prng, ports);
	struct scenario_tuple tuple = {
		.direction = prng_below(prng, 2),
		.is_v6 = prng_one_in(prng, 3),
		.peer = prng_one_in(prng, 4),
		.protocol = PICK(prng, protocols),
	};

	if (tuple.protocol == IPPROTO_ICMP) {
		tuple.protocol = tuple.is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
		tuple.icmp_type = tuple.is_v6 ? 128 : 8;
		tuple.icmp_identifier = 7;
		/* A reply, by itself; or what is neither. */
		if (prng_one_in(prng, 3))
			tuple.icmp_type = tuple.is_v6 ? 129 : 0;
		else if (prng_one_in(prng, 6))
			tuple.icmp_type = tuple.is_v6 ? 139 : 13;
	} else if (tuple.protocol != IPPROTO_GRE) {
		tuple.pod_port = pair[0];
		tuple.peer_port = pair[1];
	}
	return tuple;
}

/* The packet that answers it. */
static struct scenario_tuple reply_to(struct scenario_tuple tuple)
{
	tuple.direction = !tuple.direction;
	if (is_icmp(&tuple)) {
		uint8_t request = tuple.is_v6 ? 128 : 8, reply = tuple.is_v6 ? 129 : 0;

		if (tuple.icmp_type == request || tuple.icmp_type == reply)
			tuple.icmp_type = tuple.icmp_type == request ? reply : request;
	}
	return tuple;
}

static struct scenario_packet packet_of(struct scenario_tuple tuple, uint8_t tcp_flags)
{
	bool from_pod = tuple.direction == RF_EGRESS;

	return (struct scenario_packet){
		.tuple = tuple,
		.tcp_flags = tuple.protocol == IPPROTO_TCP ? tcp_flags : 0,
		.tcp_initial = INITIAL_SEQUENCE(from_pod),
		.tcp_acknowledged = tcp_flags & RF_TCP_ACK ? INITIAL_SEQUENCE(!from_pod) : 0,
	};
}

static void add(struct scenario *scenario, const struct scenario_step *step)
{
	if (scenario->count < SCENARIO_STEPS)
		scenario->steps[scenario->count++] = *step;
}

static void add_packet(struct scenario *scenario, struct scenario_packet packet)
{
	const struct scenario_step step = {.kind = SCENARIO_PACKET, .packet = packet};

	add(scenario, &step);
}

/* A flow as it ought to be, of which some packets get lost. */
static void add_conversation(struct prng *prng, struct scenario *scenario,
			     struct scenario_tuple tuple)
{
	static const uint8_t opener[] = {RF_TCP_SYN, RF_TCP_ACK, RF_TCP_ACK,
					 RF_TCP_FIN | RF_TCP_ACK, RF_TCP_ACK};
	static const uint8_t other[] = {RF_TCP_SYN | RF_TCP_ACK, RF_TCP_ACK, RF_TCP_ACK,
					RF_TCP_FIN | RF_TCP_ACK, RF_TCP_ACK};
	uint32_t exchanges = 1 + prng_below(prng, COUNT_OF(opener));
	bool from_node = prng_one_in(prng, 10);

	for (uint32_t i = 0; i < exchanges; i++) {
		struct scenario_packet packet = packet_of(tuple, opener[i]);

		packet.from_node = from_node && tuple.direction == RF_INGRESS;
		if (!prng_one_in(prng, 10))
			add_packet(scenario, packet);
		if (!prng_one_in(prng, 10))
			add_packet(scenario, packet_of(reply_to(tuple), other[i]));
	}
}

static void add_fragments(struct prng *prng, struct scenario *scenario, struct scenario_tuple tuple)
{
	static const enum scenario_fragment parts[] = {SCENARIO_FIRST, SCENARIO_LATER,
						       SCENARIO_LATER, SCENARIO_OVERLAPPING};

	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		struct scenario_packet packet = packet_of(tuple, RF_TCP_ACK);

		packet.fragment = prng_one_in(prng, 5) ? PICK(prng, parts) : parts[i];
		packet.fragment_id = 1 + prng_below(prng, 2);
		if (!prng_one_in(prng, 4))
			add_packet(scenario, packet);
	}
}

static void add_error(struct prng *prng, struct scenario *scenario, struct scenario_tuple inner)
{
	struct scenario_packet packet = {.tuple = inner, .inner = inner, .is_error = true};

	packet.tuple.direction = !inner.direction;
	packet.tuple.protocol = inner.is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	packet.tuple.icmp_type = 3;
	packet.tuple.icmp_code = inner.is_v6 ? 0 : 4;
	packet.tuple.icmp_identifier = 0;
	packet.tuple.pod_port = 0;
	packet.tuple.peer_port = 0;
	/* To the pod an error may come from any router; the pod's own go to the sender. */
	if (packet.tuple.direction == RF_INGRESS && prng_one_in(prng, 2))
		packet.tuple.peer = !packet.tuple.peer;
	add_packet(scenario, packet);
}

/* One packet that may be anything. */
static void add_stray(struct prng *prng, struct scenario *scenario, struct scenario_tuple tuple)
{
	static const uint8_t flags[] = {
		RF_TCP_SYN, RF_TCP_SYN | RF_TCP_ACK, RF_TCP_ACK, RF_TCP_FIN | RF_TCP_ACK,
		RF_TCP_RST, RF_TCP_RST | RF_TCP_ACK, RF_TCP_FIN, RF_TCP_SYN | RF_TCP_FIN,
		TCP_PUSH,
	};
	struct scenario_packet packet =
		packet_of(prng_one_in(prng, 2) ? tuple : reply_to(tuple), PICK(prng, flags));

	packet.from_node = packet.tuple.direction == RF_INGRESS && prng_one_in(prng, 8);
	if (prng_one_in(prng, 4))
		packet.tcp_acknowledged += 1u << 30;
	if (prng_one_in(prng, 20)) {
		packet.is_spoofed = true;
		packet.tcp_flags = RF_TCP_ACK;
	}
	packet.is_tagged = prng_one_in(prng, 8);
	add_packet(scenario, packet);
}

/* Of the flow that is under way, mostly. */
static void add_pinhole(struct prng *prng, struct scenario *scenario, struct scenario_tuple tuple)
{
	static const uint32_t lifetimes[] = {0, 0, 20, 40, 100, 1000};
	struct scenario_step step = {.kind = SCENARIO_PINHOLE};

	if (is_icmp(&tuple)) {
		/* There are pinholes for requests alone. */
		if (tuple.icmp_type != (tuple.is_v6 ? 128 : 8))
			return;
	} else if (prng_one_in(prng, 4)) {
		tuple.direction = !tuple.direction;
	}
	step.pinhole.tuple = tuple;
	if (prng_one_in(prng, 4)) {
		step.kind = SCENARIO_NO_PINHOLE;
	} else {
		step.pinhole.verdict = prng_one_in(prng, 3) ? RF_DENY : RF_ALLOW;
		step.pinhole.rule = prng_one_in(prng, 4) ? 0 : 900 + prng_below(prng, 3);
		step.pinhole.seconds = PICK(prng, lifetimes);
	}
	add(scenario, &step);
}

static void add_change(struct prng *prng, struct scenario *scenario, unsigned int *waits)
{
	static const uint32_t tenths[] = {1, 51, 111, 151, 211, 311, 451, 611, 1211, 1811, 72011};
	struct scenario_step step = {.kind = SCENARIO_POLICY};

	switch (prng_below(prng, 5)) {
	case 0:
	case 1:
		step.policy = prng_below(prng, SCENARIO_POLICIES);
		break;
	case 2:
		step.kind = SCENARIO_AUDIT;
		step.is_audit = prng_one_in(prng, 2);
		break;
	default:
		if (++*waits > WAITS_MAX)
			return;
		step.kind = SCENARIO_WAIT;
		step.tenths = PICK(prng, tenths);
	}
	add(scenario, &step);
}

void random_scenario(struct prng *prng, struct scenario *scenario)
{
	struct scenario_tuple tuple = random_tuple(prng);
	unsigned int waits;

	scenario->count = 0;
	scenario->session_limit = prng_one_in(prng, 4) ? 1 + prng_below(prng, 4) : 0;
	/* What counts for the limit when time has passed, the model does not know. */
	waits = scenario->session_limit ? WAITS_MAX : 0;
	for (size_t i = 0; i < SCENARIO_POLICIES; i++)
		random_policy_of_two(prng, &scenario->policies[i]);
	while (scenario->count < SCENARIO_STEPS) {
		if (prng_one_in(prng, 4))
			tuple = random_tuple(prng);
		switch (prng_below(prng, 9)) {
		case 0:
		case 1:
			add_conversation(prng, scenario, tuple);
			break;
		case 2:
			add_fragments(prng, scenario, tuple);
			break;
		case 3:
			add_error(prng, scenario, tuple);
			break;
		case 4:
		case 5:
			add_change(prng, scenario, &waits);
			break;
		case 6:
			add_pinhole(prng, scenario, tuple);
			break;
		default:
			add_stray(prng, scenario, tuple);
		}
	}
}
