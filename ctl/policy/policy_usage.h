/* SPDX-License-Identifier: Apache-2.0 */
/* What the policies take of the maps `peers` and `services`, as it stands in them. */
#ifndef RINGFENCE_CTL_POLICY_POLICY_USAGE_H
#define RINGFENCE_CTL_POLICY_POLICY_USAGE_H

#include "dataplane/objects.h"

struct policy_usage {
	size_t peers;   /* entries */
	size_t classes; /* of services */
	size_t own;     /* entries of services, in classes that no other policy has */
	size_t shared;  /* in those that others have, too */
};

struct policy_usages;

/* Read both maps. On success the caller owns *@out (policy_usages_free()). 0 or -errno. */
int policy_usages_read(const struct rf_objects *objects, struct policy_usages **out);

struct policy_usage policy_usage_of(const struct policy_usages *usages, uint32_t policy);

void policy_usages_free(struct policy_usages *usages);

#endif
