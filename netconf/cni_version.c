/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/cni_version.h"

#include <stddef.h>
#include <string.h>

const char *const rf_cni_versions[] = {"0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0", NULL};

/* Its place in rf_cni_versions; -1 if it has none. */
static int place_of(const char *version)
{
	for (int i = 0; rf_cni_versions[i]; i++) {
		if (!strcmp(rf_cni_versions[i], version))
			return i;
	}
	return -1;
}

const char *rf_cni_version_newest(void)
{
	return rf_cni_versions[sizeof(rf_cni_versions) / sizeof(rf_cni_versions[0]) - 2];
}

bool rf_is_cni_version_supported(const char *version)
{
	return place_of(version) >= 0;
}

int rf_cni_version_compare(const char *a, const char *b)
{
	return place_of(a) - place_of(b);
}

bool rf_is_cni_version(const char *version)
{
	static const char digits[] = "0123456789";

	for (int part = 0; part < 3; part++) {
		size_t length = strspn(version, digits);

		/* The reference code converts each part to an int; so 9 digits are enough. */
		if (length == 0 || length > 9)
			return false;
		version += length;
		if (*version == '\0')
			return true;
		if (*version++ != '.')
			return false;
	}
	return false;
}
