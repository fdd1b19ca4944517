/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs and maps that all pods share. They are loaded and pinned by the first call after
 * boot; every later call only opens the pins, save an ADD by another build, which exchanges the
 * programs (dataplane/upgrade.h).
 */
#ifndef RINGFENCE_DATAPLANE_OBJECTS_H
#define RINGFENCE_DATAPLANE_OBJECTS_H

#include "dataplane/maps.h"
#include "netconf/error.h"
#include "netconf/netconf.h"

struct rf_objects {
	/*
	 * Which set of maps this is, as what was loaded before may be pinned in a bpffs that is
	 * mounted over: the kernel's id of map `identifiers`.
	 */
	uint32_t set;
	int maps[RF_MAP_COUNT]; /* by enum rf_map */
	uint32_t max_entries[RF_MAP_COUNT];
	uint32_t pod_state_id; /* the kernel's; the programs of this set use it, of whichever build
				*/
	int programs[RF_DIRECTIONS]; /* by enum rf_direction */
	uint32_t program_ids[RF_DIRECTIONS];
	struct rf_pod_state
		*pod_state; /* the map itself, in memory; max_entries[RF_MAP_POD_STATE] of them */
};

/* What each program is called: in the kernel, and as a pin. */
extern const char *const rf_program_names[RF_DIRECTIONS];

/* An rf_objects that holds nothing yet: may be closed. */
#define RF_OBJECTS_NONE                                                                            \
	{                                                                                          \
		.maps = {[0 ... RF_MAP_COUNT - 1] = -1}, .programs = { -1, -1 }                    \
	}

/*
 * Open the pins; of maps that the pinned build does not have yet (rf_map_is_extension()) there is
 * no descriptor. -ENOENT without an error filled if nothing is loaded; LOAD for pins that cannot be
 * used, with -ENXIO if one is missing; BPFFS, -ENXIO, if the directory is not ours, and -EROFS if
 * the bpffs is read-only. On success the caller owns *@objects (rf_objects_close()).
 */
int rf_objects_open(struct rf_objects *objects, struct rf_error *error);

/*
 * Open the pins; if there are none, mount bpffs where it is missing, load programs and maps with
 * @sizes and pin them, under the lock, all at once: a kill leaves no half of it. If the programs
 * are of another build, put this one's in their place (rf_upgrade(), which calls @warn).
 */
int rf_objects_ensure(const struct rf_map_sizes *sizes, struct rf_objects *objects,
		      void (*warn)(const struct rf_error *warning), struct rf_error *error);

/*
 * Open the pins of the programs into @programs, which the caller closes, and tell their @ids. LOAD.
 */
int rf_objects_open_programs(int programs[RF_DIRECTIONS], uint32_t ids[RF_DIRECTIONS],
			     struct rf_error *error);

/* TRY_AGAIN unless what @objects holds is what is pinned: they may have been removed since. */
int rf_objects_check_pinned(const struct rf_objects *objects, struct rf_error *error);

/* Release what @objects holds; pins stay. */
void rf_objects_close(struct rf_objects *objects);
#define _cleanup_objects_ __attribute__((cleanup(rf_objects_close)))

/*
 * Call @report for each map whose size is another than @sizes asks for: sizes are taken at the
 * first load only.
 */
void rf_objects_compare_sizes(const struct rf_objects *objects, const struct rf_map_sizes *sizes,
			      void (*report)(const char *key, uint32_t asked, uint32_t actual));

#endif
