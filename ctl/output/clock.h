/* SPDX-License-Identifier: Apache-2.0 */
/* The times that maps and events carry, as people know them. */
#ifndef RINGFENCE_CTL_OUTPUT_CLOCK_H
#define RINGFENCE_CTL_OUTPUT_CLOCK_H

#include <stdint.h>

#define CLOCK_TEXT 40

#define NANOSECONDS 1000000000ull /* of a second */

/* CLOCK_MONOTONIC, in nanoseconds. */
uint64_t clock_now(void);

/* A time of CLOCK_MONOTONIC as the local time of day: "12:34:56.789". Returns @text. */
const char *clock_time_of_day(uint64_t monotonic, char text[CLOCK_TEXT]);

/* The same as RFC 3339 has it, in UTC: "2026-11-21T12:34:56.789000123Z". */
const char *clock_rfc3339(uint64_t monotonic, char text[CLOCK_TEXT]);

/* The same of a time of CLOCK_BOOTTIME, which also counts while the machine sleeps. */
const char *clock_rfc3339_of_boottime(uint64_t boottime, char text[CLOCK_TEXT]);

/* So many seconds, in short: "59s", "3m12s", "2h05m", "3d04h". Returns @text. */
const char *clock_duration(uint64_t seconds, char text[CLOCK_TEXT]);

#endif
