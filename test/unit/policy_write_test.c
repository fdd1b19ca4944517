/* SPDX-License-Identifier: Apache-2.0 */
#include "test/unit/policy_support.h"

#include <netinet/in.h>

static char *written(const struct rf_policy *policy)
{
	_cleanup_json_ cJSON *json = rf_policy_to_json(policy);
	char *text = cJSON_PrintUnformatted(json);

	assert_non_null(text);
	return text;
}

static void the_canonical_form_is_complete_and_in_order(void **state)
{
	_cleanup_(rf_policy_free) struct rf_policy policy = parse_good_policy(
		"{\"selector\":{\"pod\":\"w\"},\"ingress\":{\"rules\":["
		"{\"id\":3,\"action\":\"allow\",\"protocol\":47},"
		"{\"id\":2,\"document\":\"base\",\"action\":\"deny\",\"protocol\":1,"
		"\"ports\":[\"8/0\",3]},"
		"{\"id\":1,\"action\":\"allow\",\"priority\":5,\"peers\":[\"FD00::/8\"],"
		"\"except\":[\"fd00::1/128\"],\"protocol\":6,\"ports\":[443,\"1-2\"]}],"
		"\"document\":\"\"}}");
	_cleanup_free_ char *text = written(&policy);

	(void)state;
	assert_string_equal(
		text, "{\"selector\":{\"pod\":\"w\"},\"ingress\":{\"default\":\"deny\","
		      "\"document\":\"\",\"rules\":["
		      "{\"id\":1,\"action\":\"allow\",\"priority\":5,\"peers\":[\"fd00::/8\"],"
		      "\"except\":[\"fd00::1\"],\"protocol\":\"tcp\",\"ports\":[\"443\",\"1-2\"],"
		      "\"log\":false},"
		      "{\"id\":2,\"action\":\"deny\",\"priority\":1000,\"protocol\":\"icmp\","
		      "\"ports\":[\"8/0\",\"3\"],\"log\":false,\"document\":\"base\"},"
		      "{\"id\":3,\"action\":\"allow\",\"priority\":1000,\"protocol\":47,\"log\":"
		      "false}]}}");
}

static void what_means_the_same_is_written_alike(void **state)
{
	static const char *const documents[] = {
		"{\"ingress\":{\"rules\":[{\"id\":1,\"action\":\"log\","
		"\"qos\":{\"dscp\":\"AF41\",\"priorityClass\":\"1:a\"}}]}}",
		"{\"ingress\":{\"rules\":[{\"id\":1,\"action\":\"log\",\"log\":false,"
		"\"qos\":{\"priorityClass\":65546,\"dscp\":34}}]}}",
		"{\"ingress\":{\"rules\":[{\"log\":true,\"id\":1,\"action\":\"log\","
		"\"qos\":{\"priorityClass\":\"0001:000A\",\"dscp\":34}}]}}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(documents); i++) {
		_cleanup_(rf_policy_free) struct rf_policy policy = parse_good_policy(documents[i]);
		_cleanup_free_ char *text = written(&policy);

		assert_string_equal(
			text, "{\"ingress\":{\"default\":\"deny\",\"rules\":[{\"id\":1,"
			      "\"action\":\"log\",\"priority\":1000,\"protocol\":\"any\","
			      "\"log\":true,\"qos\":{\"priorityClass\":65546,\"dscp\":34}}]}}");
	}
}

static void random_prefix(uint64_t *random, int protocol, struct rf_prefix *out)
{
	bool is_v4 =
		protocol == IPPROTO_ICMP || (protocol != IPPROTO_ICMPV6 && next_random(random) % 2);
	unsigned int length = 1 + next_random(random) % (is_v4 ? 31 : 127);
	char text[80];
	const char *why;

	if (is_v4)
		snprintf(text, sizeof(text), "%u.%u.0.%u/%u", next_random(random) % 256,
			 next_random(random) % 256, next_random(random) % 256, length);
	else
		snprintf(text, sizeof(text), "fd%02x:%x::%x/%u", next_random(random) % 256,
			 next_random(random) % 65536, next_random(random) % 65536, length);
	assert_int_equal(rf_prefix_parse_masked(text, out, &why), 0);
}

