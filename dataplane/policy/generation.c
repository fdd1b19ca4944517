// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/generation.h"
#include "dataplane/lock.h"
#include "dataplane/paths.h"
#include "netconf/cleanup.h"

#include <fcntl.h>
#include <sys/stat.h>

struct timespec rf_policy_generation(void)
{
	struct stat status;

	return stat(RF_LOCK_PATH, &status) ? (struct timespec){} : status.st_mtim;
}

bool rf_policy_generation_is(const struct timespec *generation)
{
	struct timespec now = rf_policy_generation();

	return now.tv_sec == generation->tv_sec && now.tv_nsec == generation->tv_nsec;
}

int rf_policy_generation_begin(struct rf_error *error)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}};
	_cleanup_close_ int lock = -1;
	int ret = rf_lock(&lock, error);

	if (ret)
		return ret;
	/* Not the time: two within a tick of the kernel's clock would be one. */
	times[1] = rf_policy_generation();
	if (++times[1].tv_nsec == 1000000000L)
		times[1] = (struct timespec){.tv_sec = times[1].tv_sec + 1};
	if (futimens(lock, times))
		return rf_fail_system(error, RF_CODE_RECORD, -errno, "change the time of %s",
				      RF_LOCK_PATH);
	return 0;
}
