/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two programs on an interface: by TCX links (6.6 and later) or by clsact filters. Which of the
 * two the kernel has is asked, never guessed.
 */
#ifndef RINGFENCE_DATAPLANE_ATTACH_H
#define RINGFENCE_DATAPLANE_ATTACH_H

#include "dataplane/objects.h"

#include <stdbool.h>

/* What is attached, or is to be. */
struct rf_attach_point {
	uint32_t ifindex;
	uint64_t owner;           /* names the pins of TCX links */
	enum rf_attach_mode mode; /* never AUTO once it is known */
	bool made_qdisc;          /* clsact: ours to remove */
};

/*
 * Settle point->mode for point->ifindex: @wanted, or for AUTO what the kernel has. ATTACH, with
 * what is in the way, if @wanted is TCX and the kernel has none, or if others' programs, filters or
 * qdiscs would be called before ours. Settles made_qdisc too (true if there is no clsact qdisc
 * yet), so that it can be recorded before anything is made. Changes nothing at the interface.
 */
int rf_attach_settle(const struct rf_objects *objects, enum rf_attach_mode wanted,
		     struct rf_attach_point *point, struct rf_error *error);

/*
 * Attach both programs. What is ours already stays or is replaced at once: at no moment a program
 * of ours is missing that was there. Nothing of others is touched.
 */
int rf_attach(const struct rf_objects *objects, const struct rf_attach_point *point,
	      struct rf_error *error);

/*
 * As rf_attach(), with the programs that are pinned now, which may be of another build than those
 * that @objects holds: when it returns, what is attached is what is pinned.
 */
int rf_attach_pinned(const struct rf_objects *objects, const struct rf_attach_point *point,
		     struct rf_error *error);

/*
 * Put the programs of @objects in the place of those that are attached for point->owner and use the
 * same maps, by either way, whatever point->mode says: each is exchanged at once. *@found: there
 * were some. ATTACH. Call it with the attachment's lock held.
 */
int rf_attach_exchange(const struct rf_objects *objects, const struct rf_attach_point *point,
		       bool *found, struct rf_error *error);

/*
 * Detach both, whatever of it is there, also if its pins are gone or mounted over; a gone interface
 * is fine. Continues past errors, reports the first.
 */
int rf_detach(const struct rf_attach_point *point, struct rf_error *error);

/*
 * Detach what an earlier add has attached at @before, now that @now is attached. One that is at the
 * same interface in the same mode has been replaced.
 */
int rf_detach_earlier(const struct rf_attach_point *before, const struct rf_attach_point *now,
		      struct rf_error *error);

/*
 * NOT_IN_FORCE unless both programs are attached at @point: those of @objects, or of another build
 * over the same maps, which judge by the same policy.
 */
int rf_attach_check(const struct rf_objects *objects, const struct rf_attach_point *point,
		    struct rf_error *error);

/* The mode's name in configuration and records. */
const char *rf_attach_mode_name(enum rf_attach_mode mode);

#endif
