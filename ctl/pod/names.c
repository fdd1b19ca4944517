// SPDX-License-Identifier: Apache-2.0
#include "ctl/pod/names.h"
#include "ctl/output/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	policy_names_free(&names->policies);
	free(names->gone);
	pods_free(&names->pods);
	*names = (struct names){};
}

static const struct pod *find_pod(struct names *names, uint32_t id, uint32_t incarnation)
{
	const struct rf_objects *objects = names->pods.objects;
	const struct pod *pod = pods_by_id(&names->pods, id, incarnation);

	if (pod || !id || id >= objects->max_entries[RF_MAP_POD_STATE] ||
	    names->gone[id] == incarnation)
		return pod;
	/* It may have come since. */
	if (!pods_read_again(&names->pods))
		pod = pods_by_id(&names->pods, id, incarnation);
	if (!pod)
		names->gone[id] = incarnation;
	return pod;
}

/* True if the id is still that pod's, whatever its record says. */
static bool is_live(const struct rf_objects *objects, uint32_t id, uint32_t incarnation)
{
	return id < objects->max_entries[RF_MAP_POD_STATE] && objects->pod_state[id].owner &&
	       objects->pod_state[id].incarnation == incarnation;
}

const char *names_pod(struct names *names, uint32_t id, uint32_t incarnation)
{
	const struct pod *pod = find_pod(names, id, incarnation);

	if (pod)
		return pod->name;
	if (!id)
		return "(no pod)";
	return is_live(names->pods.objects, id, incarnation) ? "(no record)" : "(gone)";
}

static const struct origins *find_policy(struct names *names, uint32_t id)
{
	return policy_names_find(&names->policies, names->pods.objects, id);
}

const char *names_policy(struct names *names, uint32_t id)
{
	const struct origins *policy = find_policy(names, id);

	return policy ? policy->policy : NULL;
}

const char *names_document(struct names *names, uint32_t policy, enum rf_direction direction,
			   uint32_t rule)
{
	const struct origins *origins = find_policy(names, policy);

	return origins ? origins_find(origins, direction, rule) : NULL;
}

const char *names_judge(struct names *names, uint32_t policy, enum rf_direction direction,
			uint32_t rule, enum rf_reason reason)
{
	bool by_pinhole = reason == RF_REASON_PINHOLE_ALLOW || reason == RF_REASON_PINHOLE_DENY;
	bool by_default = reason == RF_REASON_DEFAULT_ALLOW || reason == RF_REASON_DEFAULT_DENY;

	if (by_pinhole || (!rule && !by_default))
		return NULL;
	return names_document(names, policy, direction, rule);
}

const char *names_session(struct names *names, uint64_t word, uint8_t flags,
			  enum rf_direction direction, uint32_t rule)
{
	bool by_host = flags & RF_SESSION_FROM_HOST && !(flags & RF_SESSION_AUDITED);

	if (word == RF_POLICY_WORD_PINHOLE || (by_host && !rule))
		return NULL;
	return names_document(names, RF_POLICY_ID(word), direction, rule);
}

const char *names_rule(struct names *names, uint32_t rule, uint32_t policy, char *text, size_t size)
{
	const char *document = names_document(names, policy, RF_INGRESS, rule);

	if (document)
		snprintf(text, size, "rule %u (%s)", rule, *document ? document : "no name");
	else
		snprintf(text, size, "rule %u", rule);
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

void names_add_rule(struct names *names, cJSON *row, uint32_t rule, uint32_t policy,
		    const char *document)
{
	row_add_id(row, "rule", rule);
	row_add_text(row, "document", document);
	names_add_policy(row, policy, names_policy(names, policy));
}
