/* SPDX-License-Identifier: Apache-2.0 */
/* Which pods a document's selector chooses. */
#include "netconf/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct selection {
	const char *selector_namespace; /* NULL: not given */
	const char *selector_pod;
	const char *pod_namespace;
	const char *pod_name;
	bool chosen;
};

static const struct selection selections[] = {
	{NULL, NULL, "shop", "web-1", true},
	{NULL, NULL, "", "", true},
	{"shop", NULL, "shop", "web-1", true},
	{"shop", NULL, "shops", "web-1", false},
	{"shop", NULL, "", "web-1", false},
	{NULL, "web-*", "shop", "web-1", true},
	{NULL, "web-*", "shop", "web", false},
	{NULL, "web-?", "shop", "web-10", false},
	{NULL, "*", "shop", "", true},
	{"shop", "web-*", "shop", "web-1", true},
	{"shop", "web-*", "bank", "web-1", false},
	{"shop", "web-*", "shop", "db-1", false},
};

static void every_glob_that_is_given_must_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(selections) / sizeof(selections[0]); i++) {
		const struct selection *selection = &selections[i];
		/* A policy owns its texts; this one is never freed. */
		const struct rf_policy policy = {
			.selector_namespace = (char *)(uintptr_t)selection->selector_namespace,
			.selector_pod = (char *)(uintptr_t)selection->selector_pod,
		};

		if (rf_policy_selects(&policy, selection->pod_namespace, selection->pod_name) !=
		    selection->chosen)
			fail_msg("selection %zu: expected %d", i, selection->chosen);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_glob_that_is_given_must_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
