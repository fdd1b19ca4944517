// SPDX-License-Identifier: Apache-2.0
#include "test/lib/programs.h"
#include "dataplane/constants.h"
#include "dataplane/counters.h"
#include "dataplane/explain.h"
#include "dataplane/identifiers.h"
#include "dataplane/policy/entries.h"
#include "dataplane/settings.h"
#include "netconf/cleanup.h"
#include "netconf/json.h"
#include "test/lib/few_cpus.h"
#include "test/lib/traces.h"

#include "bpf/ringfence.skel.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/pkt_cls.h>
#include <string.h>
#include <sys/mman.h>

static void expect(bool holds, const char *what, const char *detail)
{
	if (holds)
		return;
	fprintf(stderr, "%s: %s\n", what, detail);
	abort();
}

static int take_deny(void *context, void *data, size_t size)
{
	struct programs *programs = context;

	expect(size >= sizeof(programs->event), "deny event", "too short");
	memcpy(&programs->event, data, sizeof(programs->event));
	programs->events++;
	return 0;
}

static int take_flow(void *context, void *data, size_t size)
{
	struct programs *programs = context;

	expect(size >= sizeof(programs->flow_event), "flow event", "too short");
	memcpy(&programs->flow_event, data, sizeof(programs->flow_event));
	programs->flow_events++;
	return 0;
}

static void set_sizes(struct programs *programs, const struct rf_map_sizes *sizes)
{
	for (size_t i = 0; i < rf_map_size_count; i++) {
		const struct rf_map_size *size = &rf_map_size_table[i];
		uint32_t asked = *(const uint32_t *)((const char *)sizes + size->offset);

		if (asked)
			bpf_map__set_max_entries(
				bpf_object__find_map_by_name(programs->skeleton->obj,
							     rf_map_name(size->map)),
				asked * size->factor + size->extra);
	}
}

static void fill_objects(struct programs *programs)
{
	struct rf_objects *objects = &programs->objects;

	for (size_t i = 0; i < RF_MAP_COUNT; i++) {
		struct bpf_map *map =
			bpf_object__find_map_by_name(programs->skeleton->obj, rf_map_name(i));

		objects->maps[i] = fcntl(bpf_map__fd(map), F_DUPFD_CLOEXEC, 3);
		objects->max_entries[i] = bpf_map__max_entries(map);
	}
	objects->programs[RF_INGRESS] =
		fcntl(bpf_program__fd(programs->skeleton->progs.rf_to_pod), F_DUPFD_CLOEXEC, 3);
	objects->programs[RF_EGRESS] =
		fcntl(bpf_program__fd(programs->skeleton->progs.rf_from_pod), F_DUPFD_CLOEXEC, 3);
	objects->pod_state =
		mmap(NULL, sizeof(*objects->pod_state) * objects->max_entries[RF_MAP_POD_STATE],
		     PROT_READ | PROT_WRITE, MAP_SHARED, objects->maps[RF_MAP_POD_STATE], 0);
	expect(objects->pod_state != MAP_FAILED, "map pod_state into memory", strerror(errno));
}

struct programs *programs_load(const struct rf_map_sizes *sizes)
{
	struct programs *programs = calloc(1, sizeof(*programs));
	int ret;

	expect(programs, "programs", "no memory");
	few_cpus_only();
	programs->objects = (struct rf_objects)RF_OBJECTS_NONE;
	programs->skeleton = ringfence__open();
	expect(programs->skeleton, "open the programs", strerror(errno));
	if (sizes)
		set_sizes(programs, sizes);
	rf_constants_fill(programs->skeleton);
	ret = ringfence__load(programs->skeleton);
	expect(!ret, "load the programs", strerror(-ret));
	fill_objects(programs);
	programs_set_rates(programs, &(const struct rf_settings){});
	programs->denies =
		ring_buffer__new(programs->objects.maps[RF_MAP_DENIES], take_deny, programs, NULL);
	programs->flows =
		ring_buffer__new(programs->objects.maps[RF_MAP_FLOWS], take_flow, programs, NULL);
	expect(programs->denies && programs->flows, "read the events", strerror(errno));
	return programs;
}

void programs_free(struct programs *programs)
{
	ring_buffer__free(programs->denies);
	ring_buffer__free(programs->flows);
	rf_objects_close(&programs->objects);
	ringfence__destroy(programs->skeleton);
	free(programs);
}

