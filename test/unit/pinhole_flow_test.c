// SPDX-License-Identifier: Apache-2.0
/* The words of a pinhole: which exact flow they mean, and what is refused. */
#include "dataplane/pinhole_flow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define POD  "::ffff:10.0.0.2"
#define V4   "::ffff:10.0.0.9"
#define BOTH RF_DIRECTIONS

/* What is meant: the keys' fields, in host byte order; of echoes, of `opener`. */
static const struct meaning {
	const char *words[4];
	int opener; /* enum rf_direction, or BOTH */
	uint8_t protocol;
	const char *peer;
	uint16_t peer_port;
	uint16_t pod_port;
	uint8_t echo;
} meanings[] = {
	{{"in", "tcp", "10.0.0.9:40000", "80"}, RF_INGRESS, IPPROTO_TCP, V4, 40000, 80, 0},
	{{"out", "udp", "10.0.0.9:53", "65535"}, RF_EGRESS, IPPROTO_UDP, V4, 53, 65535, 0},
	{{"both", "sctp", "[fd00::9]:1", "2"}, BOTH, IPPROTO_SCTP, "fd00::9", 1, 2, 0},
	{{"in", "6", "[fd00::9]:40000", "80"}, RF_INGRESS, IPPROTO_TCP, "fd00::9", 40000, 80, 0},
	{{"in", "icmp", "10.0.0.9:7"}, RF_INGRESS, IPPROTO_ICMP, V4, 7, 0, 1},
	{{"in", "icmp", "10.0.0.9:0"}, RF_INGRESS, IPPROTO_ICMP, V4, 0, 0, 1},
	{{"out", "icmp", "10.0.0.9", "7"}, RF_EGRESS, IPPROTO_ICMP, V4, 0, 7, 2},
	{{"out", "icmpv6", "fd00::9", "7"}, RF_EGRESS, IPPROTO_ICMPV6, "fd00::9", 0, 7, 2},
	{{"in", "icmpv6", "[fd00::9]:7"}, RF_INGRESS, IPPROTO_ICMPV6, "fd00::9", 7, 0, 1},
	{{"both", "47", "10.0.0.9"}, BOTH, 47, V4, 0, 0, 0},
	{{"ingress", "47", "10.0.0.9"}, RF_INGRESS, 47, V4, 0, 0, 0},
	{{"egress", "47", "10.0.0.9"}, RF_EGRESS, 47, V4, 0, 0, 0},
	{{"in", "0", "[fd00::9]"}, RF_INGRESS, 0, "fd00::9", 0, 0, 0},
	{{"in", "255", "fd00::9"}, RF_INGRESS, 255, "fd00::9", 0, 0, 0},
};

static struct in6_addr address(const char *text)
{
	struct in6_addr result;

	assert_int_equal(inet_pton(AF_INET6, text, &result), 1);
	return result;
}

static int parse(const char *const words[4], struct rf_pinhole_flow *flow, struct rf_error *error)
{
	return rf_pinhole_flow_parse(words[0], words[1], words[2], words[3], flow, error);
}

static void words_mean_one_exact_flow(void **state)
{
	const struct in6_addr pod = address(POD);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(meanings); i++) {
		const struct meaning *meaning = &meanings[i];
		struct in6_addr peer = address(meaning->peer);
		struct rf_pinhole_flow flow;
		struct rf_error error = {};

		if (parse(meaning->words, &flow, &error))
			fail_msg("case %zu: %s", i, error.message);
		for (int opener = 0; opener < RF_DIRECTIONS; opener++) {
			struct rf_pinhole_key key = rf_pinhole_flow_key(&flow, &pod, opener);
			struct rf_pinhole_key expected = {
				.flow = {.pod_port = htons(meaning->pod_port),
					 .peer_port = htons(meaning->peer_port),
					 .protocol = meaning->protocol,
					 .echo = meaning->echo},
				.direction = opener,
			};

			memcpy(&expected.flow.pod, &pod, sizeof(pod));
			memcpy(&expected.flow.peer, &peer, sizeof(peer));
			assert_int_equal(flow.opened_by[opener],
					 meaning->opener == BOTH || meaning->opener == opener);
			if (flow.opened_by[opener])
				assert_memory_equal(&key, &expected, sizeof(key));
		}
		assert_int_equal(flow.is_v4, !strcmp(meaning->peer, V4));
	}
}

