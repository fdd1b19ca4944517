/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For each family the rules are of two kinds: those for every peer of it, which are a class of
 * their own (`common`), and those that name a part of it, by peers or by exceptions. Each prefix
 * that the latter name is a node; the set of them that applies there is its `own` class.
 *
 * IPv6 rules never apply to mapped addresses, though ::/0 contains them numerically: the families
 * are swept apart, and the root of IPv4 inherits nothing.
 */
#include "dataplane/compile/fold.h"
#include "netconf/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH_MAX 128

/* A node on the stack: all nodes below it contain the current one. */
struct node {
	const struct rf_mark *marks;
	size_t mark_count;
	size_t set;
	struct rf_peer_class value;
};

/* State of the sweep over one family. */
struct sweep {
	struct rf_fold_direction *direction;
	bool is_v4;
	struct rf_rank_sets *sets;
	uint32_t *exceptions; /* by rank: of the nodes on the stack, how many except the rule */
	struct node stack[LENGTH_MAX + 1];
	int depth;
	struct rf_peer_class above; /* what the root's closest ancestor gives; class 0: none */
};

static void except(struct sweep *sweep, const struct node *node, int change)
{
	for (size_t i = 0; i < node->mark_count; i++) {
		if (node->marks[i].kind == RF_MARK_EXCEPT)
			sweep->exceptions[node->marks[i].rank] += (uint32_t)change;
	}
}

/*
 * Build the set of @node behind those that are stored: what applies to its parent and what begins
 * here, without what is excepted here or above.
 */
static int build_set(struct sweep *sweep, const struct node *node, size_t parent, size_t *out_count)
{
	struct rf_rank_sets *sets = sweep->sets;
	const struct rf_rank_set *old = &sets->sets[parent];
	size_t needed = sets->used + old->count + node->mark_count;
	size_t count = 0, i = 0, j = 0;
	uint32_t *ranks = rf_fold_grow(sets->ranks, &sets->capacity, needed, sizeof(*ranks));

	if (!ranks)
		return rf_fold_no_memory(sweep->direction->fold);
	sets->ranks = ranks;
	while (i < old->count || j < node->mark_count) {
		bool is_old = j == node->mark_count ||
			      (i < old->count && ranks[old->start + i] <= node->marks[j].rank);
		uint32_t rank = is_old ? ranks[old->start + i++] : node->marks[j].rank;

		if (!is_old && node->marks[j++].kind != RF_MARK_PEER)
			continue;
		if (!sweep->exceptions[rank] && (!count || ranks[sets->used + count - 1] != rank))
			ranks[sets->used + count++] = rank;
	}
	*out_count = count;
	return rf_fold_steps(sweep->direction->fold, old->count + node->mark_count);
}

static int add_entry(struct sweep *sweep, const struct node *node)
{
	const struct rf_mark *mark = node->marks;
	struct rf_peer_entry entry = {
		.key = {.prefix_length = 32u + mark->length, .scope = sweep->direction->direction},
		.value = node->value,
	};

	memcpy(&entry.key.peer, &mark->address, sizeof(entry.key.peer));
	return rf_fold_add_peer(sweep->direction->fold, &entry);
}

/* Enter the node of @marks, whose parent is on top of the stack. */
static int push(struct sweep *sweep, const struct rf_mark *marks, size_t mark_count)
{
	const struct node *parent = sweep->depth ? &sweep->stack[sweep->depth - 1] : NULL;
	const struct rf_peer_class *inherited = parent ? &parent->value : &sweep->above;
	struct node *node = &sweep->stack[sweep->depth];
	struct rf_rank_set *set;
	size_t count = 0;
	bool is_new;
	int err;

	*node = (struct node){.marks = marks, .mark_count = mark_count};
	except(sweep, node, 1);
	err = build_set(sweep, node, parent ? parent->set : 0, &count);
	if (err)
		return err;
	node->set = rf_rank_sets_intern(sweep->sets, count, &is_new);
	set = &sweep->sets->sets[node->set];
	if (is_new)
		err = rf_fold_class(sweep->direction, sweep->sets->ranks + set->start, count, false,
				    &set->class_id);
	if (err)
		return err;
	node->value.own = set->class_id;
	node->value.common = sweep->direction->common[sweep->is_v4];
	sweep->depth++;
	if (node->value.own == inherited->own && node->value.common == inherited->common)
		return 0;
	return add_entry(sweep, node);
}

static void pop(struct sweep *sweep)
{
	except(sweep, &sweep->stack[--sweep->depth], -1);
}

/* @above becomes what the closest ancestor of all of IPv4 gives. */
static int sweep_family(struct sweep *sweep, const struct rf_mark *marks, size_t mark_count,
			struct rf_peer_class *above)
{
	const struct rf_prefix *v4 = &rf_fold_root[true];
	const struct rf_mark mapped = {.address = v4->address, .length = v4->length};
	size_t first, end;

	for (first = 0; first < mark_count; first = end) {
		const struct rf_mark *mark = &marks[first];
		int err;

		for (end = first + 1; end < mark_count; end++) {
			if (marks[end].length != mark->length || !rf_mark_covers(mark, &marks[end]))
				break;
		}
		while (sweep->depth && !rf_mark_covers(sweep->stack[sweep->depth - 1].marks, mark))
			pop(sweep);
		err = push(sweep, mark, end - first);
		if (err)
			return err;
		if (rf_mark_covers(mark, &mapped))
			*above = sweep->stack[sweep->depth - 1].value;
	}
	while (sweep->depth)
		pop(sweep);
	return 0;
}

static int fold_families(struct rf_fold_direction *direction, struct rf_mark *const marks[2],
			 const size_t counts[2])
{
	_cleanup_free_ uint32_t *exceptions =
		calloc(direction->rule_count + 1u, sizeof(*exceptions));
	struct rf_rank_sets sets = {0};
	struct rf_peer_class above = {0};
	int err = 0;

	if (!exceptions || rf_rank_sets_init(&sets, counts[0] + counts[1]))
		err = rf_fold_no_memory(direction->fold);
	/* IPv6 first, since its prefixes are the shorter ones. */
	for (int is_v4 = 0; is_v4 < 2 && !err; is_v4++) {
		struct sweep sweep = {
			.direction = direction,
			.is_v4 = is_v4,
			.sets = &sets,
			.exceptions = exceptions,
			.above = above,
		};

		err = sweep_family(&sweep, marks[is_v4], counts[is_v4], &above);
	}
	rf_rank_sets_free(&sets);
	return err;
}

int rf_fold_peers(struct rf_fold_direction *direction)
{
	struct rf_mark *marks[2] = {NULL, NULL};
	size_t counts[2];
	int err;

	if (rf_fold_marks(direction, false, &marks[0], &counts[0]) ||
	    rf_fold_marks(direction, true, &marks[1], &counts[1]))
		err = rf_fold_no_memory(direction->fold);
	else
		err = fold_families(direction, marks, counts);
	free(marks[0]);
	free(marks[1]);
	return err;
}
