// SPDX-License-Identifier: Apache-2.0
#include "ctl/output/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t nanoseconds_of(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (int64_t)time.tv_sec * (int64_t)NANOSECONDS + time.tv_nsec;
}

uint64_t clock_now(void)
{
	return (uint64_t)nanoseconds_of(CLOCK_MONOTONIC);
}

static int64_t to_realtime(clockid_t clock, uint64_t time)
{
	int64_t now = nanoseconds_of(clock);

	return nanoseconds_of(CLOCK_REALTIME) - now + (int64_t)time;
}

const char *clock_time_of_day(uint64_t monotonic, char text[CLOCK_TEXT])
{
	int64_t nanoseconds = to_realtime(CLOCK_MONOTONIC, monotonic);
	time_t seconds = nanoseconds / (int64_t)NANOSECONDS;
	struct tm local;

	localtime_r(&seconds, &local);
	snprintf(text, CLOCK_TEXT, "%02d:%02d:%02d.%03d", local.tm_hour, local.tm_min, local.tm_sec,
		 (int)(nanoseconds / 1000000 % 1000));
	return text;
}

static const char *rfc3339(int64_t nanoseconds, char text[CLOCK_TEXT])
{
	time_t seconds = nanoseconds / (int64_t)NANOSECONDS;
	char date[24];
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text, CLOCK_TEXT, "%s.%09dZ", date, (int)(nanoseconds % (int64_t)NANOSECONDS));
	return text;
}

const char *clock_rfc3339(uint64_t monotonic, char text[CLOCK_TEXT])
{
	return rfc3339(to_realtime(CLOCK_MONOTONIC, monotonic), text);
}

const char *clock_rfc3339_of_boottime(uint64_t boottime, char text[CLOCK_TEXT])
{
	return rfc3339(to_realtime(CLOCK_BOOTTIME, boottime), text);
}

const char *clock_duration(uint64_t seconds, char text[CLOCK_TEXT])
{
	unsigned long long minutes = seconds / 60, hours = minutes / 60, days = hours / 24;

	if (!minutes)
		snprintf(text, CLOCK_TEXT, "%llus", (unsigned long long)seconds);
	else if (!hours)
		snprintf(text, CLOCK_TEXT, "%llum%02llus", minutes, seconds % 60ull);
	else if (!days)
		snprintf(text, CLOCK_TEXT, "%lluh%02llum", hours, minutes % 60);
	else
		snprintf(text, CLOCK_TEXT, "%llud%02lluh", days, hours % 24);
	return text;
}
