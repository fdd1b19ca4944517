// SPDX-License-Identifier: Apache-2.0
#include "dataplane/files.h"
#include "netconf/cleanup.h"

#include <fcntl.h>
#include <fts.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

int rf_make_directories(const char *path, mode_t mode)
{
	_cleanup_free_ char *copy = strdup(path);

	if (!copy)
		return -ENOMEM;
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, mode) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	if (mkdir(copy, mode) && errno != EEXIST)
		return -errno;
	return 0;
}

void rf_remove_tree(const char *path)
{
	char *roots[] = {(char *)(uintptr_t)path, NULL};
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	if (!tree)
		return;
	while ((entry = fts_read(tree)))
		if (entry->fts_info != FTS_D)
			remove(entry->fts_path);
	fts_close(tree);
}

/* Room for what a file says that it holds, and one byte more in which its end is seen. */
static size_t first_size(const struct stat *status)
{
	if (status->st_size < 4096)
		return 4096;
	return status->st_size < RF_FILE_MAX ? (size_t)status->st_size + 2 : RF_FILE_MAX;
}

int rf_read_file(const char *path, char **text, size_t *length)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *buffer = NULL;
	size_t used = 0, size = 0;
	struct stat status;
	ssize_t got;

	if (fd < 0 || fstat(fd, &status))
		return -errno;
	do {
		if (used + 1 >= size) {
			char *larger;

			size = size ? 2 * size : first_size(&status);
			if (size > RF_FILE_MAX)
				return -EFBIG;
			larger = realloc(buffer, size);
			if (!larger)
				return -ENOMEM;
			buffer = larger;
		}
		got = read(fd, buffer + used, size - used - 1);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got > 0)
			used += got;
	} while (got);
	buffer[used] = '\0';
	*text = TAKE_PTR(buffer);
	*length = used;
	return 0;
}

static int write_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t written = write(fd, text, length);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0) {
			text += written;
			length -= written;
		}
	}
	return 0;
}

int rf_replace_file(const char *path, const char *text)
{
	const struct rf_file_part part = {text, strlen(text)};

	return rf_replace_file_parts(path, &part, 1);
}

int rf_replace_file_parts(const char *path, const struct rf_file_part *parts, size_t count)
{
	_cleanup_free_ char *temporary = NULL;
	_cleanup_close_ int fd = -1;
	int ret = 0;

	/* Names that end in .new are nobody's: listings leave them out, and the next writer takes
	 * over. */
	if (asprintf(&temporary, "%s" RF_FILE_UNFINISHED, path) < 0)
		return -ENOMEM;
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < count && !ret; i++)
		ret = write_all(fd, parts[i].bytes, parts[i].length);
	if (!ret && rename(temporary, path))
		ret = -errno;
	if (ret)
		unlink(temporary);
	return ret;
}

const struct dirent *rf_next_entry(DIR *stream, int *result)
{
	const struct dirent *entry;

	errno = 0;
	entry = readdir(stream);
	if (!entry && errno)
		*result = -errno;
	return entry;
}
