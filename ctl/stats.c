// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/text.h"
#include "dataplane/counters.h"
#include "dataplane/pod.h"
#include "dataplane/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct wanted {
	const struct rf_objects *objects;
	const char *pod; /* NULL: all */
	size_t found;
};

static int print_counters(const struct rf_objects *objects, uint32_t pod_id, const char *pod,
			  struct rf_error *error)
{
	struct rf_pod_counters counters;
	int ret = rf_counters_read(objects, pod_id, &counters);

	if (ret)
		return rf_fail_system(error, RF_CODE_LOAD, ret, "read the counters of %s", pod);
	for (int direction = 0; direction < RF_DIRECTIONS; direction++)
		for (uint32_t reason = 0; reason < RF_REASON_COUNT; reason++) {
			const struct rf_count *count = &counters.count[direction][reason];

			if (count->packets)
				printf("%-24s %-9s %-7s %-17s %12" PRIu64 " %14" PRIu64 "\n", pod,
				       text_direction(direction),
				       rf_reason_allows(reason) ? "allow" : "deny",
				       rf_reason_name(reason), (uint64_t)count->packets,
				       (uint64_t)count->bytes);
		}
	return 0;
}

/* Of one pod: what monitor does not show. */
static int print_lost(const struct rf_objects *objects, uint32_t pod_id, const char *pod,
		      struct rf_error *error)
{
	static const char *const names[RF_EVENT_RINGS] = {"deny", "flow"};
	struct rf_events_lost lost;
	int ret = rf_events_lost_read(objects, pod_id, &lost);

	if (ret)
		return rf_fail_system(error, RF_CODE_LOAD, ret, "read map events_lost");
	for (int ring = 0; ring < RF_EVENT_RINGS; ring++)
		if (lost.limited[ring] || lost.full[ring])
			printf("%s: %" PRIu64 " %s events beyond the rate, %" PRIu64
			       " that nobody read in time\n",
			       pod, (uint64_t)lost.limited[ring], names[ring],
			       (uint64_t)lost.full[ring]);
	return 0;
}

static int visit(const struct rf_record *record, struct rf_error *error, void *context)
{
	struct wanted *wanted = context;
	char pod[600];
	int ret;

	if (!record)
		return -EIO;
	rf_record_pod_text(record, pod);
	if (wanted->pod && strcmp(wanted->pod, pod) && strcmp(wanted->pod, record->container))
		return 0;
	wanted->found++;
	/* In maps that were loaded since, its id may be another pod's. */
	if (rf_pod_find(wanted->objects, record->point.owner) != record->pod_id) {
		printf("%s: not in the maps that are pinned\n", pod);
		return 0;
	}
	ret = print_counters(wanted->objects, record->pod_id, pod, error);
	return ret ? ret : print_lost(wanted->objects, record->pod_id, pod, error);
}

int command_stats(struct invocation *invocation, struct rf_error *error)
{
	struct wanted wanted = {.objects = invocation->objects, .pod = invocation->arguments[0]};
	int ret;

	printf("%-24s %-9s %-7s %-17s %12s %14s\n", "POD", "DIRECTION", "VERDICT", "REASON",
	       "PACKETS", "BYTES");
	ret = rf_record_each(NULL, visit, &wanted, error);
	if (ret)
		return ret;
	if (wanted.pod)
		return wanted.found ? 0
				    : rf_fail(error, RF_CODE_RECORD, -ENOENT,
					      "no pod %s (ringfencectl pod list)", wanted.pod);
	ret = print_counters(invocation->objects, 0, "(no pod)", error);
	return ret ? ret : print_lost(invocation->objects, 0, "(no pod)", error);
}
