/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiler and programs against the model: random policies are written into the maps, random
 * packets are put through the programs, and verdict, counted reason and rule must be what the model
 * says.
 *
 * RINGFENCE_PAIRS: how many pairs of policy and packet; RINGFENCE_SEED: repeats a run.
 */
#include "bpf/ringfence.skel.h"
#include "bpf/state.h"
#include "dataplane/compile/compile.h"
#include "netconf/cleanup.h"
#include "test/lib/packet.h"
#include "test/lib/random_policy.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/pkt_cls.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PAIRS_WHEN_ABSENT 200000
#define PACKETS           100 /* for each policy */
#define POD               1
#define LOOPBACK          1
#define FORWARDED_FROM    2 /* any interface: the packet is not the node's own */

struct fixture {
	struct ringfence *programs;
	struct ring_buffer *denies;
	struct rf_deny_event event; /* the last one */
	unsigned int events;
	struct rf_pod_state pod;
	struct rf_pod_counters counters; /* as they were read last */
	uint32_t policy_id;
	uint32_t class_base; /* last class number that was given */
	uint64_t answers[RF_REASON_COUNT];
	uint64_t rules_seen;
};

/* What the programs made of a packet. */
struct outcome {
	int action;
	struct policy_answer answer;
	bool rule_known;
};

static int take_event(void *context, void *data, size_t size)
{
	struct fixture *fixture = context;

	assert_true(size >= sizeof(fixture->event));
	memcpy(&fixture->event, data, sizeof(fixture->event));
	fixture->events++;
	return 0;
}

static int open_programs(struct fixture *fixture)
{
	struct ringfence *programs = ringfence__open();

	fixture->programs = programs;
	if (!programs)
		return -1;
	/* No flow is answered here, and none outlives its packet. */
	bpf_map__set_max_entries(programs->maps.sessions, 1024);
	bpf_map__set_max_entries(programs->maps.half_open, 4096);
	if (ringfence__load(programs))
		return -1;
	fixture->denies =
		ring_buffer__new(bpf_map__fd(programs->maps.denies), take_event, fixture, NULL);
	return fixture->denies ? 0 : -1;
}

static void update(struct bpf_map *map, const void *key, const void *value)
{
	int err = bpf_map_update_elem(bpf_map__fd(map), key, value, BPF_ANY);

	if (err)
		fail_msg("update %s: %s", bpf_map__name(map), strerror(-err));
}

static struct in6_addr pod_address(bool is_v4)
{
	return packet_address(is_v4 ? "203.0.113.10" : "2001:db8::10");
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	uint32_t pod = POD, ifindex = LOOPBACK;

	assert_non_null(fixture);
	*state = fixture;
	if (open_programs(fixture))
		return -1;
	for (int is_v4 = 0; is_v4 < 2; is_v4++) {
		struct in6_addr address = pod_address(is_v4);

		update(fixture->programs->maps.pods, &address, &pod);
	}
	update(fixture->programs->maps.interfaces, &ifindex, &pod);
	fixture->pod = (struct rf_pod_state){.ifindex = LOOPBACK, .flags = RF_POD_ANTI_SPOOF};
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	ring_buffer__free(fixture->denies);
	ringfence__destroy(fixture->programs);
	free(fixture);
	return 0;
}

/* The policy's entries get ids that were never used, as in life. */
static void give_ids(struct fixture *fixture, struct rf_compiled *compiled)
{
	fixture->policy_id++;
	for (size_t i = 0; i < compiled->peer_count; i++) {
		struct rf_peer_entry *entry = &compiled->peers[i];

		entry->key.scope = RF_SCOPE(fixture->policy_id, entry->key.scope);
		entry->value.common += fixture->class_base;
		if (entry->value.own)
			entry->value.own += fixture->class_base;
	}
	for (size_t i = 0; i < compiled->service_count; i++)
		compiled->services[i].key.class_id += fixture->class_base;
	fixture->class_base += compiled->class_count;
}

static void put_in_force(struct fixture *fixture, const struct rf_policy *policy,
			 struct rf_compiled *compiled)
{
	const struct rf_compile_limits limits = {RF_PEERS_DEFAULT, RF_SERVICES_DEFAULT};
	struct rf_error error = {0};

	if (rf_compile(policy, &limits, compiled, &error))
		fail_msg("%s", error.message);
	give_ids(fixture, compiled);
	for (size_t i = 0; i < compiled->service_count; i++)
		update(fixture->programs->maps.services, &compiled->services[i].key,
		       &compiled->services[i].value);
	for (size_t i = 0; i < compiled->peer_count; i++)
		update(fixture->programs->maps.peers, &compiled->peers[i].key,
		       &compiled->peers[i].value);
	fixture->pod.policy = RF_POLICY_WORD(fixture->policy_id, fixture->policy_id);
}

static void remove_entries(struct fixture *fixture, const struct rf_compiled *compiled)
{
	int peers = bpf_map__fd(fixture->programs->maps.peers);
	int services = bpf_map__fd(fixture->programs->maps.services);

	for (size_t i = 0; i < compiled->peer_count; i++)
		assert_int_equal(bpf_map_delete_elem(peers, &compiled->peers[i].key), 0);
	for (size_t i = 0; i < compiled->service_count; i++)
		assert_int_equal(bpf_map_delete_elem(services, &compiled->services[i].key), 0);
}