static void random_ports(uint64_t *random, struct rf_rule *rule)
{
	rule->port_count = next_random(random) % 4;
	rule->ports = calloc(rule->port_count + 1, sizeof(*rule->ports));
	for (size_t i = 0; i < rule->port_count; i++) {
		uint16_t first = (uint16_t)next_random(random);
		uint16_t last = (uint16_t)next_random(random);
		bool is_icmp = rule->protocol == 1 || rule->protocol == 58;

		if (is_icmp && next_random(random) % 2)
			rule->ports[i] = (struct rf_port_range){first & 0xff00, first | 0xff};
		else if (is_icmp || first > last)
			rule->ports[i] = (struct rf_port_range){first, first};
		else
			rule->ports[i] = (struct rf_port_range){first, last};
	}
}

static void random_action(uint64_t *random, struct rf_rule *rule)
{
	rule->action = next_random(random) % (RF_ACTION_REJECT + 1);
	rule->is_logged = rule->action == RF_ACTION_LOG || next_random(random) % 2;
	if (rule->action != RF_ACTION_ALLOW && rule->action != RF_ACTION_LOG)
		return;
	rule->qos.has_priority = next_random(random) % 2;
	rule->qos.priority = rule->qos.has_priority ? next_random(random) : 0;
	rule->qos.has_dscp = next_random(random) % 2;
	rule->qos.dscp = rule->qos.has_dscp ? next_random(random) % 64 : 0;
}

/* Of a few documents, of one without a name, and mostly without a word of it. */
static char *random_document(uint64_t *random)
{
	static const char *const documents[] = {"", "base", "web+\"b\xc3\xa4se\"\\"};
	size_t choice = next_random(random) % 6;

	return choice < COUNT_OF(documents) ? strdup(documents[choice]) : NULL;
}

static void random_rule(uint64_t *random, uint32_t id, struct rf_rule *rule)
{
	static const int protocols[] = {RF_PROTOCOL_ANY, 6, 17, 132, 1, 58, 0, 47, 255};

	rule->id = id;
	rule->document = random_document(random);
	random_action(random, rule);
	rule->priority = next_random(random) % 3 * 1000;
	rule->protocol = protocols[next_random(random) % COUNT_OF(protocols)];
	if (rule->protocol != RF_PROTOCOL_ANY && rule->protocol != 0 && rule->protocol != 47 &&
	    rule->protocol != 255)
		random_ports(random, rule);
	rule->peer_count = next_random(random) % 3;
	rule->peers = calloc(rule->peer_count + 1, sizeof(*rule->peers));
	for (size_t i = 0; i < rule->peer_count; i++)
		random_prefix(random, rule->protocol, &rule->peers[i]);
	/* Any exception goes with every peer, and the last address of one peer with that one. */
	rule->except_count = rule->peer_count == 1 || rule->peer_count == 0;
	rule->except = calloc(rule->except_count + 1, sizeof(*rule->except));
	if (rule->peer_count == 1) {
		rule->except[0] = rule->peers[0];
		rule->except[0].length = 128;
		rule->except[0].address.s6_addr[15] |= 1;
		if (rule->peers[0].length == 128)
			rule->except_count = 0;
	} else if (rule->except_count) {
		random_prefix(random, rule->protocol, &rule->except[0]);
	}
}

