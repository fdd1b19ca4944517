/* SPDX-License-Identifier: Apache-2.0 */
#include "test/lib/replay_run.h"
#include "dataplane/counters.h"
#include "netconf/cleanup.h"
#include "netconf/json.h"

#include <stdio.h>
#include <string.h>

#define ATTEMPTS 3 /* a difference is one if it is always there */

struct programs *replay_load(void)
{
	static const char *const addresses[] = {SCENARIO_POD_4, SCENARIO_POD_6, NULL};
	const struct rf_map_sizes sizes = {
		.sessions = 4096,
		.half_open = 4096,
		.fragments = 4096,
		/* What has to be looked at for traces: a sequence must not take seconds. */
		.pods = SCENARIO_POD_ID,
		.peers = 1024,
		.services = 1024,
	};
	struct programs *programs = programs_load(&sizes);

	programs_add_pod(programs, SCENARIO_POD_ID, addresses, RF_POD_ANTI_SPOOF, "{}");
	return programs;
}

static size_t differs(struct programs *programs, const struct scenario *scenario, uint32_t seconds,
		      struct replay_run *run)
{
	size_t steps = 0;

	for (int i = 0; i < ATTEMPTS; i++) {
		steps = replay_run(programs, scenario, seconds, run, NULL);
		if (!steps)
			break;
	}
	return steps;
}

/* Without step @index, as far as it goes wrong. */
static bool drop_step(struct programs *programs, struct scenario *scenario, size_t index,
		      uint32_t seconds)
{
	struct scenario_step dropped = scenario->steps[index];
	struct replay_run run;
	size_t steps;

	scenario->count--;
	memmove(&scenario->steps[index], &scenario->steps[index + 1],
		(scenario->count - index) * sizeof(dropped));
	steps = differs(programs, scenario, seconds, &run);
	if (steps) {
		scenario->count = steps;
		return true;
	}
	memmove(&scenario->steps[index + 1], &scenario->steps[index],
		(scenario->count - index) * sizeof(dropped));
	scenario->steps[index] = dropped;
	scenario->count++;
	return false;
}

static void shorten(struct programs *programs, struct scenario *scenario, uint32_t seconds)
{
	bool shorter = true;

	while (shorter) {
		shorter = false;
		for (size_t i = scenario->count; i-- > 0;)
			if (i < scenario->count && drop_step(programs, scenario, i, seconds))
				shorter = true;
	}
}

static void print_answer(const char *who, const struct scenario_answer *answer)
{
	fprintf(stderr, "  %s: %s, %s", who, answer->passes ? "passes" : "is denied",
		rf_reason_name(answer->reason));
	if (answer->is_denied_event || answer->is_flow_event)
		fprintf(stderr, ", %s event of rule %u", answer->is_flow_event ? "flow" : "deny",
			answer->rule);
	fputc('\n', stderr);
}

static void print_policy(const struct scenario *scenario, size_t number)
{
	_cleanup_json_ cJSON *json = rf_policy_to_json(&scenario->policies[number]);
	char *text = json ? cJSON_PrintUnformatted(json) : NULL;

	fprintf(stderr, "  policy %zu: %s\n", number, text ? text : "?");
	cJSON_free(text);
}

static void explain(const struct scenario *scenario, const struct replay_run *run)
{
	fprintf(stderr, "programs and model differ after %zu steps:\n", scenario->count);
	if (scenario->session_limit)
		fprintf(stderr, "  at most %u sessions\n", scenario->session_limit);
	print_policy(scenario, 0);
	for (size_t i = 0; i < scenario->count; i++) {
		scenario_print_step(&scenario->steps[i]);
		if (scenario->steps[i].kind == SCENARIO_POLICY && scenario->steps[i].policy)
			print_policy(scenario, scenario->steps[i].policy);
	}
	print_answer("model", &run->expected);
	print_answer("programs", &run->actual);
	fprintf(stderr, "  explained: %s, rule %u\n", rf_reason_name(run->explained.reason),
		run->explained.rule);
	if (!run->counted_once)
		fprintf(stderr, "  the packet is not counted once\n");
}

bool replay_agrees(struct programs *programs, struct scenario *scenario, uint32_t seconds,
		   struct replay_tally *tally)
{
	struct replay_run run, again;
	size_t steps = replay_run(programs, scenario, seconds, &run, tally);

	if (!steps)
		return true;
	scenario->count = steps;
	if (!differs(programs, scenario, seconds, &again)) {
		fprintf(stderr, "once, and not when it was repeated: ");
		explain(scenario, &run);
		if (tally)
			tally->unrepeated++;
		return true;
	}
	shorten(programs, scenario, seconds);
	differs(programs, scenario, seconds, &run);
	explain(scenario, &run);
	return false;
}
