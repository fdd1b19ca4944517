// SPDX-License-Identifier: Apache-2.0
#include "dataplane/lock.h"
#include "dataplane/files.h"
#include "dataplane/paths.h"
#include "netconf/cleanup.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <time.h>

#define WAIT_SECONDS 20

/* Behind the bytes of all attachments */
#define UPGRADE_BYTE ((off_t)1 << 62)

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

static int open_lock(int *fd, struct rf_error *error)
{
	int ret = make_run_directories(error);

	if (ret)
		return ret;
	*fd = open(RF_LOCK_PATH, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return *fd < 0 ? rf_fail_system(error, RF_CODE_RECORD, -errno, "open lock %s", RF_LOCK_PATH)
		       : 0;
}

static int take_whole(int lock, const uint64_t *owner)
{
	(void)owner;
	return flock(lock, LOCK_EX | LOCK_NB);
}

/* A byte far out in the file: it need not exist. flock(2) and fcntl(2) do not see each other's. */
static int take_byte(int lock, off_t place)
{
	struct flock range = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = place,
		.l_len = 1,
	};

	return fcntl(lock, F_OFD_SETLK, &range);
}

static int take_attachment(int lock, const uint64_t *owner)
{
	return take_byte(lock, (off_t)(*owner >> 2));
}

bool rf_lock_upgrade_if_free(int *fd)
{
	_cleanup_close_ int lock = -1;

	if (open_lock(&lock, NULL) || take_byte(lock, UPGRADE_BYTE))
		return false;
	*fd = TAKE_FD(lock);
	return true;
}

static bool is_over(const struct timespec *end)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > end->tv_sec ||
	       (now.tv_sec == end->tv_sec && now.tv_nsec >= end->tv_nsec);
}

/* Sections are of microseconds to a few milliseconds: start short, and do not spin for long. */
static int wait_for(int lock, int (*take)(int lock, const uint64_t *owner), const uint64_t *owner,
		    struct rf_error *error)
{
	struct timespec pause = {.tv_nsec = 200000L};
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += WAIT_SECONDS;
	while (take(lock, owner)) {
		if (errno != EWOULDBLOCK && errno != EACCES && errno != EINTR)
			return rf_fail_system(error, RF_CODE_RECORD, -errno, "lock %s",
					      RF_LOCK_PATH);
		if (is_over(&end)) {
			rf_error_hint(error, "another ringfence process holds it; try again");
			return rf_fail(error, RF_CODE_TRY_AGAIN, -EAGAIN,
				       "lock %s was not free for %d s", RF_LOCK_PATH, WAIT_SECONDS);
		}
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 5000000L)
			pause.tv_nsec *= 2;
	}
	return 0;
}

int rf_lock(int *fd, struct rf_error *error)
{
	_cleanup_close_ int lock = -1;
	int ret = open_lock(&lock, error);

	if (!ret)
		ret = wait_for(lock, take_whole, NULL, error);
	if (!ret)
		*fd = TAKE_FD(lock);
	return ret;
}

int rf_lock_attachment(uint64_t owner, int *fd, struct rf_error *error)
{
	_cleanup_close_ int lock = -1;
	int ret = open_lock(&lock, error);

	if (!ret)
		ret = wait_for(lock, take_attachment, &owner, error);
	if (!ret)
		*fd = TAKE_FD(lock);
	return ret;
}
