// SPDX-License-Identifier: Apache-2.0
/* What ringfencectl makes of numbers, texts and flows, apart from any map. */
#include "ctl/option_value.h"
#include "ctl/output/clock.h"
#include "ctl/output/display.h"
#include "ctl/output/ranking.h"
#include "ctl/session/flow_filter.h"
#include "ctl/output/text.h"
#include "test/lib/prng.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static void a_quantity_has_three_digits_at_most(void **state)
{
	static const struct {
		uint64_t number;
		const char *text;
	} cases[] = {
		{0, "0"},          {999, "999"},      {1000, "1.0k"},       {1234, "1.2k"},
		{9999, "9.9k"},    {10000, "10k"},    {99999, "99k"},       {999999, "999k"},
		{1000000, "1.0M"}, {1234567, "1.2M"}, {2500000000, "2.5G"}, {UINT64_MAX, "18E"},
	};
	char text[8];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(text_quantity(cases[i].number, text), cases[i].text);
}

static void a_duration_is_short(void **state)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} cases[] = {
		{0, "0s"},       {59, "59s"},     {60, "1m00s"},    {192, "3m12s"},
		{3600, "1h00m"}, {7500, "2h05m"}, {86400, "1d00h"}, {273600, "3d04h"},
	};
	char text[CLOCK_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(clock_duration(cases[i].seconds, text), cases[i].text);
}

static void a_time_is_a_number_with_a_unit(void **state)
{
	static const struct {
		const char *text;
		uint32_t seconds; /* 0: refused */
	} cases[] = {
		{"1", 1},
		{"90", 90},
		{"90s", 90},
		{"10m", 600},
		{"2h", 7200},
		{"1d", 86400},
		{"365d", 31536000},
		{"31536000", 31536000},
		{"366d", 0},
		{"31536001", 0},
		{"0", 0},
		{"0s", 0},
		{"", 0},
		{"m", 0},
		{"-1", 0},
		{"1.5h", 0},
		{"10 m", 0},
		{"1w", 0},
		{"010", 0},
		{"10ms", 0},
		{"4294967297s", 0},
		{"71582789m", 0},
		{"99999999999d", 0},
	};

	static const struct command_option options[] = {{"for", "TIME", ""}, {}};
	const struct command command = {.options = options};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct invocation invocation = {.command = &command, .options = {cases[i].text}};
		struct rf_error error = {};
		uint64_t seconds = 0;
		int ret = option_seconds(&invocation, "for", 1, 31536000, &seconds, &error);

		if (ret != (cases[i].seconds ? 0 : -EINVAL) || seconds != cases[i].seconds)
			fail_msg("\"%s\": %d, %" PRIu64, cases[i].text, ret, seconds);
		assert_int_equal(invocation.status, ret ? STATUS_USAGE : STATUS_OK);
	}
}

