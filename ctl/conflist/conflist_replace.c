// SPDX-License-Identifier: Apache-2.0
#include "ctl/conflist/conflist.h"
#include "netconf/cleanup.h"

#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>

#define ATTRIBUTES_SIZE 65536 /* linux/limits.h: of all names, and of a value */
#define ACCESS_LIST     "system.posix_acl_access"

static int write_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t written = write(fd, text, length);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0) {
			text += written;
			length -= (size_t)written;
		}
	}
	return 0;
}

/* Security labels and access lists too; a file system without any is fine. */
static int copy_attributes(int from, int to)
{
	_cleanup_free_ char *names = malloc(ATTRIBUTES_SIZE);
	_cleanup_free_ char *value = malloc(ATTRIBUTES_SIZE);
	ssize_t length;

	if (!names || !value)
		return -ENOMEM;
	/* A new file has the one that its directory has for new files. */
	if (fremovexattr(to, ACCESS_LIST) && errno != ENODATA && errno != ENOTSUP)
		return -errno;
	length = flistxattr(from, names, ATTRIBUTES_SIZE);
	if (length < 0)
		return errno == ENOTSUP ? 0 : -errno;
	for (const char *name = names; name < names + length; name += strlen(name) + 1) {
		ssize_t size = fgetxattr(from, name, value, ATTRIBUTES_SIZE);

		if (size < 0 || fsetxattr(to, name, value, (size_t)size, 0))
			return -errno;
	}
	return 0;
}

/* The mode last: a change of the owner takes bits of it away. */
static int copy_ownership(const struct conflist_file *file, int to)
{
	_cleanup_close_ int from = open(file->path, O_RDONLY | O_CLOEXEC);
	int ret;

	if (from < 0 || fchown(to, file->status.st_uid, file->status.st_gid))
		return -errno;
	ret = copy_attributes(from, to);
	if (!ret && fchmod(to, file->status.st_mode & 07777))
		ret = -errno;
	return ret;
}

static bool is_as_it_was(const struct conflist_file *file)
{
	struct stat now;

	return !stat(file->path, &now) && now.st_ino == file->status.st_ino &&
	       now.st_size == file->status.st_size &&
	       now.st_mtim.tv_sec == file->status.st_mtim.tv_sec &&
	       now.st_mtim.tv_nsec == file->status.st_mtim.tv_nsec;
}

static int fill(const struct conflist_file *file, int fd, const char *text, size_t length,
		struct rf_error *error)
{
	int ret = copy_ownership(file, fd);

	if (!ret)
		ret = write_all(fd, text, length);
	if (!ret && fsync(fd))
		ret = -errno;
	if (ret)
		return rf_fail_system(error, RF_CODE_CONFIG, ret, "write %s", file->path);
	if (is_as_it_was(file))
		return 0;
	return rf_fail(error, RF_CODE_TRY_AGAIN, -EBUSY,
		       "%s was changed by somebody else meanwhile; try again", file->path);
}

int conflist_replace(const struct conflist_file *file, const char *text, size_t length,
		     struct rf_error *error)
{
	const char *name = strrchr(file->path, '/') + 1;
	_cleanup_free_ char *temporary = NULL;
	_cleanup_close_ int fd = -1;
	int ret;

	if (asprintf(&temporary, ".%s" CONFLIST_UNFINISHED, name) < 0)
		return rf_fail(error, RF_CODE_INTERNAL, -ENOMEM, "out of memory");
	/* Of a call that was killed: with the lock on the directory it is nobody's. */
	unlinkat(file->directory, temporary, 0);
	fd = openat(file->directory, temporary,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return rf_fail_system(error, RF_CODE_CONFIG, -errno, "write beside %s", file->path);
	ret = fill(file, fd, text, length, error);
	if (!ret && renameat(file->directory, temporary, file->directory, name))
		ret = rf_fail_system(error, RF_CODE_CONFIG, -errno, "replace %s", file->path);
	if (ret) {
		unlinkat(file->directory, temporary, 0);
		return ret;
	}
	if (fsync(file->directory))
		return rf_fail_system(error, RF_CODE_CONFIG, -errno,
				      "%s is replaced, but may not outlast a power failure",
				      file->path);
	return 0;
}
