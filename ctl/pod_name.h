/* SPDX-License-Identifier: Apache-2.0 */
/* From pod ids, which the maps have, to the names that people know. */
#ifndef RINGFENCE_CTL_POD_NAME_H
#define RINGFENCE_CTL_POD_NAME_H

#include <stdbool.h>
#include <stdint.h>

/* Enough for every name, with its NUL. */
#define POD_NAME_SIZE 600

struct pod_name {
	uint32_t pod_id;
	uint32_t incarnation;     /* an id is given again when its pod is gone */
	char text[POD_NAME_SIZE]; /* namespace/name, or the container's id; "(gone)" if it is no
				     more, "(no pod)" for id 0 */
};

/* Let @name, zeroed or found before, be that of the pod; the records are read if it is not yet. */
void pod_name_find(struct pod_name *name, uint32_t pod_id, uint32_t incarnation);

/* Find who is called @text (namespace/name or container id); false if no running pod is. */
bool pod_name_resolve(const char *text, struct pod_name *out);

#endif
