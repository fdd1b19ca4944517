/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules of a direction say about the peers of one family. */
#include "dataplane/compile/fold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct rf_prefix rf_fold_root[2] = {
	{.length = 0},
	{
		.address = {.s6_addr = {[10] = 0xff, [11] = 0xff}},
		.length = RF_V4_PREFIX_LENGTH,
		.is_v4 = true,
	},
};

static bool names_family(const struct rf_prefix *prefixes, size_t count, bool is_v4)
{
	for (size_t i = 0; i < count; i++) {
		if (prefixes[i].is_v4 == is_v4)
			return true;
	}
	return false;
}

static bool has_root(const struct rf_rule *rule, bool is_v4)
{
	for (size_t i = 0; i < rule->peer_count; i++) {
		if (rule->peers[i].is_v4 == is_v4 &&
		    rule->peers[i].length == rf_fold_root[is_v4].length)
			return true;
	}
	return !rule->peer_count;
}

/* The rule applies to every peer of the family. */
static bool is_common(const struct rf_rule *rule, bool is_v4)
{
	return has_root(rule, is_v4) && !names_family(rule->except, rule->except_count, is_v4);
}

static size_t list_common(const struct rf_fold_direction *direction, bool is_v4, uint32_t *ranks)
{
	size_t count = 0;

	for (uint32_t rank = 0; rank < direction->rule_count; rank++) {
		if (is_common(direction->rules[rank], is_v4))
			ranks[count++] = rank;
	}
	return count;
}

int rf_fold_common(struct rf_fold_direction *direction)
{
	size_t most = direction->rule_count, counts[2];
	uint32_t *ranks = calloc(2 * most + 1, sizeof(*ranks)), *ranks_v4;
	int err;

	if (!ranks)
		return rf_fold_no_memory(direction->fold);
	ranks_v4 = ranks + most;
	counts[0] = list_common(direction, false, ranks);
	counts[1] = list_common(direction, true, ranks_v4);
	err = rf_fold_class(direction, ranks, counts[0], true, &direction->common[0]);
	direction->common[1] = direction->common[0];
	if (!err && (counts[0] != counts[1] || memcmp(ranks, ranks_v4, counts[0] * sizeof(*ranks))))
		err = rf_fold_class(direction, ranks_v4, counts[1], true, &direction->common[1]);
	free(ranks);
	return err;
}

bool rf_mark_covers(const struct rf_mark *outer, const struct rf_mark *inner)
{
	const uint8_t *a = outer->address.s6_addr, *b = inner->address.s6_addr;
	size_t bytes = outer->length / 8;
	unsigned int bits = outer->length % 8;

	if (outer->length > inner->length || memcmp(a, b, bytes) != 0)
		return false;
	return !bits || !((a[bytes] ^ b[bytes]) >> (8 - bits));
}

static int compare_marks(const void *left, const void *right)
{
	const struct rf_mark *a = left, *b = right;
	int order = memcmp(&a->address, &b->address, sizeof(a->address));

	if (order)
		return order;
	if (a->length != b->length)
		return a->length < b->length ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->rank < b->rank ? -1 : a->rank > b->rank;
}

static size_t add_marks(struct rf_mark *marks, const struct rf_prefix *prefixes, size_t count,
			bool is_v4, enum rf_mark_kind kind, uint32_t rank)
{
	const struct rf_prefix *v4 = &rf_fold_root[true];
	const struct rf_mark mapped = {.address = v4->address, .length = v4->length};
	size_t added = 0;

	for (size_t i = 0; i < count; i++) {
		struct rf_mark mark = {prefixes[i].address, prefixes[i].length, kind, rank};

		/* There are no IPv6 peers among the mapped addresses. */
		if (prefixes[i].is_v4 == is_v4 && (is_v4 || !rf_mark_covers(&mapped, &mark)))
			marks[added++] = mark;
	}
	return added;
}

int rf_fold_marks(const struct rf_fold_direction *direction, bool is_v4, struct rf_mark **out,
		  size_t *out_count)
{
	size_t most = 1, count = 0;
	struct rf_mark *marks;

	for (uint32_t rank = 0; rank < direction->rule_count; rank++)
		most += 1 + direction->rules[rank]->peer_count +
			direction->rules[rank]->except_count;
	marks = calloc(most, sizeof(*marks));
	if (!marks)
		return -ENOMEM;
	count += add_marks(marks, &rf_fold_root[is_v4], 1, is_v4, RF_MARK_ROOT, 0);
	for (uint32_t rank = 0; rank < direction->rule_count; rank++) {
		const struct rf_rule *rule = direction->rules[rank];

		if (is_common(rule, is_v4))
			continue;
		count += add_marks(
			marks + count, rule->peer_count ? rule->peers : &rf_fold_root[is_v4],
			rule->peer_count ? rule->peer_count : 1, is_v4, RF_MARK_PEER, rank);
		count += add_marks(marks + count, rule->except, rule->except_count, is_v4,
				   RF_MARK_EXCEPT, rank);
	}
	qsort(marks, count, sizeof(*marks), compare_marks);
	*out = marks;
	*out_count = count;
	return 0;
}
