/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What versions with another ABI have pinned beside ours, later ones too. Their pods stay under
 * their programs and maps; nothing is read out of these but what the kernel says of them. None of
 * these can fail: what cannot be removed now is found again by the next call.
 */
#ifndef RINGFENCE_DATAPLANE_OTHER_ABIS_H
#define RINGFENCE_DATAPLANE_OTHER_ABIS_H

#include <stdint.h>

/* Remove the pins of links that are @owner's there: that attachment is ours now, or nobody's. */
void rf_other_abis_forget(uint64_t owner);

/*
 * Remove each other ABI's directory, and with it its programs and maps, if no record is of that
 * ABI and nothing of it is attached. As long as a record cannot be read, all stay. Takes the lock
 * if there is any.
 */
void rf_other_abis_retire(void);

#endif
