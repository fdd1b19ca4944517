// SPDX-License-Identifier: Apache-2.0
#include "dataplane/lock.h"
#include "dataplane/files.h"
#include "dataplane/paths.h"
#include "netconf/cleanup.h"

#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

#define WAIT_SECONDS 20

static int make_run_directories(struct rf_error *error)
{
	static const char *const directories[] = {RF_ATTACHMENTS_DIRECTORY, RF_POLICIES_DIRECTORY};

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		int ret = rf_make_directories(directories[i], 0700);

		if (ret)
			return rf_fail_system(error, RF_CODE_RECORD, ret, "make directory %s",
					      directories[i]);
	}
	return 0;
}

bool rf_lock_if_free(int *fd)
{
	_cleanup_close_ int lock = open(RF_LOCK_PATH, O_RDWR | O_CLOEXEC);

	if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB))
		return false;
	*fd = TAKE_FD(lock);
	return true;
}

int rf_lock(int *fd, struct rf_error *error)
{
	_cleanup_close_ int lock = -1;
	/* Sections are of microseconds to a few milliseconds: start short, and do not spin for
	 * long. */
	struct timespec pause = {.tv_nsec = 200000L};
	struct timespec now, end;
	int ret = make_run_directories(error);

	if (ret)
		return ret;
	lock = open(RF_LOCK_PATH, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0)
		return rf_fail_system(error, RF_CODE_RECORD, -errno, "open lock %s", RF_LOCK_PATH);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += WAIT_SECONDS;
	while (flock(lock, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return rf_fail_system(error, RF_CODE_RECORD, -errno, "lock %s",
					      RF_LOCK_PATH);
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > end.tv_sec ||
		    (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec)) {
			rf_error_hint(error, "another ringfence process holds it; try again");
			return rf_fail(error, RF_CODE_TRY_AGAIN, -EAGAIN,
				       "lock %s was not free for %d s", RF_LOCK_PATH, WAIT_SECONDS);
		}
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 5000000L)
			pause.tv_nsec *= 2;
	}
	*fd = TAKE_FD(lock);
	return 0;
}