static bool is_icmp(uint8_t protocol)
{
	return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

/* The packet that opens the flow. @number tells the flows of one policy apart. */
static struct packet_spec opening_packet(const struct policy_question *question, uint16_t number)
{
	struct in6_addr pod = pod_address(IN6_IS_ADDR_V4MAPPED(&question->peer));
	bool from_peer = question->direction == RF_INGRESS;
	struct packet_spec spec = {
		.source = from_peer ? question->peer : pod,
		.destination = from_peer ? pod : question->peer,
		.protocol = question->protocol,
		.payload_size = number % 64,
	};

	if (is_icmp(question->protocol)) {
		spec.icmp_type = question->service >> 8;
		spec.icmp_code = question->service & 0xff;
		spec.icmp_identifier = number;
	} else if (question->protocol == IPPROTO_TCP || question->protocol == IPPROTO_UDP ||
		   question->protocol == IPPROTO_SCTP) {
		spec.source_port = number;
		spec.destination_port = question->service;
		spec.tcp_flags = RF_TCP_SYN;
	}
	return spec;
}

/* Only an echo request, of ICMP, makes a session. */
static uint8_t echo_request(uint8_t protocol)
{
	return protocol == IPPROTO_ICMP ? 8 : 128;
}

static bool find_session(const struct fixture *fixture, const struct policy_question *question,
			 const struct packet_spec *spec, struct rf_session *session)
{
	bool from_peer = question->direction == RF_INGRESS;
	struct in6_addr pod = from_peer ? spec->destination : spec->source;
	uint16_t opener = htons(spec->source_port), target = htons(spec->destination_port);
	struct rf_flow_key key = {.protocol = spec->protocol};

	memcpy(&key.pod, &pod, sizeof(key.pod));
	memcpy(&key.peer, &question->peer, sizeof(key.peer));
	if (is_icmp(spec->protocol)) {
		if (question->service != echo_request(spec->protocol) << 8)
			return false;
		opener = htons(spec->icmp_identifier);
		key.echo = 1 + question->direction;
	}
	key.pod_port = from_peer ? target : opener;
	key.peer_port = from_peer ? opener : target;
	return !bpf_map_lookup_elem(bpf_map__fd(fixture->programs->maps.half_open), &key, session);
}

/* The reason that was counted since the last call, in @direction: exactly one packet. */
static enum rf_reason counted_reason(struct fixture *fixture, enum rf_direction direction,
				     size_t length)
{
	static struct rf_pod_counters values[1024];
	struct rf_pod_counters sum = {0};
	enum rf_reason reason = RF_REASON_COUNT;
	uint64_t packets = 0;
	uint32_t pod = POD;

	assert_in_range(libbpf_num_possible_cpus(), 1, 1024);
	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(fixture->programs->maps.pod_counters),
					     &pod, values),
			 0);
	for (int i = 0; i < RF_REASON_COUNT; i++) {
		struct rf_count *cell = &sum.count[direction][i];
		struct rf_count *before = &fixture->counters.count[direction][i];

		for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++) {
			cell->packets += values[cpu].count[direction][i].packets;
			cell->bytes += values[cpu].count[direction][i].bytes;
		}
		if (cell->packets != before->packets) {
			reason = (enum rf_reason)i;
			packets += cell->packets - before->packets;
			assert_int_equal(cell->bytes - before->bytes, length);
		}
		*before = *cell;
	}
	assert_int_equal(packets, 1);
	return reason;
}

static int run_program(const struct fixture *fixture, enum rf_direction direction,
		       const struct packet_spec *spec, size_t *length)
{
	struct __sk_buff context = {.ifindex = LOOPBACK, .ingress_ifindex = FORWARDED_FROM};
	uint8_t packet[PACKET_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet, .ctx_in = &context,
		    .ctx_size_in = sizeof(context));
	const struct bpf_program *program = direction == RF_INGRESS
						    ? fixture->programs->progs.rf_to_pod
						    : fixture->programs->progs.rf_from_pod;
	int err;

	*length = packet_build(spec, packet, sizeof(packet));
	assert_true(*length > 0);
	options.data_size_in = (uint32_t)*length;
	err = bpf_prog_test_run_opts(bpf_program__fd(program), &options);
	if (err)
		fail_msg("test run: %s", strerror(-err));
	return (int)options.retval;
}

