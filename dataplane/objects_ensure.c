// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bpffs.h"
#include "dataplane/load.h"
#include "dataplane/lock.h"
#include "dataplane/objects.h"
#include "dataplane/paths.h"
#include "dataplane/upgrade.h"
#include "netconf/cleanup.h"

/* Under the lock: two that find no bpffs, or no pins, must not both make them. */
static int make(const struct rf_map_sizes *sizes, struct rf_error *error)
{
	_cleanup_close_ int lock = -1;
	int ret = rf_lock(&lock, error);

	if (!ret)
		ret = rf_bpffs_ensure(error);
	if (!ret && access(RF_PIN_DIRECTORY, F_OK))
		ret = rf_load(sizes, error);
	return ret;
}

/* Open the pins, or make them. */
static int open_or_make(const struct rf_map_sizes *sizes, struct rf_objects *objects,
			struct rf_error *error)
{
	struct rf_error unusable = {};
	int ret = rf_bpffs_check(&unusable);

	/* In a bpffs that is read-only nothing could be pinned, even where the maps can be opened.
	 */
	if (ret && ret != -ENODEV) {
		*error = unusable;
		return ret;
	}
	if (!ret)
		ret = rf_objects_open(objects, error);
	if (ret != -ENOENT && ret != -ENODEV)
		return ret;
	ret = make(sizes, error);
	if (!ret)
		ret = rf_objects_open(objects, error);
	return ret == -ENOENT ? rf_fail(error, RF_CODE_TRY_AGAIN, ret,
					"the pins were removed while they were opened")
			      : ret;
}

int rf_objects_ensure(const struct rf_map_sizes *sizes, struct rf_objects *objects,
		      void (*warn)(const struct rf_error *warning), struct rf_error *error)
{
	_cleanup_objects_ struct rf_objects opened = RF_OBJECTS_NONE;
	int ret = open_or_make(sizes, &opened, error);

	if (!ret)
		ret = rf_upgrade(&opened, sizes, warn, error);
	if (ret)
		return ret;
	*objects = opened;
	opened = (struct rf_objects)RF_OBJECTS_NONE;
	return 0;
}