void programs_set_settings(struct programs *programs, const struct rf_settings *settings)
{
	int ret = rf_settings_write(programs->objects.maps[RF_MAP_SETTINGS], settings);

	expect(!ret, "settings", strerror(-ret));
}

void programs_make_image(struct programs *programs, const struct rf_compiled *compiled,
			 struct rf_policy_image *image)
{
	uint32_t *ids = calloc(compiled->class_count + 1u, sizeof(*ids));
	struct rf_error error = {};
	uint32_t policy = 0, first_class = 0;

	expect(ids && !rf_policy_image_make(compiled, image) &&
		       !rf_next_policy(&programs->objects, compiled->class_count, &policy,
				       &first_class, &error),
	       "image", error.message);
	for (uint32_t i = 0; i < compiled->class_count; i++)
		ids[i] = first_class + i;
	rf_policy_image_assign(image, policy, ids);
	free(ids);
}

struct rf_settings programs_settings(void)
{
	struct rf_settings settings = rf_settings_default();

	settings.deny_events_per_second = 0;
	settings.flow_events_per_second = 0;
	settings.rejects_per_second = 0;
	return settings;
}

void programs_set_rates(struct programs *programs, const struct rf_settings *rates)
{
	struct rf_settings settings = programs_settings();

	settings.deny_events_per_second = rates->deny_events_per_second;
	settings.flow_events_per_second = rates->flow_events_per_second;
	settings.rejects_per_second = rates->rejects_per_second;
	programs_set_settings(programs, &settings);
}

void programs_set_pinhole(struct programs *programs, uint32_t id, const struct rf_flow_key *key,
			  enum rf_direction opener, enum rf_verdict verdict, uint32_t rule,
			  uint64_t expires)
{
	const struct rf_pinhole_key of = {.flow = *key, .direction = opener};
	const struct rf_pinhole pinhole = {
		.expires = expires,
		.pod = id,
		.incarnation = programs->objects.pod_state[id].incarnation,
		.rule = rule,
		.verdict = verdict,
	};

	expect(!bpf_map_update_elem(programs->objects.maps[RF_MAP_PINHOLES], &of, &pinhole,
				    BPF_ANY),
	       "map pinholes", strerror(errno));
}

void programs_set_compiled(struct programs *programs, uint32_t id,
			   const struct rf_compiled *compiled, struct rf_policy_image *image)
{
	const struct rf_objects *objects = &programs->objects;
	struct rf_error error = {};
	uint32_t epoch;

	programs_make_image(programs, compiled, image);
	expect(!rf_policy_entries_write(objects, image, NULL, &error) &&
		       !rf_next_epoch(objects, &epoch, &error),
	       "policy", error.message);
	__atomic_store_n(&objects->pod_state[id].policy, RF_POLICY_WORD(image->policy, epoch),
			 __ATOMIC_RELEASE);
}

uint32_t programs_set_policy(struct programs *programs, uint32_t id, const char *policy)
{
	const struct rf_compile_limits limits = {
		programs->objects.max_entries[RF_MAP_PEERS],
		programs->objects.max_entries[RF_MAP_SERVICES],
	};
	struct rf_policy_image image = {};
	uint32_t policy_id;
	struct rf_compiled compiled = {};
	struct rf_policy parsed = {};
	struct rf_error error = {};
	_cleanup_json_ cJSON *json = NULL;

	expect(!rf_json_parse(policy, strlen(policy), &json, &error) &&
		       !rf_policy_parse(json, "policy", false, &parsed, &error) &&
		       !rf_compile(&parsed, &limits, &compiled, &error),
	       "policy", error.message);
	programs_set_compiled(programs, id, &compiled, &image);
	policy_id = image.policy;
	rf_policy_image_free(&image);
	rf_compiled_free(&compiled);
	rf_policy_free(&parsed);
	return policy_id;
}

void programs_move_pod(struct programs *programs, uint32_t id, uint32_t ifindex)
{
	struct rf_pod_state *state = &programs->objects.pod_state[id];
	int interfaces = programs->objects.maps[RF_MAP_INTERFACES];
	uint32_t leads_to;

	if (state->ifindex && !bpf_map_lookup_elem(interfaces, &state->ifindex, &leads_to) &&
	    leads_to == id)
		bpf_map_delete_elem(interfaces, &state->ifindex);
	state->ifindex = ifindex;
	expect(!bpf_map_update_elem(interfaces, &ifindex, &id, BPF_ANY), "map interfaces",
	       strerror(errno));
}

