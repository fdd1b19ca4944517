/* SPDX-License-Identifier: Apache-2.0 */
#include "test/lib/replay_run.h"
#include "dataplane/policy/image.h"
#include "dataplane/constants.h"
#include "dataplane/counters.h"
#include "dataplane/map_batch.h"
#include "dataplane/pinhole.h"

#include <bpf/bpf.h>
#include <stdlib.h>
#include <string.h>

static void read_counters(const struct replay_run *run, struct rf_pod_counters *counters)
{
	if (rf_counters_read(&run->programs->objects, SCENARIO_POD_ID, counters))
		abort();
}

/* The one reason that was counted since the last time. */
static void find_reason(struct replay_run *run, enum rf_direction direction)
{
	struct rf_pod_counters now;
	uint64_t packets = 0;

	read_counters(run, &now);
	for (uint32_t reason = 0; reason < RF_REASON_COUNT; reason++) {
		uint64_t more = now.count[direction][reason].packets -
				run->counters.count[direction][reason].packets;

		packets += more;
		if (more)
			run->actual.reason = reason;
	}
	run->counted_once = packets == 1;
	run->counters = now;
}

static void pass(struct replay_run *run, const struct scenario_packet *packet)
{
	struct programs *programs = run->programs;
	uint8_t bytes[PACKET_MAX];
	size_t length = scenario_build(packet, bytes, sizeof(bytes));

	programs->events = 0;
	programs->flow_events = 0;
	run->actual = (struct scenario_answer){};
	run->explained = programs_explain(programs, packet->tuple.direction, bytes, length,
					  packet->from_node ? PROGRAMS_NODE : PROGRAMS_FORWARDED);
	run->actual.passes =
		programs_pass_bytes(programs, packet->tuple.direction, bytes, length,
				    packet->from_node ? PROGRAMS_NODE : PROGRAMS_FORWARDED);
	run->actual.is_denied_event = programs->events == 1;
	run->actual.is_flow_event = programs->flow_events == 1;
	if (programs->events)
		run->actual.rule = programs->event.rule;
	else if (programs->flow_events)
		run->actual.rule = programs->flow_event.rule;
	find_reason(run, packet->tuple.direction);
}

struct aging {
	int map;
	size_t value_size;
	size_t offset;  /* of the ticks in the value */
	uint64_t ticks; /* or, of pinholes, ns */
};

static void age_one(const void *key, const void *value, void *context)
{
	const struct aging *aging = context;
	uint8_t copy[sizeof(struct rf_session)];
	uint64_t ticks;

	memcpy(copy, value, aging->value_size);
	memcpy(&ticks, copy + aging->offset, sizeof(ticks));
	ticks -= aging->ticks;
	memcpy(copy + aging->offset, &ticks, sizeof(ticks));
	bpf_map_update_elem(aging->map, key, copy, BPF_EXIST);
}

/* One that has expired already has a time behind any clock's beginning: let it be 1. */
static void expire_one(const void *key, const void *value, void *context)
{
	const struct aging *aging = context;
	struct rf_pinhole pinhole = *(const struct rf_pinhole *)value;

	if (!pinhole.expires)
		return;
	pinhole.expires = pinhole.expires > aging->ticks ? pinhole.expires - aging->ticks : 1;
	bpf_map_update_elem(aging->map, key, &pinhole, BPF_EXIST);
}

/* What the programs have seen is as much older. */
static void wait_tenths(const struct replay_run *run, uint32_t tenths)
{
	const int *maps = run->programs->objects.maps;
	struct aging aging = {
		.value_size = sizeof(struct rf_session),
		.offset = offsetof(struct rf_session, last_seen),
		.ticks = tenths * rf_ticks_per_second() / 10,
	};

	for (int i = 0; i < 2; i++) {
		aging.map = maps[i ? RF_MAP_SESSIONS : RF_MAP_HALF_OPEN];
		rf_map_each(aging.map, sizeof(struct rf_flow_key), aging.value_size, age_one,
			    &aging);
	}
	aging.map = maps[RF_MAP_FRAGMENTS];
	aging.value_size = sizeof(struct rf_fragment);
	aging.offset = offsetof(struct rf_fragment, first_seen);
	rf_map_each(aging.map, sizeof(struct rf_fragment_key), aging.value_size, age_one, &aging);
	aging.map = maps[RF_MAP_PINHOLES];
	aging.ticks = tenths * 100000000ull; /* these are ns */
	rf_map_each(aging.map, sizeof(struct rf_pinhole_key), sizeof(struct rf_pinhole), expire_one,
		    &aging);
}

static void set_policy(const struct replay_run *run, const struct rf_policy *policy)
{
	const struct rf_compile_limits limits = {1024, 1024};
	struct rf_compiled compiled = {};
	struct rf_policy_image image;

	if (rf_compile(policy, &limits, &compiled, NULL))
		abort();
	programs_set_compiled(run->programs, SCENARIO_POD_ID, &compiled, &image);
	rf_policy_image_free(&image);
	rf_compiled_free(&compiled);
}

static void set_limit(const struct replay_run *run)
{
	const struct rf_pod_limits limits = {.sessions = run->scenario->session_limit};
	uint32_t pod = SCENARIO_POD_ID;

	if (bpf_map_update_elem(run->programs->objects.maps[RF_MAP_POD_LIMITS], &pod, &limits,
				BPF_ANY))
		abort();
}

static void set_audit(const struct replay_run *run, bool is_audit)
{
	struct rf_pod_state *pod = &run->programs->objects.pod_state[SCENARIO_POD_ID];

	pod->flags = RF_POD_ANTI_SPOOF | (is_audit ? RF_POD_AUDIT : 0) |
		     (run->scenario->session_limit ? RF_POD_LIMIT_SESSIONS : 0);
	set_policy(run, &run->scenario->policies[run->model.policy]);
}

