/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What most tests of the packet path start from: programs of their own with small maps, and pod 1
 * with an address of each family behind the loopback interface, unrestricted until a test says
 * otherwise. *state is the struct programs.
 */
#ifndef RINGFENCE_TEST_LIB_FIXTURE_H
#define RINGFENCE_TEST_LIB_FIXTURE_H

#include "bpf/state.h"
#include "test/lib/flow.h"
#include "test/lib/verdict.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define POD_ID  1
#define POD_4   "10.0.0.2"
#define POD_6   "fd00::2"
#define PEER_4  "10.0.0.9"
#define PEER_6  "fd00::9"
#define OTHER_4 "10.0.0.66" /* nobody's */
#define OTHER_6 "fd00::66"

#define ALLOW_ALL    "{}"
#define DENY_ALL     "{\"ingress\": {\"default\": \"deny\"}, \"egress\": {\"default\": \"deny\"}}"
#define INGRESS_ONLY "{\"egress\": {\"default\": \"deny\"}}"
#define EGRESS_ONLY  "{\"ingress\": {\"default\": \"deny\"}}"

#define FIXTURE_PODS 16 /* that there is room for */

#define OTHER_POD_ID 2
#define OTHER_POD_4  "10.0.0.3"
#define OTHER_POD_6  "fd00::3"

#define TCP_SYN     RF_TCP_SYN
#define TCP_SYN_ACK (RF_TCP_SYN | RF_TCP_ACK)
#define TCP_ACK     RF_TCP_ACK
#define TCP_FIN_ACK (RF_TCP_FIN | RF_TCP_ACK)
#define TCP_RST     RF_TCP_RST

int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Pod 2 comes to where packets come through; pod 1 moves away. */
void fixture_add_other_pod(struct programs *programs, uint32_t flags, const char *policy);

#define FIXTURE_TEST(function)                                                                     \
	cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

/* A packet of @flow through the programs, and its verdict (test/lib/verdict.h). */
void fixture_flow(struct programs *programs, const struct flow *flow, enum rf_direction direction,
		  uint8_t tcp_flags, const struct verdict *expected, const char *file, int line);
#define assert_flow(programs, flow, direction, tcp_flags, ...)                                     \
	fixture_flow((programs), (flow), (direction), (tcp_flags), VERDICT(__VA_ARGS__), __FILE__, \
		     __LINE__)

/* The three packets of a handshake, the first of which is allowed for @why. */
void fixture_handshake(struct programs *programs, const struct flow *flow, enum rf_direction opener,
		       enum rf_reason reason, const char *file, int line);
#define assert_handshake(programs, flow, opener, why)                                              \
	fixture_handshake((programs), (flow), (opener), RF_REASON_##why, __FILE__, __LINE__)

/* TCP over each family, opened by each side; and the policy that allows no more than that. */
struct fixture_tcp {
	struct flow flow;
	enum rf_direction opener;
	const char *policy;
};

#define FIXTURE_TCP_COUNT 4
extern const struct fixture_tcp fixture_tcp[FIXTURE_TCP_COUNT];

#endif
