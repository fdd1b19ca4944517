/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What versions with another ABI have pinned beside ours, later ones too. Their pods stay under
 * their programs and maps; nothing is read out of these but what the kernel says of them. What
 * cannot be removed now is found again by the next call.
 */
#ifndef RINGFENCE_DATAPLANE_OTHER_ABIS_H
#define RINGFENCE_DATAPLANE_OTHER_ABIS_H

#include "netconf/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Remove the pins of links that are @owner's there: that attachment is ours now, or nobody's. */
void rf_other_abis_forget(uint64_t owner);

/*
 * Remove each other ABI's directory, and with it its programs and maps, if no record is of that
 * ABI and nothing of it is attached. As long as a record cannot be read, all stay. Takes the lock
 * if there is any.
 */
void rf_other_abis_retire(void);

/* Who is told of what is removed, or would be. */
struct rf_other_abis_listener {
	const uint64_t *leaving; /* owners whose records are taken for gone */
	size_t leaving_count;
	/* @name of a directory in RF_BPFFS_DIRECTORY: "v2", or that of an unfinished removal */
	void (*found)(const char *name, void *context);
	void *context;
};

/*
 * As rf_other_abis_retire(), telling @listener of each directory. Without @remove it is only told,
 * of the same. TRY_AGAIN if the lock is not to be had, or another failure to look or to remove.
 */
int rf_other_abis_told(bool remove, const struct rf_other_abis_listener *listener,
		       struct rf_error *error);

#endif