/* The key as bpf/abi.h defines it. */
static struct rf_flow_key key_of(const struct scenario_tuple *tuple)
{
	bool is_icmp = tuple->protocol == IPPROTO_ICMP || tuple->protocol == IPPROTO_ICMPV6;
	bool pod_pings = is_icmp && tuple->direction == RF_EGRESS;
	struct rf_flow_key key = programs_key(
		tuple->is_v6 ? SCENARIO_POD_6 : SCENARIO_POD_4,
		pod_pings ? tuple->icmp_identifier : tuple->pod_port, scenario_peer(tuple),
		is_icmp && !pod_pings ? tuple->icmp_identifier : tuple->peer_port, tuple->protocol);

	key.echo = is_icmp ? 1 + tuple->direction : 0;
	return key;
}

/* With a new epoch, as user space gives it. */
static void set_pinhole(const struct replay_run *run, const struct scenario_step *step)
{
	const struct scenario_pinhole *pinhole = &step->pinhole;
	const struct rf_flow_key key = key_of(&pinhole->tuple);
	const struct rf_pinhole_key of = {.flow = key, .direction = pinhole->tuple.direction};

	if (step->kind == SCENARIO_PINHOLE)
		programs_set_pinhole(run->programs, SCENARIO_POD_ID, &key, pinhole->tuple.direction,
				     pinhole->verdict, pinhole->rule,
				     pinhole->seconds
					     ? rf_pinhole_clock() + pinhole->seconds * 1000000000ull
					     : 0);
	else
		bpf_map_delete_elem(run->programs->objects.maps[RF_MAP_PINHOLES], &of);
	set_policy(run, &run->scenario->policies[run->model.policy]);
}

static void remove_one(const void *key, const void *value, void *context)
{
	(void)value;
	bpf_map_delete_elem(*(const int *)context, key);
}

static void empty(const struct programs *programs, enum rf_map map, size_t key_size,
		  size_t value_size)
{
	int fd = programs->objects.maps[map];

	rf_map_each(fd, key_size, value_size, remove_one, &fd);
}

/* Nothing lives any more. */
static void empty_census(const struct programs *programs)
{
	static const struct rf_census none;

	for (uint32_t subject = 0; subject <= RF_CENSUS_POD(SCENARIO_POD_ID); subject++)
		if (bpf_map_update_elem(programs->objects.maps[RF_MAP_CENSUS], &subject, &none,
					BPF_ANY))
			abort();
}

/* A pod that nothing has happened to. */
static struct replay_run begin(struct programs *programs, const struct scenario *scenario,
			       uint32_t seconds)
{
	struct replay_run run = {.programs = programs, .scenario = scenario};

	run.model = path_model_begin(scenario);
	if (seconds)
		run.model.replied_datagram = seconds;
	empty(programs, RF_MAP_SESSIONS, sizeof(struct rf_flow_key), sizeof(struct rf_session));
	empty(programs, RF_MAP_HALF_OPEN, sizeof(struct rf_flow_key), sizeof(struct rf_session));
	empty(programs, RF_MAP_FRAGMENTS, sizeof(struct rf_fragment_key),
	      sizeof(struct rf_fragment));
	empty(programs, RF_MAP_PINHOLES, sizeof(struct rf_pinhole_key), sizeof(struct rf_pinhole));
	empty_census(programs);
	empty(programs, RF_MAP_PEERS, sizeof(struct rf_peer_key), sizeof(struct rf_peer_class));
	empty(programs, RF_MAP_SERVICES, sizeof(struct rf_service_key), sizeof(struct rf_service));
	set_limit(&run);
	set_audit(&run, false);
	read_counters(&run, &run.counters);
	return run;
}

/* What the packet does is what was said of it. */
static bool was_explained(const struct replay_run *run)
{
	const struct scenario_answer *actual = &run->actual;
	const struct rf_explanation *explained = &run->explained;
	bool passes =
		rf_reason_allows(explained->reason) || explained->flags & RF_EXPLANATION_AUDITED;

	return explained->reason == actual->reason && passes == actual->passes &&
	       (!(actual->is_denied_event || actual->is_flow_event) ||
		explained->rule == actual->rule);
}

static bool agree(const struct replay_run *run)
{
	const struct scenario_answer *a = &run->expected, *b = &run->actual;

	return was_explained(run) && run->counted_once && a->reason == b->reason &&
	       a->passes == b->passes && a->is_denied_event == b->is_denied_event &&
	       a->is_flow_event == b->is_flow_event &&
	       (!(a->is_denied_event || a->is_flow_event) || a->rule == b->rule);
}

size_t replay_run(struct programs *programs, const struct scenario *scenario, uint32_t seconds,
		  struct replay_run *run, struct replay_tally *tally)
{
	*run = begin(programs, scenario, seconds);
	for (size_t i = 0; i < scenario->count; i++) {
		const struct scenario_step *step = &scenario->steps[i];

		run->expected = path_model_step(&run->model, step);
		switch (step->kind) {
		case SCENARIO_PACKET:
			pass(run, &step->packet);
			if (!agree(run))
				return i + 1;
			if (tally) {
				tally->reasons[run->actual.reason]++;
				tally->packets++;
			}
			break;
		case SCENARIO_WAIT:
			wait_tenths(run, step->tenths);
			break;
		case SCENARIO_POLICY:
			set_policy(run, &scenario->policies[step->policy]);
			break;
		case SCENARIO_AUDIT:
			set_audit(run, step->is_audit);
			break;
		case SCENARIO_PINHOLE:
		case SCENARIO_NO_PINHOLE:
			set_pinhole(run, step);
			break;
		}
	}
	return 0;
}
