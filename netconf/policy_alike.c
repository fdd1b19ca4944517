/* SPDX-License-Identifier: Apache-2.0 */
/* Whether two rules of a direction are one. */
#include "netconf/policy_internal.h"

#include <stdlib.h>

static int compare_prefixes(const void *a, const void *b)
{
	return rf_prefix_compare(a, b);
}

static int compare_ports(const void *a, const void *b)
{
	const struct rf_port_range *first = a;
	const struct rf_port_range *second = b;

	if (first->first != second->first)
		return first->first < second->first ? -1 : 1;
	return (first->last > second->last) - (first->last < second->last);
}

/* The order in which a rule lists its peers and ports means nothing. */
static void sort_lists(struct rf_rule *rule)
{
	if (rule->peer_count)
		qsort(rule->peers, rule->peer_count, sizeof(*rule->peers), compare_prefixes);
	if (rule->except_count)
		qsort(rule->except, rule->except_count, sizeof(*rule->except), compare_prefixes);
	if (rule->port_count)
		qsort(rule->ports, rule->port_count, sizeof(*rule->ports), compare_ports);
}

static bool have_equal_prefixes(const struct rf_prefix *a, size_t a_count,
				const struct rf_prefix *b, size_t b_count)
{
	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++)
		if (rf_prefix_compare(&a[i], &b[i]))
			return false;
	return true;
}

static bool have_equal_ports(const struct rf_rule *a, const struct rf_rule *b)
{
	if (a->port_count != b->port_count)
		return false;
	for (size_t i = 0; i < a->port_count; i++)
		if (compare_ports(&a->ports[i], &b->ports[i]))
			return false;
	return true;
}

static bool have_equal_qos(const struct rf_qos *a, const struct rf_qos *b)
{
	return a->has_priority == b->has_priority && a->priority == b->priority &&
	       a->has_dscp == b->has_dscp && a->dscp == b->dscp;
}

bool rf_rules_are_alike(struct rf_rule *a, struct rf_rule *b)
{
	sort_lists(a);
	sort_lists(b);
	return a->action == b->action && a->is_logged == b->is_logged &&
	       have_equal_qos(&a->qos, &b->qos) && a->priority == b->priority &&
	       a->protocol == b->protocol &&
	       have_equal_prefixes(a->peers, a->peer_count, b->peers, b->peer_count) &&
	       have_equal_prefixes(a->except, a->except_count, b->except, b->except_count) &&
	       have_equal_ports(a, b);
}
