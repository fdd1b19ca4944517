/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of the compiler (compile.h), which share this state:
 *
 * fold_rules.c     rules of a direction in order of precedence, and the services that each names
 * fold_marks.c     prefixes that the rules of a direction name
 * fold_peers.c     the set of rules that applies at each prefix, as entries of `peers`
 * fold_sets.c      equal sets are one class
 * fold_services.c  the rules of a class as entries of `services`
 * fold_output.c    entries as they come, and the account of memory and steps
 */
#ifndef RINGFENCE_DATAPLANE_COMPILE_FOLD_H
#define RINGFENCE_DATAPLANE_COMPILE_FOLD_H

#include "dataplane/compile/compile.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A rule or a service of a rule that is looked at for one prefix is one step. A policy that needs
 * more than this (rules times nested prefixes) is refused: it would cost seconds and much memory.
 */
#define RF_FOLD_STEPS_MAX (1u << 24)

/* One policy. Entries beyond a limit are counted but not kept, so that a refusal has the number. */
struct rf_fold {
	const struct rf_compile_limits *limits;
	struct rf_compiled out;
	size_t peer_capacity;
	size_t service_capacity;
	size_t steps;
	struct rf_error *error;
};

/* One direction of it. A rule is known by its rank, its index in `rules`. */
struct rf_fold_direction {
	struct rf_fold *fold;
	enum rf_direction direction;
	enum rf_reason default_reason;
	const struct rf_rule **rules;
	uint32_t rule_count;
	uint32_t *services; /* service keys of rule r: from first_service[r] to [r + 1] */
	size_t *first_service;
	uint32_t common[2]; /* common class of IPv6, IPv4 */
};

/*
 * A service key: any protocol is 0, else 1 | protocol | port | length of the port's prefix. In
 * ascending order whatever contains a service stands before it.
 */
#define RF_SERVICE_KEY_ANY 0u
#define RF_SERVICE_KEY(protocol, port, length)                                                     \
	(1u << 29 | (uint32_t)(protocol) << 21 | (uint32_t)(port) << 5 | (uint32_t)(length))
#define RF_SERVICE_PROTOCOL(key) ((uint8_t)((key) >> 21))
#define RF_SERVICE_PORT(key)     ((uint16_t)((key) >> 5))
#define RF_SERVICE_LENGTH(key)   ((key)&31)

/* Fill all but `common`; what it holds is released by rf_fold_rules_free() in any case. */
int rf_fold_rules(struct rf_fold_direction *direction, const struct rf_ruleset *ruleset);
void rf_fold_rules_free(struct rf_fold_direction *direction);

/* The classes of the rules for every peer. */
int rf_fold_common(struct rf_fold_direction *direction);

/* All other classes, and the entries of `peers`. */
int rf_fold_peers(struct rf_fold_direction *direction);

/* Make a new class of the rules @ranks, with the default if it is @common. */
int rf_fold_class(struct rf_fold_direction *direction, const uint32_t *ranks, size_t count,
		  bool common, uint32_t *class_id);

int rf_fold_add_peer(struct rf_fold *fold, const struct rf_peer_entry *entry);
int rf_fold_add_service(struct rf_fold *fold, const struct rf_service_entry *entry);

/* Account for @count steps; -ENOSPC when they are too many. */
int rf_fold_steps(struct rf_fold *fold, size_t count);

int rf_fold_no_memory(struct rf_fold *fold);

/*
 * @array with room for @needed elements of @size bytes, or NULL, and then @array is as it was.
 * *@capacity is what it has room for.
 */
void *rf_fold_grow(void *array, size_t *capacity, size_t needed, size_t size);

/* What a rule says at a prefix. */
enum rf_mark_kind {
	RF_MARK_ROOT, /* nothing: there always is a root */
	RF_MARK_PEER,
	RF_MARK_EXCEPT,
};

struct rf_mark {
	struct in6_addr address;
	uint8_t length;
	uint8_t kind; /* enum rf_mark_kind */
	uint32_t rank;
};

/* All of IPv6, all of IPv4. */
extern const struct rf_prefix rf_fold_root[2];

/*
 * What the rules that are not common say about peers of the family. The marks are in order of
 * address, length, kind and rank, which is the trie in pre-order. The caller owns *@out.
 */
int rf_fold_marks(const struct rf_fold_direction *direction, bool is_v4, struct rf_mark **out,
		  size_t *out_count);

/* Numerically: regardless of the family. */
bool rf_mark_covers(const struct rf_mark *outer, const struct rf_mark *inner);

/* Sets of ranks in ascending order, each stored once, with the class that it is. */
struct rf_rank_set {
	size_t start; /* in ranks */
	size_t count;
	uint64_t hash;
	uint32_t class_id;
};

struct rf_rank_sets {
	uint32_t *ranks; /* of all sets; behind `used` there is room to build the next one */
	size_t used;
	size_t capacity;
	struct rf_rank_set *sets;
	size_t set_count;
	uint32_t *table; /* by hash: index of a set, plus 1 */
	size_t table_mask;
};

/* @most is how many sets there can be. */
int rf_rank_sets_init(struct rf_rank_sets *sets, size_t most);
void rf_rank_sets_free(struct rf_rank_sets *sets);

/*
 * Find the set that was built behind `used`, or add it. Returns its index, and whether it is new:
 * then the caller gives it a class. The empty set is index 0, which is never new; its class is 0.
 */
size_t rf_rank_sets_intern(struct rf_rank_sets *sets, size_t count, bool *is_new);

#endif