static void random_ruleset(uint64_t *random, uint32_t first_id, struct rf_ruleset *ruleset)
{
	ruleset->restricted = next_random(random) % 4 != 0;
	if (!ruleset->restricted)
		return;
	ruleset->default_action = next_random(random) % 2 ? RF_ACTION_DENY : RF_ACTION_ALLOW;
	ruleset->document = random_document(random);
	ruleset->rule_count = next_random(random) % 8;
	ruleset->rules = calloc(ruleset->rule_count + 1, sizeof(*ruleset->rules));
	for (size_t i = 0; i < ruleset->rule_count; i++)
		random_rule(random, first_id - (uint32_t)i, &ruleset->rules[i]);
}

static int compare_rules(const void *a, const void *b)
{
	return rf_rule_compare(a, b);
}

static void assert_equal_prefixes(const struct rf_prefix *a, const struct rf_prefix *b,
				  size_t a_count, size_t b_count)
{
	assert_int_equal(a_count, b_count);
	for (size_t i = 0; i < a_count; i++)
		assert_int_equal(rf_prefix_compare(&a[i], &b[i]), 0);
}

static void assert_equal_documents(const char *a, const char *b)
{
	if (a && b)
		assert_string_equal(a, b);
	else
		assert_ptr_equal(a, b);
}

static void assert_equal_rulesets(struct rf_ruleset *original, const struct rf_ruleset *again)
{
	assert_int_equal(original->restricted, again->restricted);
	assert_int_equal(original->default_action, again->default_action);
	assert_equal_documents(original->document, again->document);
	assert_int_equal(original->rule_count, again->rule_count);
	if (original->rule_count)
		qsort(original->rules, original->rule_count, sizeof(*original->rules),
		      compare_rules);
	for (size_t i = 0; i < original->rule_count; i++) {
		const struct rf_rule *a = &original->rules[i];
		const struct rf_rule *b = &again->rules[i];

		assert_int_equal(rf_rule_compare(a, b), 0);
		assert_equal_documents(a->document, b->document);
		assert_int_equal(a->action, b->action);
		assert_int_equal(a->is_logged, b->is_logged);
		assert_int_equal(a->qos.has_priority, b->qos.has_priority);
		assert_int_equal(a->qos.priority, b->qos.priority);
		assert_int_equal(a->qos.has_dscp, b->qos.has_dscp);
		assert_int_equal(a->qos.dscp, b->qos.dscp);
		assert_int_equal(a->priority, b->priority);
		assert_int_equal(a->protocol, b->protocol);
		assert_equal_prefixes(a->peers, b->peers, a->peer_count, b->peer_count);
		assert_equal_prefixes(a->except, b->except, a->except_count, b->except_count);
		assert_int_equal(a->port_count, b->port_count);
		if (a->port_count)
			assert_memory_equal(a->ports, b->ports, a->port_count * sizeof(*a->ports));
	}
}

static void what_is_written_is_read_back_equal(void **state)
{
	uint64_t random = 20240601;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		_cleanup_(rf_policy_free) struct rf_policy policy = {0};
		_cleanup_(rf_policy_free) struct rf_policy again = {0};
		_cleanup_free_ char *text = NULL;
		_cleanup_free_ char *text_again = NULL;

		policy.name = next_random(&random) % 2 ? strdup("n\xc3\xa4me \"x\"") : NULL;
		policy.selector_pod = next_random(&random) % 2 ? strdup("web-*") : NULL;
		random_ruleset(&random, 100, &policy.ingress);
		random_ruleset(&random, UINT32_MAX, &policy.egress);
		text = written(&policy);
		again = parse_good_policy(text);
		text_again = written(&again);

		assert_string_equal(text, text_again);
		assert_equal_rulesets(&policy.ingress, &again.ingress);
		assert_equal_rulesets(&policy.egress, &again.egress);
		assert_int_equal(!policy.name, !again.name);
		assert_int_equal(!policy.selector_pod, !again.selector_pod);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_canonical_form_is_complete_and_in_order),
		cmocka_unit_test(what_means_the_same_is_written_alike),
		cmocka_unit_test(what_is_written_is_read_back_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
