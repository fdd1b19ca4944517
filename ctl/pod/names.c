// SPDX-License-Identifier: Apache-2.0
#include "ctl/pod/names.h"
#include "ctl/output/table.h"
#include "dataplane/policy/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct policy_name {
	uint32_t id;
	char *name;
};

int names_read(const struct rf_objects *objects, struct names *out, struct rf_error *error)
{
	struct names names = {};
	int ret = pods_read(objects, &names.pods, error);

	if (ret)
		return ret;
	names.gone = calloc(objects->max_entries[RF_MAP_POD_STATE], sizeof(*names.gone));
	if (!names.gone) {
		names_free(&names);
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "read names");
	}
	*out = names;
	return 0;
}

void names_free(struct names *names)
{
	for (size_t i = 0; i < names->policy_count; i++)
		free(names->policies[i].name);
	free(names->policies);
	free(names->gone);
	pods_free(&names->pods);
	*names = (struct names){};
}

static const struct pod *find_pod(struct names *names, uint32_t id, uint32_t incarnation)
{
	const struct rf_objects *objects = names->pods.objects;
	const struct pod *pod = pods_by_id(&names->pods, id, incarnation);
	struct pods newer;

	if (pod || !id || id >= objects->max_entries[RF_MAP_POD_STATE] ||
	    names->gone[id] == incarnation)
		return pod;
	/* It may have come since. */
	if (!pods_read(objects, &newer, NULL)) {
		pods_free(&names->pods);
		names->pods = newer;
		pod = pods_by_id(&names->pods, id, incarnation);
	}
	if (!pod)
		names->gone[id] = incarnation;
	return pod;
}

const char *names_pod(struct names *names, uint32_t id, uint32_t incarnation)
{
	const struct pod *pod = find_pod(names, id, incarnation);

	if (pod)
		return pod->name;
	return id ? "(gone)" : "(no pod)";
}

static char *read_policy_name(const struct rf_objects *objects, uint32_t id)
{
	struct rf_policy policy = {};
	char *name = NULL;

	if (!rf_policy_load(objects, id, &policy, NULL) && policy.name)
		name = strdup(policy.name);
	rf_policy_free(&policy);
	return name;
}

const char *names_policy(struct names *names, uint32_t id)
{
	struct policy_name *longer;

	if (!id)
		return NULL;
	for (size_t i = 0; i < names->policy_count; i++)
		if (names->policies[i].id == id)
			return names->policies[i].name;
	longer = reallocarray(names->policies, names->policy_count + 1, sizeof(*longer));
	if (!longer)
		return NULL;
	names->policies = longer;
	longer += names->policy_count++;
	*longer = (struct policy_name){id, read_policy_name(names->pods.objects, id)};
	return longer->name;
}

const char *names_rule(struct names *names, uint32_t rule, uint32_t policy, char *text, size_t size)
{
	const char *name = names_policy(names, policy);

	snprintf(text, size, "rule %u%s%s%s", rule, name ? " (" : "", name ? name : "",
		 name ? ")" : "");
	return text;
}

cJSON *names_pod_json(struct names *names, uint32_t id, uint32_t incarnation)
{
	const struct pod *pod = find_pod(names, id, incarnation);

	return pod ? cJSON_CreateString(pod->name) : cJSON_CreateNull();
}

void names_add_pod(struct names *names, cJSON *row, uint32_t id, uint32_t incarnation)
{
	const struct pod *pod = find_pod(names, id, incarnation);

	row_add_text(row, "pod", pod ? pod->name : NULL);
	row_add_id(row, "podId", id);
	row_add_text(row, "container", pod ? pod->record.container : NULL);
}

void names_add_policy(cJSON *row, uint32_t id, const char *name)
{
	row_add_id(row, "policyId", id);
	row_add_text(row, "policy", name);
}

void names_add_rule(struct names *names, cJSON *row, uint32_t rule, uint32_t policy)
{
	row_add_id(row, "rule", rule);
	names_add_policy(row, policy, names_policy(names, policy));
}
