/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scanner for the grammar of RFC 8259. It builds nothing: it says where a value ends, or what is
 * wrong with it, before cJSON, which is not strict, sees the text.
 */
#ifndef RINGFENCE_NETCONF_JSON_SCAN_H
#define RINGFENCE_NETCONF_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#define RF_JSON_DEPTH_MAX 512

/* From 2^53 on a double has no room for every whole number: what was written cannot be known. */
#define RF_JSON_INTEGER_MAX 9007199254740991.0

struct rf_json_scan {
	const char *text;
	size_t length;
	size_t offset;     /* of the next byte; after a fault, of what is wrong */
	const char *fault; /* what is wrong; NULL: nothing so far */
	unsigned int depth;
	size_t key_count;     /* keys of objects seen so far, in all depths */
	size_t wanted_key;    /* the number of a key whose place is asked for, from 1; 0: none */
	size_t wanted_offset; /* its place */
};

/* Each returns false on a fault. White space before is skipped by all but rf_json_scan_string(). */
bool rf_json_scan_value(struct rf_json_scan *scan);
bool rf_json_scan_end(struct rf_json_scan *scan);

/* The string at offset, with its quotes. */
bool rf_json_scan_string(struct rf_json_scan *scan);

/* White space, which may be none. */
void rf_json_scan_space(struct rf_json_scan *scan);

/* Take @byte if it is next behind white space. */
bool rf_json_scan_byte(struct rf_json_scan *scan, char byte);

/* json_token.c; @literal is "true", "false" or "null". */
bool rf_json_scan_number(struct rf_json_scan *scan);
bool rf_json_scan_literal(struct rf_json_scan *scan, const char *literal);

static inline bool rf_json_fault_at(struct rf_json_scan *scan, size_t offset, const char *fault)
{
	scan->offset = offset;
	scan->fault = fault;
	return false;
}

static inline bool rf_json_fault_here(struct rf_json_scan *scan, const char *fault)
{
	return rf_json_fault_at(scan, scan->offset, fault);
}

/* The next byte, or -1 at the end. */
static inline int rf_json_peek(const struct rf_json_scan *scan)
{
	return scan->offset < scan->length ? (unsigned char)scan->text[scan->offset] : -1;
}

#endif
