// SPDX-License-Identifier: Apache-2.0
#include "dataplane/link/netns.h"
#include "netconf/cleanup.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define OWN_NETNS "/proc/thread-self/ns/net"

uint32_t rf_netns_own(void)
{
	struct stat mine;

	return stat(OWN_NETNS, &mine) ? 0 : (uint32_t)mine.st_ino;
}

static int is_own(int fd, bool *own)
{
	struct stat given, mine;

	if (fstat(fd, &given) || stat(OWN_NETNS, &mine))
		return -errno;
	*own = given.st_dev == mine.st_dev && given.st_ino == mine.st_ino;
	return 0;
}

int rf_netns_open(const char *path, bool own_allowed, int *fd, struct rf_error *error)
{
	/* O_NONBLOCK: a path that is a pipe must not be waited for. */
	_cleanup_close_ int netns = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct statfs filesystem;
	bool own = false;
	int ret;

	if (netns < 0)
		return rf_fail_system(error, RF_CODE_NETNS, -errno, "open netns %s (CNI_NETNS)",
				      path);
	if (fstatfs(netns, &filesystem) || filesystem.f_type != NSFS_MAGIC ||
	    ioctl(netns, NS_GET_NSTYPE) != CLONE_NEWNET)
		return rf_fail(error, RF_CODE_NETNS, -EINVAL,
			       "%s (CNI_NETNS) is not a network namespace", path);
	ret = is_own(netns, &own);
	if (ret)
		return rf_fail_system(error, RF_CODE_NETNS, ret,
				      "compare netns %s (CNI_NETNS) with " OWN_NETNS, path);
	if (own && !own_allowed) {
		rf_error_hint(error, "set CNI_NETNS_OVERRIDE=1 if that is meant");
		return rf_fail(error, RF_CODE_NETNS, -EINVAL,
			       "%s (CNI_NETNS) is the plugin's own network namespace", path);
	}
	*fd = TAKE_FD(netns);
	return 0;
}

int rf_netns_enter(int netns, int *previous, struct rf_error *error)
{
	_cleanup_close_ int mine = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);

	if (mine < 0)
		return rf_fail_system(error, RF_CODE_NETNS, -errno, "open %s", OWN_NETNS);
	if (setns(netns, CLONE_NEWNET))
		return rf_fail_system(error, RF_CODE_NETNS, -errno, "enter the container's netns");
	*previous = TAKE_FD(mine);
	return 0;
}

int rf_netns_leave(int *previous, struct rf_error *error)
{
	_cleanup_close_ int mine = TAKE_FD(*previous);

	if (setns(mine, CLONE_NEWNET))
		return rf_fail_system(error, RF_CODE_NETNS, -errno, "leave the container's netns");
	return 0;
}
