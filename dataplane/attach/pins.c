// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attach/pins.h"
#include "dataplane/attach/tcx_pin.h"
#include "dataplane/load.h"
#include "netconf/cleanup.h"

#include <glob.h>
#include <string.h>

#define LINKS_DIRECTORY RF_PIN_DIRECTORY "/links/"
#define OWNER_DIGITS    16

static int compare(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

	return (one > other) - (one < other);
}

/* An attachment has two pins. Returns how many owners are left. */
static size_t drop_repeated(uint64_t *owners, size_t count)
{
	size_t kept = 0;

	qsort(owners, count, sizeof(*owners), compare);
	for (size_t i = 0; i < count; i++)
		if (!kept || owners[kept - 1] != owners[i])
			owners[kept++] = owners[i];
	return kept;
}

int rf_pins_list(uint64_t **owners, size_t *count)
{
	glob_t files = {};

	*count = 0;
	glob(LINKS_DIRECTORY "*_*", GLOB_NOSORT, NULL, &files);
	*owners = calloc(files.gl_pathc + 1, sizeof(**owners));
	for (size_t i = 0; *owners && i < files.gl_pathc; i++) {
		const char *name = files.gl_pathv[i] + strlen(LINKS_DIRECTORY);
		char *end;
		uint64_t owner = strtoull(name, &end, 16);

		/* As tcx_pin.c names them; what is called otherwise is not ours. */
		if (end - name == OWNER_DIGITS && *end == '_')
			(*owners)[(*count)++] = owner;
	}
	globfree(&files);
	if (*owners)
		*count = drop_repeated(*owners, *count);
	return *owners ? 0 : -ENOMEM;
}

bool rf_pins_are_attached(uint64_t owner)
{
	for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
		struct rf_tcx_link link = rf_tcx_pin_open(owner, direction);

		if (link.fd >= 0)
			close(link.fd);
		else if (link.fd != -ENOENT)
			return true;
		if (link.ifindex)
			return true;
	}
	return false;
}

int rf_pins_remove(uint64_t owner, struct rf_error *error)
{
	int result = 0;
	bool removed;

	for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
		int ret = rf_tcx_pin_remove(owner, direction, &removed, result ? NULL : error);

		result = result ? result : ret;
	}
	return result;
}
