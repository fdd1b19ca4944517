/* SPDX-License-Identifier: Apache-2.0 */
/* The key "etherTypes": what else than IP passes. */
#include "netconf/ether_type.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>

/* Smaller values are the length of an 802.3 frame. */
#define ETHER_TYPE_MIN 0x0600

static const struct {
	const char *name;
	uint16_t type;
} names[] = {
	{"arp", ETH_P_ARP},
	{"lldp", ETH_P_LLDP},
	{"eapol", ETH_P_PAE},
};

/* Types that cannot be let through as they are, and why. */
static const struct {
	uint16_t type;
	const char *reason;
} refused[] = {
	{ETH_P_IP, "IPv4, which is judged by the policy"},
	{ETH_P_IPV6, "IPv6, which is judged by the policy"},
	{ETH_P_8021Q, "a VLAN tag; what it carries is judged by its own type"},
	{ETH_P_8021AD, "a VLAN tag; what it carries is judged by its own type"},
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* A name, or "0x" and four hexadecimal digits. */
static bool parse_ether_type(const char *text, uint16_t *out)
{
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (!strcmp(names[i].name, text)) {
			*out = names[i].type;
			return true;
		}
	}
	if (strncmp(text, "0x", 2) != 0 || strlen(text) != 6 ||
	    strspn(text + 2, "0123456789abcdefABCDEF") != 4)
		return false;
	*out = (uint16_t)strtoul(text + 2, NULL, 16);
	return *out >= ETHER_TYPE_MIN;
}

const char *rf_ether_type_name(uint16_t type)
{
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (names[i].type == type)
			return names[i].name;
	return NULL;
}

static int read_ether_type(const cJSON *value, const struct rf_place *place, uint16_t *out,
			   struct rf_error *error)
{
	uint16_t type = 0;

	if (!cJSON_IsString(value))
		return rf_fail_type(error, place, value, "a string");
	if (!parse_ether_type(value->valuestring, &type)) {
		rf_fail_at(error, RF_CODE_CONFIG, place, "\"%s\" is no EtherType",
			   value->valuestring);
		rf_error_hint(error, "allowed are arp, lldp, eapol, or four hexadecimal digits "
				     "from \"0x0600\" to \"0xffff\"");
		return -EINVAL;
	}
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		if (refused[i].type == type)
			return rf_fail_at(error, RF_CODE_CONFIG, place,
					  "\"%s\" is not allowed: it is %s", value->valuestring,
					  refused[i].reason);
	}
	*out = type;
	return 0;
}

int rf_ether_types_read(const cJSON *value, const struct rf_place *place,
			struct rf_netconf *netconf, struct rf_error *error)
{
	struct rf_place inner = {.parent = place};
	uint16_t types[RF_ETHER_TYPES_MAX] = {0};
	const cJSON *item;
	int result = rf_read_array(value, place, error);

	if (result < 0)
		return result;
	if (cJSON_GetArraySize(value) > RF_ETHER_TYPES_MAX)
		return rf_fail_at(error, RF_CODE_CONFIG, place,
				  "has %d entries: at most %d are allowed",
				  cJSON_GetArraySize(value), RF_ETHER_TYPES_MAX);
	cJSON_ArrayForEach (item, value) {
		result = read_ether_type(item, &inner, &types[inner.index], error);
		if (result < 0)
			return result;
		for (size_t i = 0; i < inner.index; i++) {
			if (types[i] == types[inner.index])
				return rf_fail_at(error, RF_CODE_CONFIG, &inner,
						  "0x%04x is given twice", types[i]);
		}
		inner.index++;
	}
	memcpy(netconf->ether_types, types, sizeof(types));
	netconf->ether_type_count = inner.index;
	return 0;
}
