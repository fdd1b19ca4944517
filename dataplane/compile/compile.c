/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/compile/compile.h"
#include "dataplane/compile/fold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int refuse_size(const struct rf_fold *fold, const char *map, size_t needed, size_t limit)
{
	bool at_least = fold->steps > RF_FOLD_STEPS_MAX;

	rf_fail(fold->error, RF_CODE_MAP_FULL, -ENOSPC,
		"the policy needs %s%zu entries in %s, the map holds %zu (maps.%s)",
		at_least ? "more than " : "", needed, map, limit, map);
	rf_error_hint(fold->error,
		      "use fewer rules, port ranges or prefixes within prefixes, or set maps.%s to "
		      "%s%zu; a new size is taken when the maps are next created",
		      map, at_least ? "more than " : "at least ", needed);
	return -ENOSPC;
}

/* Whether it fits; else the refusal. @err is what folding has returned. */
static int check_size(const struct rf_fold *fold, int err)
{
	const struct rf_compiled *out = &fold->out;

	if (err && err != -ENOSPC)
		return err;
	if (out->service_count > fold->limits->services)
		return refuse_size(fold, "services", out->service_count, fold->limits->services);
	if (out->peer_count > fold->limits->peers)
		return refuse_size(fold, "peers", out->peer_count, fold->limits->peers);
	if (!err)
		return 0;
	rf_fail(fold->error, RF_CODE_MAP_FULL, err,
		"the policy's rules, times the prefixes within prefixes that they apply to, are "
		"more "
		"than %u",
		RF_FOLD_STEPS_MAX);
	rf_error_hint(fold->error, "use fewer rules or fewer prefixes that lie within each other");
	return err;
}

static int compare_peers(const void *left, const void *right)
{
	const struct rf_peer_key *a = &((const struct rf_peer_entry *)left)->key;
	const struct rf_peer_key *b = &((const struct rf_peer_entry *)right)->key;

	if (a->prefix_length != b->prefix_length)
		return a->prefix_length < b->prefix_length ? -1 : 1;
	if (a->scope != b->scope)
		return a->scope < b->scope ? -1 : 1;
	return memcmp(&a->peer, &b->peer, sizeof(a->peer));
}

/* Common classes have the lowest numbers, so they are made first, of both directions. */
static int fold_policy(struct rf_fold_direction directions[RF_DIRECTIONS],
		       const struct rf_policy *policy)
{
	int err;

	for (int i = 0; i < RF_DIRECTIONS; i++) {
		err = rf_fold_rules(&directions[i],
				    i == RF_INGRESS ? &policy->ingress : &policy->egress);
		if (!err)
			err = rf_fold_common(&directions[i]);
		if (err)
			return err;
	}
	directions->fold->out.common_count = directions->fold->out.class_count;
	for (int i = 0; i < RF_DIRECTIONS; i++) {
		err = rf_fold_peers(&directions[i]);
		if (err)
			return err;
	}
	return 0;
}

int rf_compile(const struct rf_policy *policy, const struct rf_compile_limits *limits,
	       struct rf_compiled *out, struct rf_error *error)
{
	struct rf_fold fold = {.limits = limits, .error = error};
	struct rf_fold_direction directions[RF_DIRECTIONS] = {
		{.fold = &fold, .direction = RF_INGRESS},
		{.fold = &fold, .direction = RF_EGRESS},
	};
	int err = check_size(&fold, fold_policy(directions, policy));

	rf_fold_rules_free(&directions[RF_INGRESS]);
	rf_fold_rules_free(&directions[RF_EGRESS]);
	if (err) {
		rf_compiled_free(&fold.out);
		return err;
	}
	qsort(fold.out.peers, fold.out.peer_count, sizeof(*fold.out.peers), compare_peers);
	*out = fold.out;
	return 0;
}

void rf_compiled_free(struct rf_compiled *compiled)
{
	free(compiled->peers);
	free(compiled->services);
	memset(compiled, 0, sizeof(*compiled));
}
