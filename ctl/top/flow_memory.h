/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What flows had been counted when they were last seen: about 100 bytes for each. A flow is its
 * ends and the time at which it began, so one that another took the place of is not continued.
 */
#ifndef RINGFENCE_CTL_TOP_FLOW_MEMORY_H
#define RINGFENCE_CTL_TOP_FLOW_MEMORY_H

#include "bpf/abi.h"

#include <stddef.h>
#include <stdint.h>

struct remembered_flow;

/* What tells flows from each other. */
struct flow_identity {
	struct rf_flow_key flow;
	uint64_t created; /* ns, CLOCK_MONOTONIC */
};

/* All zero before the first look. */
struct flow_memory {
	uint64_t seed;   /* of the hash */
	uint64_t look;   /* when it began: ns, CLOCK_MONOTONIC */
	uint64_t before; /* the same of the look before; 0: there was none */
	struct remembered_flow *flows;
	size_t count;
	size_t capacity;
	size_t seen;     /* of them in this look */
	uint32_t *slots; /* 1 + index in `flows`; 0: free */
	size_t slot_count;
};

/* What was added to a flow's counters, and in which time. */
struct flow_growth {
	uint64_t packets[RF_DIRECTIONS];
	uint64_t bytes[RF_DIRECTIONS];
	uint64_t nanoseconds; /* not 0 */
};

/* A look begins at @now (ns, CLOCK_MONOTONIC). */
void flow_memory_begin(struct flow_memory *memory, uint64_t now);

/* These will be seen next: their memory is fetched for all of them at once. */
void flow_memory_expect(const struct flow_memory *memory, const struct flow_identity *identities,
			size_t count);

/*
 * A flow, as it was read at @now. *@growth is what has come since it was last seen: of one that
 * began after the look before all that it has, of one that is older and was not seen before
 * nothing. 0, -EALREADY if it was seen in this look, -ENOMEM.
 */
int flow_memory_see(struct flow_memory *memory, const struct flow_identity *identity,
		    const struct rf_session *session, uint64_t now, struct flow_growth *growth);

/* The look is over. Flows that it has not seen are forgotten when they are many. */
void flow_memory_end(struct flow_memory *memory);

void flow_memory_free(struct flow_memory *memory);

#endif
