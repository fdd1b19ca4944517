/* SPDX-License-Identifier: Apache-2.0 */
/* Many flows in small maps. The pod of the fixture opens them; nobody else may. */
#ifndef RINGFENCE_TEST_LIB_CROWD_H
#define RINGFENCE_TEST_LIB_CROWD_H

#include "test/lib/fixture.h"

/* The kernel keeps some elements of LRU maps for each CPU: far from full, nothing is evicted. */
#define CROWD_SESSIONS  4000
#define CROWD_WARNING   2800 /* of them: from here on it has that level */
#define CROWD_CRITICAL  3600
#define CROWD_HALF_OPEN 2000
#define CROWD_FRAGMENTS 1000

/* *state is the struct programs. */
int crowd_setup(void **state);

#define CROWD_TEST(function)                                                                       \
	cmocka_unit_test_setup_teardown(function, crowd_setup, fixture_teardown)

/* The @number-th of many flows that the pod opens. */
struct flow crowd_flow(uint16_t number, uint8_t protocol);

/* A packet of @flow; fails the test unless it may pass. */
void crowd_pass(struct programs *programs, const struct flow *flow, enum rf_direction direction,
		uint8_t tcp_flags);

/* Establish the TCP flows from the @first-th to before the @end-th. */
void crowd_establish(struct programs *programs, uint16_t first, uint16_t end);

#endif
