/* SPDX-License-Identifier: Apache-2.0 */
/* Strings, numbers and literals. */
#include "netconf/json_scan.h"

#include "netconf/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The four digits behind \u; -1 if they are not all there. */
static int scan_hex(struct rf_json_scan *scan)
{
	int value = 0;

	for (int i = 0; i < 4; i++, scan->offset++) {
		int byte = rf_json_peek(scan);

		if (byte >= '0' && byte <= '9')
			value = value << 4 | (byte - '0');
		else if (byte >= 'a' && byte <= 'f')
			value = value << 4 | (byte - 'a' + 10);
		else if (byte >= 'A' && byte <= 'F')
			value = value << 4 | (byte - 'A' + 10);
		else
			return -1;
	}
	return value;
}

static bool scan_unicode_escape(struct rf_json_scan *scan, size_t start)
{
	int unit = scan_hex(scan);

	if (unit < 0)
		return rf_json_fault_at(scan, start, "\\u needs four hexadecimal digits");
	if (unit == 0)
		return rf_json_fault_at(scan, start, "\\u0000 in a string");
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	if (unit <= 0xdbff && rf_json_peek(scan) == '\\') {
		scan->offset++;
		if (rf_json_peek(scan) == 'u') {
			scan->offset++;
			unit = scan_hex(scan);
			if (unit >= 0xdc00 && unit <= 0xdfff)
				return true;
		}
	}
	return rf_json_fault_at(scan, start, "half of a surrogate pair in a string");
}

static bool scan_escape(struct rf_json_scan *scan)
{
	size_t start = scan->offset++;
	int byte = rf_json_peek(scan);

	if (byte <= 0 || !strchr("\"\\/bfnrtu", byte))
		return rf_json_fault_at(scan, start, "unknown escape in a string");
	scan->offset++;
	return byte == 'u' ? scan_unicode_escape(scan, start) : true;
}

bool rf_json_scan_string(struct rf_json_scan *scan)
{
	size_t start = scan->offset++;

	for (;;) {
		int byte = rf_json_peek(scan);
		size_t step = 1;

		if (byte >= 0x20 && byte < 0x80 && byte != '\\' && byte != '"') {
			scan->offset++;
			continue;
		}
		if (byte < 0)
			return rf_json_fault_at(scan, start, "string without an end");
		if (byte < 0x20)
			return rf_json_fault_here(scan,
						  "control character in a string (escape it)");
		if (byte == '\\') {
			if (!scan_escape(scan))
				return false;
			continue;
		}
		if (byte >= 0x80)
			step = rf_utf8_sequence(scan->text + scan->offset,
						scan->length - scan->offset);
		if (step == 0)
			return rf_json_fault_here(scan, "bytes that are no UTF-8");
		scan->offset += step;
		if (byte == '"')
			return true;
	}
}

static size_t skip_digits(struct rf_json_scan *scan)
{
	size_t start = scan->offset;

	while (rf_json_peek(scan) >= '0' && rf_json_peek(scan) <= '9')
		scan->offset++;
	return scan->offset - start;
}

/* The grammar only; see rf_json_scan_number(). */
static bool scan_number_text(struct rf_json_scan *scan)
{
	if (rf_json_peek(scan) == '-')
		scan->offset++;
	if (rf_json_peek(scan) == '0') {
		scan->offset++;
		if (rf_json_peek(scan) >= '0' && rf_json_peek(scan) <= '9')
			return rf_json_fault_here(scan, "number with a leading zero");
	} else if (skip_digits(scan) == 0) {
		return rf_json_fault_here(scan, "number without digits");
	}
	if (rf_json_peek(scan) == '.') {
		scan->offset++;
		if (skip_digits(scan) == 0)
			return rf_json_fault_here(scan, "no digit behind the decimal point");
	}
	if (rf_json_peek(scan) == 'e' || rf_json_peek(scan) == 'E') {
		scan->offset++;
		if (rf_json_peek(scan) == '+' || rf_json_peek(scan) == '-')
			scan->offset++;
		if (skip_digits(scan) == 0)
			return rf_json_fault_here(scan, "no digit in the exponent");
	}
	return true;
}

static bool is_digits(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return true;
}

/* True if what is written is a whole number: no digit but 0 is left behind the decimal point. */
static bool is_written_whole(const char *number)
{
	size_t whole = strspn(number, "-0123456789");
	size_t fraction = number[whole] == '.' ? strspn(number + whole + 1, "0123456789") : 0;
	const char *exponent = strpbrk(number, "eE");
	long shift = exponent ? strtol(exponent + 1, NULL, 10) : 0;

	for (size_t i = fraction; i > 0; i--)
		if (number[whole + i] != '0')
			return shift >= (long)i;
	for (size_t i = whole; i > 0; i--)
		if (number[i - 1] >= '1' && number[i - 1] <= '9')
			return shift >= (long)i - (long)whole;
	return true;
}

bool rf_json_scan_number(struct rf_json_scan *scan)
{
	size_t start = scan->offset;
	size_t length;
	double value;
	char number[64]; /* cJSON reads no longer ones */

	if (!scan_number_text(scan))
		return false;
	length = scan->offset - start;
	/* Digits that any double has room for. */
	if (length < 16 && is_digits(scan->text + start, length))
		return true;
	if (length >= sizeof(number))
		return rf_json_fault_at(scan, start, "number of more than 63 characters");
	memcpy(number, scan->text + start, length);
	number[length] = '\0';
	value = strtod(number, NULL);
	if (!isfinite(value))
		return rf_json_fault_at(scan, start, "number too large to be represented");
	/* A double drops the end of 1.00000000000000001, and what is left would pass for 1. */
	if (fabs(value) <= RF_JSON_INTEGER_MAX && trunc(value) == value &&
	    !is_written_whole(number))
		return rf_json_fault_at(scan, start, "fraction too fine to be represented");
	return true;
}

bool rf_json_scan_literal(struct rf_json_scan *scan, const char *literal)
{
	size_t length = strlen(literal);

	if (scan->length - scan->offset < length ||
	    memcmp(scan->text + scan->offset, literal, length) != 0)
		return rf_json_fault_here(scan, "expected a value");
	scan->offset += length;
	return true;
}