static const struct refusal {
	const char *words[4];
	const char *why; /* a part of the message */
} refusals[] = {
	{{"up", "tcp", "10.0.0.9:1", "2"}, "\"up\" is none of in (ingress), out (egress) and both"},
	{{"in", "TCP", "10.0.0.9:1", "2"}, "\"TCP\" is no protocol"},
	{{"in", "256", "10.0.0.9:1", "2"}, "\"256\" is no protocol"},
	{{"in", "06", "10.0.0.9:1", "2"}, "\"06\" is no protocol"},
	{{"in", "", "10.0.0.9:1", "2"}, "\"\" is no protocol"},
	{{"in", "tcp", "10.0.0.9", "2"}, "the peer's port is missing"},
	{{"in", "tcp", "10.0.0.9:1"}, "the pod's port is missing"},
	{{"in", "tcp", "fd00::9:1", "2"}, "the peer's port is missing"},
	{{"in", "tcp", "10.0.0.9:0", "2"}, "\"0\" is no port: 1 to 65535"},
	{{"in", "tcp", "10.0.0.9:65536", "2"}, "\"65536\" is no port"},
	{{"in", "tcp", "10.0.0.9:99999999999", "2"}, "is no port"},
	{{"in", "tcp", "10.0.0.9:", "2"}, "\"\" is no port"},
	{{"in", "tcp", "10.0.0.9:-1", "2"}, "\"-1\" is no port"},
	{{"in", "tcp", "10.0.0.9:1", "http"}, "\"http\" is no port"},
	{{"in", "tcp", "10.0.0.0/24:1", "2"}, "a pinhole is for one address"},
	{{"in", "47", "10.0.0.0/24"}, "a pinhole is for one address"},
	{{"in", "tcp", "web:1", "2"}, "peer \"web\": "},
	{{"in", "tcp", ":1", "2"}, "peer \"\": "},
	{{"in", "tcp", "[fd00::9:1", "2"}, "\"[fd00::9:1\" is no [address]:port"},
	{{"in", "tcp", "[fd00::9]1", "2"}, "\"[fd00::9]1\" is no [address]:port"},
	{{"in", "tcp", "[]:1", "2"}, "peer \"\": "},
	{{"in", "tcp", "[::ffff:10.0.0.9]:1", "2"}, "peer \"::ffff:10.0.0.9\": "},
	{{"in", "icmp", "fd00::9"}, "icmp has no peer fd00::9"},
	{{"in", "icmpv6", "10.0.0.9"}, "icmpv6 has no peer 10.0.0.9"},
	{{"in", "icmp", "10.0.0.9"}, "the echoes of one identifier"},
	{{"out", "icmp", "10.0.0.9"}, "the echoes of one identifier"},
	{{"out", "icmp", "10.0.0.9:7"}, "the echoes of one identifier"},
	{{"in", "icmp", "10.0.0.9", "7"}, "the echoes of one identifier"},
	{{"in", "icmp", "10.0.0.9:7", "7"}, "the echoes of one identifier"},
	{{"both", "icmp", "10.0.0.9:7", "7"}, "an echo is opened by one side"},
	{{"in", "icmp", "10.0.0.9:65536"}, "\"65536\" is no identifier: 0 to 65535"},
	{{"in", "47", "10.0.0.9:7"}, "protocol 47 has no ports"},
	{{"in", "47", "10.0.0.9", "7"}, "protocol 47 has no ports"},
};

static void other_words_are_refused(void **state)
{
	static const char longest[] =
		"1111111111111111111111111111111111111111111111111111111111111"
		"11111111";
	const char *const words[4] = {"in", "tcp", longest, "2"};
	struct rf_pinhole_flow flow, before;
	struct rf_error error = {};

	(void)state;
	memset(&flow, 0x5a, sizeof(flow));
	before = flow;
	for (size_t i = 0; i < COUNT_OF(refusals); i++) {
		error = (struct rf_error){};
		if (!parse(refusals[i].words, &flow, &error) || error.code != RF_CODE_CONFIG ||
		    !strstr(error.message, refusals[i].why))
			fail_msg("%s: %s", refusals[i].why, error.message);
	}
	assert_int_not_equal(parse(words, &flow, &error), 0);
	assert_memory_equal(&flow, &before, sizeof(flow));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_mean_one_exact_flow),
		cmocka_unit_test(other_words_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
