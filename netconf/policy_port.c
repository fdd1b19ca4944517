/* SPDX-License-Identifier: Apache-2.0 */
/* Protocols, and what is called ports: of tcp, udp and sctp ports, of icmp and icmpv6 types. */
#include "netconf/cleanup.h"
#include "netconf/policy_internal.h"

#include <netinet/in.h>
#include <string.h>

static const struct {
	const char *name;
	int protocol;
} protocols[] = {
	{"any", RF_PROTOCOL_ANY}, {"tcp", IPPROTO_TCP},   {"udp", IPPROTO_UDP},
	{"sctp", IPPROTO_SCTP},   {"icmp", IPPROTO_ICMP}, {"icmpv6", IPPROTO_ICMPV6},
};

#define PROTOCOL_COUNT (sizeof(protocols) / sizeof(protocols[0]))

const char *rf_protocol_name(int protocol)
{
	for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
		if (protocols[i].protocol == protocol)
			return protocols[i].name;
	}
	return NULL;
}

bool rf_protocol_is_icmp(int protocol)
{
	return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

bool rf_protocol_has_ports(int protocol)
{
	return protocol != RF_PROTOCOL_ANY && rf_protocol_name(protocol);
}

int rf_protocol_read(const cJSON *json, const struct rf_place *place, int *out,
		     struct rf_error *error)
{
	int64_t number = 0;
	int result;

	if (cJSON_IsNumber(json)) {
		result = rf_read_integer(json, place, 0, 255, &number, error);
		if (!result)
			*out = (int)number;
		return result;
	}
	if (!cJSON_IsString(json))
		return rf_fail_type(error, place, json, "a string or a number");
	for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
		if (!strcmp(protocols[i].name, json->valuestring)) {
			*out = protocols[i].protocol;
			return 0;
		}
	}
	rf_fail_at(error, RF_CODE_CONFIG, place, "\"%s\" is no known protocol", json->valuestring);
	rf_error_hint(error, "allowed are tcp, udp, sctp, icmp, icmpv6, any, or a number from 0 to "
			     "255 without quotes");
	return -EINVAL;
}

/* Decimal digits without leading zero, up to @max; *@text is then behind them. */
static bool take_number(const char **text, unsigned int max, unsigned int *out)
{
	const char *start = *text;
	const char *at = start;
	unsigned int value = 0;

	for (; *at >= '0' && *at <= '9'; at++) {
		value = value * 10 + (unsigned int)(*at - '0');
		if (value > max)
			return false;
	}
	if (at == start || (*start == '0' && at - start > 1))
		return false;
	*text = at;
	*out = value;
	return true;
}

/* "443" or "8000-8100" */
static bool parse_ports(const char *text, struct rf_port_range *out)
{
	unsigned int first;
	unsigned int last;

	if (!take_number(&text, UINT16_MAX, &first))
		return false;
	last = first;
	if (*text == '-') {
		text++;
		if (!take_number(&text, UINT16_MAX, &last))
			return false;
	}
	if (*text != '\0' || first > last)
		return false;
	*out = (struct rf_port_range){(uint16_t)first, (uint16_t)last};
	return true;
}

/* "8" (every code) or "8/0" */
static bool parse_icmp(const char *text, struct rf_port_range *out)
{
	unsigned int type;
	unsigned int code;

	if (!take_number(&text, UINT8_MAX, &type))
		return false;
	if (*text == '\0') {
		*out = (struct rf_port_range){(uint16_t)(type << 8), (uint16_t)(type << 8 | 255)};
		return true;
	}
	if (*text++ != '/' || !take_number(&text, UINT8_MAX, &code) || *text != '\0')
		return false;
	*out = (struct rf_port_range){(uint16_t)(type << 8 | code), (uint16_t)(type << 8 | code)};
	return true;
}

static int read_port_number(const cJSON *json, const struct rf_place *place, bool is_icmp,
			    struct rf_port_range *out, struct rf_error *error)
{
	int64_t number = 0;
	int result =
		rf_read_integer(json, place, 0, is_icmp ? UINT8_MAX : UINT16_MAX, &number, error);

	if (result < 0)
		return result;
	if (is_icmp)
		*out = (struct rf_port_range){(uint16_t)(number << 8),
					      (uint16_t)(number << 8 | 255)};
	else
		*out = (struct rf_port_range){(uint16_t)number, (uint16_t)number};
	return 0;
}

static int read_port(const cJSON *json, const struct rf_place *place, int protocol,
		     struct rf_port_range *out, struct rf_error *error)
{
	bool is_icmp = rf_protocol_is_icmp(protocol);

	if (cJSON_IsNumber(json))
		return read_port_number(json, place, is_icmp, out, error);
	if (!cJSON_IsString(json))
		return rf_fail_type(error, place, json, "a string or a number");
	if (is_icmp ? parse_icmp(json->valuestring, out) : parse_ports(json->valuestring, out))
		return 0;
	rf_fail_at(error, RF_CODE_CONFIG, place, "\"%s\" is no %s", json->valuestring,
		   is_icmp ? "type or type/code of ICMP" : "port or range of ports");
	if (is_icmp)
		rf_error_hint(error, "allowed are such as \"8\" and \"8/0\", each number from 0 to "
				     "255");
	else
		rf_error_hint(error, "allowed are such as \"443\" and \"8000-8100\", from 0 to "
				     "65535, the lower first");
	return -EINVAL;
}

int rf_ports_read(const cJSON *json, const struct rf_place *place, int protocol,
		  struct rf_port_range **out, size_t *out_count, struct rf_error *error)
{
	_cleanup_free_ struct rf_port_range *ports = NULL;
	struct rf_place inner = {.parent = place};
	const cJSON *item;
	int result = rf_read_array(json, place, error);

	if (result < 0 || !json->child)
		return result;
	if (!rf_protocol_has_ports(protocol)) {
		rf_fail_at(error, RF_CODE_CONFIG, place, "given for a protocol that has no ports");
		rf_error_hint(error, "set the rule's protocol to tcp, udp, sctp, icmp or icmpv6");
		return -EINVAL;
	}
	ports = calloc((size_t)cJSON_GetArraySize(json), sizeof(*ports));
	if (!ports)
		return rf_fail_memory(error);
	cJSON_ArrayForEach (item, json) {
		result = read_port(item, &inner, protocol, &ports[inner.index], error);
		if (result < 0)
			return result;
		inner.index++;
	}
	*out = TAKE_PTR(ports);
	*out_count = inner.index;
	return 0;
}
