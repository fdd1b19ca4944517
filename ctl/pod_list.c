// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/text.h"
#include "dataplane/pod.h"
#include "dataplane/policy/store.h"
#include "dataplane/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define FORMAT "%-24s %-16s %-7s %-16s %-7s %-22s %s\n"

static const char *describe(const struct rf_ruleset *ruleset, char text[48])
{
	if (!ruleset->restricted)
		return "unrestricted";
	snprintf(text, 48, "%zu rule%s, then %s", ruleset->rule_count,
		 ruleset->rule_count == 1 ? "" : "s",
		 ruleset->default_action == RF_ACTION_ALLOW ? "allow" : "deny");
	return text;
}

/* A line each for what is limited. */
static void print_limits(const struct rf_treatment *treatment)
{
	const struct rf_limits *limits = &treatment->limits;
	const struct rf_bandwidth *bandwidth = &treatment->bandwidth;

	if (limits->new_flows_per_second)
		printf("  at most %u new flows a second, %u at once\n",
		       limits->new_flows_per_second, limits->new_flows_burst);
	if (limits->sessions)
		printf("  at most %u sessions\n", limits->sessions);
	if (bandwidth->ingress_rate)
		printf("  at most %" PRIu64 " bits a second to the pod\n", bandwidth->ingress_rate);
	if (bandwidth->egress_rate)
		printf("  at most %" PRIu64 " bits a second from the pod\n",
		       bandwidth->egress_rate);
}

static int print_pod(const struct rf_record *record, struct rf_error *error, void *context)
{
	char pod[600], ingress[48], egress[48], address[RF_PREFIX_TEXT];
	struct rf_policy policy = {};
	const struct rf_objects *objects = context;
	struct rf_error unread = {};

	(void)error;
	if (!record)
		return -EIO;
	/* A policy whose file cannot be read is in force all the same: say so, and go on. The
	 * policy id of a pod in maps that are mounted over is another policy's here. */
	if (rf_pod_find(objects, record->point.owner) != record->pod_id)
		rf_fail(&unread, RF_CODE_NOT_IN_FORCE, -ENOENT, "not in the maps that are pinned");
	if (unread.code || rf_policy_load(objects, record->policy_id, &policy, &unread))
		printf("%-24s %-10s %-7s policy %u: %s\n", rf_record_pod_text(record, pod),
		       record->host_interface, rf_attach_mode_name(record->point.mode),
		       record->policy_id, unread.message[0] ? unread.message : "no document");
	else
		printf(FORMAT, rf_record_pod_text(record, pod), record->host_interface,
		       rf_attach_mode_name(record->point.mode), policy.name ? policy.name : "-",
		       rf_mode_names[record->treatment.mode], describe(&policy.ingress, ingress),
		       describe(&policy.egress, egress));
	for (size_t i = 0; i < record->address_count; i++)
		printf("  %s\n", text_address(&record->addresses[i], address));
	print_limits(&record->treatment);
	rf_policy_free(&policy);
	return 0;
}

int command_pod_list(struct invocation *invocation, struct rf_error *error)
{
	printf(FORMAT, "POD", "INTERFACE", "ATTACH", "POLICY", "MODE", "INGRESS", "EGRESS");
	return rf_record_each(NULL, print_pod, (void *)invocation->objects, error);
}
