/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RINGFENCE_NETCONF_CNI_VERSION_H
#define RINGFENCE_NETCONF_CNI_VERSION_H

#include <stdbool.h>

/* The CNI versions that ringfence speaks, oldest first, ended by NULL. */
extern const char *const rf_cni_versions[];

/* The last of them: what an answer carries when the input does not say. */
const char *rf_cni_version_newest(void);

/* True if @version is one of rf_cni_versions. */
bool rf_is_cni_version_supported(const char *version);

/* True if @version has the form of one: one to three decimal numbers with dots between. */
bool rf_is_cni_version(const char *version);

/* Compare two of rf_cni_versions: negative, 0, positive. */
int rf_cni_version_compare(const char *a, const char *b);

#endif
