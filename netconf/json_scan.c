/* SPDX-License-Identifier: Apache-2.0 */
/* Objects, arrays, and what a value is. */
#include "netconf/json_scan.h"

void rf_json_scan_space(struct rf_json_scan *scan)
{
	int byte = rf_json_peek(scan);

	while (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
		scan->offset++;
		byte = rf_json_peek(scan);
	}
}

bool rf_json_scan_byte(struct rf_json_scan *scan, char byte)
{
	rf_json_scan_space(scan);
	if (rf_json_peek(scan) != byte)
		return false;
	scan->offset++;
	return true;
}

static bool scan_key(struct rf_json_scan *scan)
{
	rf_json_scan_space(scan);
	if (rf_json_peek(scan) != '"')
		return rf_json_fault_here(scan, "expected a key in double quotes");
	if (++scan->key_count == scan->wanted_key)
		scan->wanted_offset = scan->offset;
	if (!rf_json_scan_string(scan))
		return false;
	if (!rf_json_scan_byte(scan, ':'))
		return rf_json_fault_here(scan, "expected ':' behind the key");
	return true;
}

static bool scan_members(struct rf_json_scan *scan)
{
	if (rf_json_scan_byte(scan, '}'))
		return true;
	do {
		if (!scan_key(scan) || !rf_json_scan_value(scan))
			return false;
	} while (rf_json_scan_byte(scan, ','));
	if (!rf_json_scan_byte(scan, '}'))
		return rf_json_fault_here(scan, "expected ',' or '}'");
	return true;
}

static bool scan_elements(struct rf_json_scan *scan)
{
	if (rf_json_scan_byte(scan, ']'))
		return true;
	do {
		if (!rf_json_scan_value(scan))
			return false;
	} while (rf_json_scan_byte(scan, ','));
	if (!rf_json_scan_byte(scan, ']'))
		return rf_json_fault_here(scan, "expected ',' or ']'");
	return true;
}

/* The depth is bounded here, so the recursion is, and cJSON's own limit (1000) is never met. */
static bool scan_container(struct rf_json_scan *scan)
{
	bool is_object = rf_json_peek(scan) == '{';
	bool is_good;

	if (scan->depth == RF_JSON_DEPTH_MAX)
		return rf_json_fault_here(scan, "nested deeper than 512");
	scan->depth++;
	scan->offset++;
	is_good = is_object ? scan_members(scan) : scan_elements(scan);
	scan->depth--;
	return is_good;
}

bool rf_json_scan_value(struct rf_json_scan *scan)
{
	int byte;

	rf_json_scan_space(scan);
	byte = rf_json_peek(scan);
	switch (byte) {
	case '{':
	case '[':
		return scan_container(scan);
	case '"':
		return rf_json_scan_string(scan);
	case 't':
		return rf_json_scan_literal(scan, "true");
	case 'f':
		return rf_json_scan_literal(scan, "false");
	case 'n':
		return rf_json_scan_literal(scan, "null");
	case -1:
		return rf_json_fault_here(scan, "expected a value, not the end");
	case 0xef:
		return rf_json_fault_here(scan, "expected a value, without a byte order mark");
	default:
		if (byte == '-' || (byte >= '0' && byte <= '9'))
			return rf_json_scan_number(scan);
		return rf_json_fault_here(scan, "expected a value");
	}
}

bool rf_json_scan_end(struct rf_json_scan *scan)
{
	rf_json_scan_space(scan);
	if (scan->offset != scan->length)
		return rf_json_fault_here(scan, "text behind the value");
	return true;
}