static struct outcome ask_programs(struct fixture *fixture, const struct policy_question *question,
				   uint16_t number)
{
	struct packet_spec spec = opening_packet(question, number);
	struct rf_session session;
	struct outcome outcome = {0};
	uint32_t pod = POD;
	size_t length;

	/* Another incarnation of the pod: no earlier flow is its. */
	fixture->pod.incarnation++;
	update(fixture->programs->maps.pod_state, &pod, &fixture->pod);
	fixture->events = 0;
	outcome.action = run_program(fixture, question->direction, &spec, &length);
	outcome.answer.reason = counted_reason(fixture, question->direction, length);
	ring_buffer__consume(fixture->denies);
	if (outcome.action == TC_ACT_UNSPEC) {
		outcome.answer.verdict = RF_ALLOW;
		outcome.rule_known = find_session(fixture, question, &spec, &session) &&
				     session.incarnation == fixture->pod.incarnation;
		outcome.answer.rule = outcome.rule_known ? session.rule : 0;
		assert_int_equal(fixture->events, 0);
	} else if (fixture->events == 1) {
		outcome.answer.verdict = RF_DENY;
		outcome.rule_known = fixture->event.reason == outcome.answer.reason &&
				     ntohs(fixture->event.service) == question->service &&
				     fixture->event.direction == question->direction;
		outcome.answer.rule = fixture->event.rule;
	}
	return outcome;
}

static bool is_as_expected(const struct outcome *outcome, const struct policy_answer *expected,
			   const struct policy_question *question)
{
	/* Of ICMP that is allowed but no echo request, nothing holds the rule. */
	bool must_know = expected->verdict == RF_DENY || !is_icmp(question->protocol) ||
			 question->service == echo_request(question->protocol) << 8;

	return outcome->action == (expected->verdict == RF_ALLOW ? TC_ACT_UNSPEC : TC_ACT_SHOT) &&
	       outcome->answer.verdict == expected->verdict &&
	       outcome->answer.reason == expected->reason && outcome->rule_known == must_know &&
	       (!must_know || outcome->answer.rule == expected->rule);
}

static void explain(const struct rf_policy *policy, const struct policy_question *question,
		    const struct outcome *outcome, const struct policy_answer *expected)
{
	_cleanup_json_ cJSON *json = rf_policy_to_json(policy);
	char *text = json ? cJSON_Print(json) : NULL;
	char packet[POLICY_QUESTION_TEXT];

	print_error("%s\n", text ? text : "(no text of the policy)");
	cJSON_free(text);
	print_error("packet: %s\n", policy_question_format(question, packet));
	print_error("programs: action %d reason %d rule %u (%s)\n", outcome->action,
		    outcome->answer.reason, outcome->answer.rule,
		    outcome->rule_known ? "as recorded" : "not recorded");
	print_error("model: %s reason %d rule %u\n",
		    expected->verdict == RF_ALLOW ? "allow" : "deny", expected->reason,
		    expected->rule);
}

static void compare_policy(struct fixture *fixture, struct prng *prng)
{
	struct rf_policy policy;
	struct rf_compiled compiled;

	random_policy(prng, &policy);
	put_in_force(fixture, &policy, &compiled);
	for (uint16_t number = 1; number <= PACKETS; number++) {
		struct policy_question question = random_question(prng, &policy);
		struct policy_answer expected = policy_model(&policy, &question);
		struct outcome outcome = ask_programs(fixture, &question, number);

		if (!is_as_expected(&outcome, &expected, &question)) {
			explain(&policy, &question, &outcome, &expected);
			fail_msg("the programs differ from the model; the seed is above");
		}
		fixture->answers[expected.reason]++;
		fixture->rules_seen += outcome.rule_known && expected.rule;
	}
	remove_entries(fixture, &compiled);
	rf_compiled_free(&compiled);
	rf_policy_free(&policy);
}

static void programs_do_what_the_model_says(void **state)
{
	static const enum rf_reason reasons[] = {RF_REASON_RULE_ALLOW, RF_REASON_RULE_DENY,
						 RF_REASON_DEFAULT_ALLOW, RF_REASON_DEFAULT_DENY};
	const char *text = getenv("RINGFENCE_PAIRS");
	uint64_t pairs = text ? strtoull(text, NULL, 0) : PAIRS_WHEN_ABSENT;
	struct prng prng = prng_from_environment();
	struct fixture *fixture = *state;

	for (uint64_t done = 0; done < pairs; done += PACKETS)
		compare_policy(fixture, &prng);
	/* A comparison in which one answer hardly comes up would prove little. */
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		printf("# reason %d: %llu packets\n", reasons[i],
		       (unsigned long long)fixture->answers[reasons[i]]);
		if (pairs >= PAIRS_WHEN_ABSENT)
			assert_true(fixture->answers[reasons[i]] > pairs / 50);
	}
	printf("# %llu rules compared\n", (unsigned long long)fixture->rules_seen);
}

/* The policy word names a policy whose entries are gone: a stated verdict. */
static void a_policy_without_entries_denies(void **state)
{
	const struct policy_question question = {
		.direction = RF_INGRESS,
		.peer = packet_address("10.0.0.1"),
		.protocol = IPPROTO_TCP,
		.service = 80,
	};
	struct fixture *fixture = *state;
	struct outcome outcome;

	fixture->pod.policy = RF_POLICY_WORD(RF_POLICY_ID_MAX, 1);
	outcome = ask_programs(fixture, &question, 1);
	assert_int_equal(outcome.action, TC_ACT_SHOT);
	assert_int_equal(outcome.answer.reason, RF_REASON_NO_POLICY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_do_what_the_model_says),
		cmocka_unit_test(a_policy_without_entries_denies),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
