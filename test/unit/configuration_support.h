/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RINGFENCE_TEST_UNIT_CONFIGURATION_SUPPORT_H
#define RINGFENCE_TEST_UNIT_CONFIGURATION_SUPPORT_H

#include "netconf/netconf.h"
#include "test/unit/netconf_support.h"

/* A configuration with the given members behind those that are always there. */
#define CONF(members)                                                                              \
	"{\"cniVersion\":\"1.1.0\",\"name\":\"net\",\"type\":\"ringfence\"," members "}"

static inline void parse_good_netconf(const char *text, enum rf_netconf_scope scope,
				      struct rf_netconf *out)
{
	_cleanup_free_ char *copy = copy_exactly(text, strlen(text));
	struct rf_error error = {0};

	if (rf_netconf_parse(copy, strlen(text), scope, out, &error) < 0)
		fail_msg("%s: %d %s", text, error.code, error.message);
}

static inline void assert_refused(const struct refusal *refusal, enum rf_netconf_scope scope)
{
	size_t length = strlen(refusal->text);
	_cleanup_free_ char *copy = copy_exactly(refusal->text, length);
	_cleanup_(rf_netconf_free) struct rf_netconf netconf = {0};
	struct rf_netconf zeroed = {0};
	struct rf_error error = {0};

	if (rf_netconf_parse(copy, length, scope, &netconf, &error) == 0)
		fail_msg("%s is taken", refusal->text);
	assert_error(&error, refusal->text, refusal->code, refusal->message);
	zeroed.cni_version = netconf.cni_version;
	assert_memory_equal(&netconf, &zeroed, sizeof(netconf));
}

static inline void assert_all_refused(const struct refusal *refusals, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_refused(&refusals[i], RF_NETCONF_WHOLE);
}

#endif
