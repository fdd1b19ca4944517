/* SPDX-License-Identifier: Apache-2.0 */
/* What all steps of the folding write to: entries, and the account of memory and steps. */
#include "dataplane/compile/fold.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_CAPACITY 64

void *rf_fold_grow(void *array, size_t *capacity, size_t needed, size_t size)
{
	size_t larger = *capacity ? *capacity : FIRST_CAPACITY;
	void *grown;

	if (array && needed <= *capacity)
		return array;
	while (larger < needed)
		larger *= 2;
	grown = reallocarray(array, larger, size);
	if (grown)
		*capacity = larger;
	return grown;
}

int rf_fold_no_memory(struct rf_fold *fold)
{
	return rf_fail(fold->error, RF_CODE_INTERNAL, -ENOMEM, "compile policy: out of memory");
}

int rf_fold_steps(struct rf_fold *fold, size_t count)
{
	fold->steps += count;
	return fold->steps > RF_FOLD_STEPS_MAX ? -ENOSPC : 0;
}

int rf_fold_add_peer(struct rf_fold *fold, const struct rf_peer_entry *entry)
{
	size_t count = fold->out.peer_count++;
	struct rf_peer_entry *peers;

	if (count >= fold->limits->peers)
		return 0;
	peers = rf_fold_grow(fold->out.peers, &fold->peer_capacity, count + 1, sizeof(*peers));
	if (!peers)
		return rf_fold_no_memory(fold);
	fold->out.peers = peers;
	peers[count] = *entry;
	return 0;
}

int rf_fold_add_service(struct rf_fold *fold, const struct rf_service_entry *entry)
{
	size_t count = fold->out.service_count++;
	struct rf_service_entry *services;

	if (count >= fold->limits->services)
		return 0;
	services = rf_fold_grow(fold->out.services, &fold->service_capacity, count + 1,
				sizeof(*services));
	if (!services)
		return rf_fold_no_memory(fold);
	fold->out.services = services;
	services[count] = *entry;
	return 0;
}
