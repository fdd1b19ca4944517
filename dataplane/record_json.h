/* SPDX-License-Identifier: Apache-2.0 */
/* A record as JSON: what is in the file. */
#ifndef RINGFENCE_DATAPLANE_RECORD_JSON_H
#define RINGFENCE_DATAPLANE_RECORD_JSON_H

#include "dataplane/record.h"

/* Read a record's text. RECORD if it is not whole. On success the caller owns *@out; else it is
 * untouched. */
int rf_record_parse(const char *text, size_t length, struct rf_record *out, struct rf_error *error);

/* The record's text, malloc()ed; NULL if memory is out. */
char *rf_record_format(const struct rf_record *record);

#endif