static void the_width_of_a_text_is_in_columns(void **state)
{
	static const struct {
		const char *text;
		int width;
	} cases[] = {
		{"", 0},
		{"web", 3},
		{"gr\xc3\xbc\xc3\x9f", 4},       /* ü, ß */
		{"e\xcc\x81t\xc3\xa9", 3},       /* a combining accent, and é */
		{"\xe6\x9d\xb1\xe4\xba\xac", 4}, /* 東京 */
		{"\xf0\x9f\x94\xa5", 2},         /* an emoji */
		{"\xff\xfe", 2},                 /* no UTF-8 */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(display_width(cases[i].text), cases[i].width);
}

static void what_a_terminal_would_obey_is_shown_as_a_question_mark(void **state)
{
	char text[] = "a\033[31mb\tc\xc2\x9b"
		      "d\xff gr\xc3\xbcn\x7f";

	(void)state;
	display_clean(text);
	assert_string_equal(text, "a?[31mb?c?\?d? gr\xc3\xbcn?");
}

static void what_would_turn_a_line_round_is_shown_as_question_marks(void **state)
{
	/* U+202E and U+2066 write from right to left, or may; U+2028 ends a line. As a literal they
	 * would do so with the source. */
	char text[] = {'a',    '\xe2', '\x80', '\xae', 'b',    '\xe2', '\x81', '\xa6', 'c',
		       '\xe2', '\x80', '\xa8', 'd',    '\xe2', '\x80', '\xb0', '\0'};

	(void)state;
	display_clean(text);
	assert_string_equal(text, "a???b???c???d\u2030");
}

static void a_line_that_is_too_long_is_cut_and_marked(void **state)
{
	static const struct {
		const char *line;
		const char *clipped; /* to 6 columns */
	} cases[] = {
		{"", ""},
		{"123456", "123456"},
		{"1234567", "12345>"},
		{"\xc3\xa4\xc3\xb6\xc3\xbc"
		 "456",
		 "\xc3\xa4\xc3\xb6\xc3\xbc"
		 "456"},
		{"\xc3\xa4\xc3\xb6\xc3\xbc"
		 "4567",
		 "\xc3\xa4\xc3\xb6\xc3\xbc"
		 "45>"},
		{"1234\xe7\x95\x8c", "1234\xe7\x95\x8c"},
		{"1234\xe7\x95\x8c"
		 "7",
		 "1234>"},
		{"\033[1m123456\033[0m", "\033[1m123456\033[0m"},
		{"\033[1m1234567\033[0m", "\033[1m12345>\033[0m"},
		{"12\033[31m345678\033[0m90", "12\033[31m345>\033[0m"},
		{"12345\033[", "12345\033["},
		{"1234\xff"
		 "56",
		 "1234\xff>"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *text = NULL;
		size_t size;
		FILE *stream = open_memstream(&text, &size);

		assert_non_null(stream);
		display_clipped(stream, cases[i].line, strlen(cases[i].line), 6);
		fclose(stream);
		assert_string_equal(text, cases[i].clipped);
		free(text);
	}
}

struct ranked {
	unsigned char key;
	unsigned int number;
	uint64_t rank;
};

/* Against sorting all of them: few ranks, so that many are equal. */
static void a_ranking_keeps_the_first_of_many_and_equal_ones_in_the_order_of_their_keys(
	void **state)
{
	struct ranking some = {.item_size = sizeof(struct ranked), .key_size = 1, .limit = 10};
	struct ranking all = {.item_size = sizeof(struct ranked), .key_size = 1};
	struct prng prng = {.state = 7};

	(void)state;
	for (unsigned int i = 0; i < 5000; i++) {
		const struct ranked item = {(unsigned char)prng_below(&prng, 256), i,
					    prng_below(&prng, 500)};

		assert_true(ranking_add(&some, item.rank, &item));
		assert_true(ranking_add(&all, item.rank, &item));
	}
	ranking_sort(&some);
	ranking_sort(&all);
	assert_int_equal(some.count, 10);
	assert_int_equal(all.count, 5000);
	for (size_t i = 0; i < all.count; i++) {
		const struct ranked *item = ranking_item(&all, i), *last;

		if (i) {
			last = ranking_item(&all, i - 1);
			assert_true(item->rank < last->rank ||
				    (item->rank == last->rank && item->key >= last->key));
		}
		if (i < some.count) {
			last = ranking_item(&some, i);
			assert_int_equal(last->rank, item->rank);
			assert_int_equal(last->key, item->key);
		}
	}
	ranking_free(&some);
	ranking_free(&all);
}

static struct rf_prefix prefix_of(const char *text)
{
	struct rf_prefix prefix;
	const char *why;

	assert_int_equal(rf_prefix_parse(text, &prefix, &why), 0);
	return prefix;
}

static struct rf_flow_key flow_of(const char *peer)
{
	struct rf_prefix prefix = prefix_of(peer);
	struct rf_flow_key flow = {
		.pod_port = htons(40000), .peer_port = htons(443), .protocol = IPPROTO_TCP};

	memcpy(&flow.peer, &prefix.address, sizeof(flow.peer));
	return flow;
}

static bool peer_matches(const char *filter_text, const char *peer)
{
	const struct rf_flow_key flow = flow_of(peer);
	const struct flow_filter filter = {.has_peer = true, .peer = prefix_of(filter_text)};
	const struct flow_facts facts = {.flow = &flow, .has_ports = true};

	return flow_filter_matches(&filter, &facts);
}

static void a_filter_by_peer_keeps_the_families_apart(void **state)
{
	(void)state;
	assert_true(peer_matches("10.0.0.0/8", "10.1.2.3"));
	assert_false(peer_matches("10.0.0.0/8", "11.1.2.3"));
	assert_true(peer_matches("0.0.0.0/0", "11.1.2.3"));
	assert_false(peer_matches("::/0", "11.1.2.3"));
	assert_true(peer_matches("fd00::/8", "fd00::1"));
	assert_false(peer_matches("0.0.0.0/0", "fd00::1"));
}

static bool ports_match(uint16_t first, uint16_t last, bool has_ports)
{
	const struct rf_flow_key flow = flow_of("10.1.2.3");
	const struct flow_filter filter = {
		.has_ports = true, .first_port = first, .last_port = last};
	const struct flow_facts facts = {.flow = &flow, .has_ports = has_ports};

	return flow_filter_matches(&filter, &facts);
}

static void a_filter_by_port_means_either_side(void **state)
{
	(void)state;
	assert_true(ports_match(443, 443, true));
	assert_true(ports_match(40000, 40000, true));
	assert_true(ports_match(400, 500, true));
	assert_false(ports_match(444, 500, true));
	assert_false(ports_match(443, 443, false));
}

static bool port_of_kind_matches(uint8_t protocol, uint8_t echo, uint16_t port)
{
	/* The identifier of an echo stands at the end that pings, 0 at the other. */
	const struct rf_flow_key flow = {
		.pod_port = htons(echo ? 4711 : 0), .protocol = protocol, .echo = echo};
	const struct flow_filter filter = {
		.has_ports = true, .first_port = port, .last_port = port};
	const struct flow_facts facts = {.flow = &flow, .has_ports = true};

	return flow_filter_matches(&filter, &facts);
}

static void a_filter_by_port_passes_over_ends_without_one(void **state)
{
	(void)state;
	assert_true(port_of_kind_matches(IPPROTO_ICMP, 1 + RF_EGRESS, 4711));
	assert_false(port_of_kind_matches(IPPROTO_ICMP, 1 + RF_EGRESS, 0));
	assert_false(port_of_kind_matches(IPPROTO_ICMPV6, 0, 0));
	assert_false(port_of_kind_matches(IPPROTO_GRE, 0, 0));
	assert_true(port_of_kind_matches(IPPROTO_UDP, 0, 0));
}

static void what_has_no_addresses_matches_no_filter_for_them(void **state)
{
	const struct flow_filter any = {}, by_protocol = {.has_protocol = true},
				 by_peer = {.has_peer = true, .peer = prefix_of("0.0.0.0/0")};
	const struct flow_facts facts = {};

	(void)state;
	assert_true(flow_filter_matches(&any, &facts));
	assert_false(flow_filter_matches(&by_protocol, &facts));
	assert_false(flow_filter_matches(&by_peer, &facts));
}

static void a_pod_is_one_use_of_its_id(void **state)
{
	struct flow_filter filter = {.has_pod = true, .pod_id = 3, .incarnation = 5};
	struct flow_facts facts = {.pod = 3, .incarnation = 5};

	(void)state;
	assert_true(flow_filter_matches(&filter, &facts));
	facts.incarnation = 6;
	assert_false(flow_filter_matches(&filter, &facts));
	facts.incarnation = 5;
	filter.is_nowhere = true;
	assert_false(flow_filter_matches(&filter, &facts));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quantity_has_three_digits_at_most),
		cmocka_unit_test(a_duration_is_short),
		cmocka_unit_test(a_time_is_a_number_with_a_unit),
		cmocka_unit_test(the_width_of_a_text_is_in_columns),
		cmocka_unit_test(what_a_terminal_would_obey_is_shown_as_a_question_mark),
		cmocka_unit_test(what_would_turn_a_line_round_is_shown_as_question_marks),
		cmocka_unit_test(a_line_that_is_too_long_is_cut_and_marked),
		cmocka_unit_test(
			a_ranking_keeps_the_first_of_many_and_equal_ones_in_the_order_of_their_keys),
		cmocka_unit_test(a_filter_by_peer_keeps_the_families_apart),
		cmocka_unit_test(a_filter_by_port_means_either_side),
		cmocka_unit_test(a_filter_by_port_passes_over_ends_without_one),
		cmocka_unit_test(what_has_no_addresses_matches_no_filter_for_them),
		cmocka_unit_test(a_pod_is_one_use_of_its_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
