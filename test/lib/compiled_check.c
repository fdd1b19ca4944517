// SPDX-License-Identifier: Apache-2.0
#include "test/lib/compiled_check.h"
#include "netconf/json.h"
#include "test/lib/ask.h"
#include "test/lib/compiled.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

const struct rf_compile_limits compiled_no_limits = {.peers = SIZE_MAX, .services = SIZE_MAX};

static void print_policy(const struct rf_policy *policy)
{
	cJSON *json = rf_policy_to_json(policy);
	char *text = cJSON_Print(json);

	print_error("%s\n", text ? text : "(no text of the policy)");
	cJSON_free(text);
	cJSON_Delete(json);
}

void compiled_assert_answer(const struct rf_policy *policy, const struct rf_compiled *compiled,
			    const struct policy_question *question)
{
	struct policy_answer expected = policy_model(policy, question);
	struct policy_answer found = compiled_answer(compiled, question);
	char text[POLICY_QUESTION_TEXT];

	if (ask_is_same(&found, &expected))
		return;
	print_policy(policy);
	fail_msg("%s: reason %d rule %u flags %u dscp %u priority %u, the model says reason %d "
		 "rule %u flags %u dscp %u priority %u",
		 policy_question_format(question, text), found.reason, found.rule, found.flags,
		 found.dscp, found.priority, expected.reason, expected.rule, expected.flags,
		 expected.dscp, expected.priority);
}

static bool is_common(const struct rf_compiled *compiled, uint32_t class_id)
{
	for (size_t i = 0; i < compiled->peer_count; i++) {
		if (compiled->peers[i].value.common == class_id)
			return true;
	}
	return false;
}

/* What compile.h promises of the entries. */
static void assert_well_formed(const struct rf_compiled *compiled)
{
	uint32_t last = 0;

	for (size_t i = 0; i < compiled->peer_count; i++) {
		const struct rf_peer_entry *entry = &compiled->peers[i];

		assert_in_range(entry->value.common, 1, compiled->class_count);
		assert_in_range(entry->value.own, 0, compiled->class_count);
		assert_false(is_common(compiled, entry->value.own));
		if (!i)
			continue;
		assert_true(entry[-1].key.prefix_length <= entry->key.prefix_length);
		assert_memory_not_equal(&entry[-1].key, &entry->key, sizeof(entry->key));
	}
	for (size_t i = 0; i < compiled->service_count; i++) {
		const struct rf_service_entry *entry = &compiled->services[i];

		assert_in_range(entry->key.class_id, 1, compiled->class_count);
		assert_int_equal(entry->key.class_id <= compiled->common_count,
				 is_common(compiled, entry->key.class_id));
		/* Class after class, none left out. */
		assert_in_range(entry->key.class_id, last, last + 1);
		if (entry->key.class_id == last) {
			assert_true(entry[-1].key.prefix_length <= entry->key.prefix_length);
			assert_memory_not_equal(&entry[-1].key, &entry->key, sizeof(entry->key));
		}
		last = entry->key.class_id;
	}
	assert_int_equal(last, compiled->class_count);
}

void compiled_make(const struct rf_policy *policy, struct rf_compiled *compiled)
{
	struct rf_error error = {0};

	if (rf_compile(policy, &compiled_no_limits, compiled, &error))
		fail_msg("%s", error.message);
	assert_well_formed(compiled);
}