void programs_add_pod(struct programs *programs, uint32_t id, const char *const *addresses,
		      uint32_t flags, const char *policy)
{
	struct rf_pod_state *state = &programs->objects.pod_state[id];
	struct rf_error error = {};

	expect(!rf_next_epoch(&programs->objects, &state->incarnation, &error), "incarnation",
	       error.message);
	state->owner = id;
	state->flags = flags;
	state->ether_types[0] = htons(0x0806);
	for (; *addresses; addresses++) {
		struct in6_addr address = packet_address(*addresses);

		expect(!bpf_map_update_elem(programs->objects.maps[RF_MAP_PODS], &address, &id,
					    BPF_ANY),
		       "map pods", strerror(errno));
	}
	programs_move_pod(programs, id, PROGRAMS_IFINDEX);
	programs_set_policy(programs, id, policy);
}

bool programs_pass_bytes(struct programs *programs, enum rf_direction direction, const void *bytes,
			 size_t length, uint32_t ingress_ifindex)
{
	struct __sk_buff context = {
		.ifindex = PROGRAMS_IFINDEX,
		.ingress_ifindex = ingress_ifindex,
		.gso_size = programs->segment_size,
		.mark = programs->mark,
		.gso_segs = programs->segments,
	};
	struct programs_output *output = &programs->output;
	struct __sk_buff left = {};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = bytes, .data_size_in = length,
		    .data_out = output->bytes, .data_size_out = sizeof(output->bytes),
		    .ctx_in = &context, .ctx_size_in = sizeof(context), .ctx_out = &left,
		    .ctx_size_out = sizeof(left));
	int ret = bpf_prog_test_run_opts(programs->objects.programs[direction], &run);

	expect(!ret, "run the program", strerror(-ret));
	output->answer = (int)run.retval;
	output->mark = left.mark;
	output->priority = left.priority;
	output->length = run.data_size_out;
	expect(output->answer == TC_ACT_UNSPEC || output->answer == TC_ACT_SHOT ||
		       output->answer == TC_ACT_REDIRECT,
	       "the program's answer", "none of UNSPEC, SHOT, REDIRECT");
	ring_buffer__consume(programs->denies);
	ring_buffer__consume(programs->flows);
	return output->answer == TC_ACT_UNSPEC;
}

bool programs_pass(struct programs *programs, enum rf_direction direction,
		   const struct packet_spec *packet, uint32_t ingress_ifindex)
{
	uint8_t bytes[PACKET_MAX];
	size_t length = packet_build(packet, bytes, sizeof(bytes));

	return programs_pass_bytes(programs, direction, bytes, length, ingress_ifindex);
}

struct rf_explanation programs_explain(struct programs *programs, enum rf_direction direction,
				       const void *bytes, size_t length, uint32_t ingress_ifindex)
{
	uint32_t question = (direction == RF_EGRESS ? RF_EXPLAIN_EGRESS : 0) |
			    (ingress_ifindex == PROGRAMS_NODE ? RF_EXPLAIN_FROM_NODE : 0);
	uint64_t before = programs->looks_for_traces ? traces_digest(programs) : 0;
	struct rf_explanation explanation;
	int ret = rf_explain_ask(bpf_program__fd(programs->skeleton->progs.rf_explain),
				 PROGRAMS_IFINDEX, question, bytes, length, &explanation);

	expect(!ret, "explain", strerror(-ret));
	expect(!programs->looks_for_traces || traces_digest(programs) == before, "explain",
	       "it has left a trace");
	return explanation;
}

uint64_t programs_count(const struct programs *programs, uint32_t id, enum rf_direction direction,
			enum rf_reason reason)
{
	struct rf_pod_counters counters;

	expect(!rf_counters_read(&programs->objects, id, &counters), "counters", strerror(errno));
	return counters.count[direction][reason].packets;
}

bool programs_session(const struct programs *programs, enum rf_map map,
		      const struct rf_flow_key *key, struct rf_session *session)
{
	return !bpf_map_lookup_elem(programs->objects.maps[map], key, session);
}

struct rf_flow_key programs_key(const char *pod, uint16_t pod_port, const char *peer,
				uint16_t peer_port, uint8_t protocol)
{
	struct in6_addr pod_address = packet_address(pod), peer_address = packet_address(peer);
	struct rf_flow_key key = {
		.pod_port = htons(pod_port),
		.peer_port = htons(peer_port),
		.protocol = protocol,
	};

	memcpy(&key.pod, &pod_address, sizeof(key.pod));
	memcpy(&key.peer, &peer_address, sizeof(key.peer));
	return key;
}
