// SPDX-License-Identifier: Apache-2.0
#include "ctl/conflist/conflist.h"
#include "dataplane/files.h"
#include "netconf/cleanup.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

#define WAIT_STEPS 50 /* of 0.1 s */

#define NO_LIST_HINT "set up the network first, or name the file, or its directory with --directory"

/* libcni, ConfFiles(): by what is behind the last dot. */
static int is_read_by_runtimes(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && (!strcmp(dot, ".conflist") || !strcmp(dot, ".conf") || !strcmp(dot, ".json"));
}

/* Not as in the locale of whoever calls. */
static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool is_directory(const char *directory, const char *name)
{
	char path[PATH_MAX];
	struct stat status;

	snprintf(path, sizeof(path), "%.2048s/%s", directory, name);
	return !stat(path, &status) && S_ISDIR(status.st_mode);
}

int conflist_names(const char *directory, char ***names, size_t *count, struct rf_error *error)
{
	struct dirent **entries = NULL;
	int found = scandir(directory, &entries, is_read_by_runtimes, compare_names);

	if (found < 0) {
		found = -errno;
		rf_error_hint(error, "%s", NO_LIST_HINT);
		return rf_fail_system(error, RF_CODE_CONFIG, found, "read directory %s", directory);
	}
	*count = 0;
	*names = calloc((size_t)found + 1, sizeof(**names));
	for (int i = 0; i < found; i++) {
		if (*names && !is_directory(directory, entries[i]->d_name))
			(*names)[(*count)++] = strdup(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return *names ? 0 : rf_fail(error, RF_CODE_INTERNAL, -ENOMEM, "out of memory");
}

void conflist_names_free(char **names, size_t count)
{
	for (size_t i = 0; names && i < count; i++)
		free(names[i]);
	free(names);
}

int conflist_find_active(const char *directory, char **path, struct rf_error *error)
{
	char **names = NULL;
	size_t count = 0;
	int ret = conflist_names(directory, &names, &count, error);

	if (ret)
		return ret;
	if (!count) {
		rf_error_hint(error, "%s", NO_LIST_HINT);
		ret = rf_fail(error, RF_CODE_CONFIG, -ENOENT,
			      "%s has no *.conflist, *.conf or *.json", directory);
	} else if (asprintf(path, "%s/%s", directory, names[0]) < 0) {
		ret = rf_fail(error, RF_CODE_INTERNAL, -ENOMEM, "out of memory");
	}
	conflist_names_free(names, count);
	return ret;
}

static int lock_directory(const char *path, int *fd, struct rf_error *error)
{
	const struct timespec pause = {.tv_nsec = 100000000};
	_cleanup_free_ char *directory = strndup(path, (size_t)(strrchr(path, '/') - path) + 1);

	if (directory)
		*fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0)
		return rf_fail_system(error, RF_CODE_CONFIG, -errno, "open directory %s",
				      directory);
	for (int i = 0; flock(*fd, LOCK_EX | LOCK_NB); i++) {
		if (errno != EWOULDBLOCK || i == WAIT_STEPS)
			return rf_fail_system(error, RF_CODE_CONFIG, -errno, "lock directory %s",
					      directory);
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int read_list(struct conflist_file *file, struct rf_error *error)
{
	int ret = stat(file->path, &file->status) ? -errno : 0;

	/* A pipe would be waited for. */
	if (!ret && !S_ISREG(file->status.st_mode))
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL, "%s is no regular file", file->path);
	if (!ret)
		ret = rf_read_file(file->path, &file->text, &file->length);
	if (ret)
		return rf_fail_system(error, RF_CODE_CONFIG, ret, "read %s", file->path);
	ret = rf_conflist_read(file->text, file->length, &file->list, error);
	if (ret)
		rf_error_context(error, "%s", file->path);
	return ret;
}

int conflist_open(const char *path, bool for_change, struct conflist_file *out,
		  struct rf_error *error)
{
	int ret;

	out->path = realpath(path, NULL);
	if (!out->path)
		return rf_fail_system(error, RF_CODE_CONFIG, -errno, "read %s", path);
	ret = for_change ? lock_directory(out->path, &out->directory, error) : 0;
	return ret ? ret : read_list(out, error);
}

void conflist_close(struct conflist_file *file)
{
	rf_conflist_free(&file->list);
	free(file->path);
	free(file->text);
	rf_cleanup_close(&file->directory);
	*file = (struct conflist_file)CONFLIST_FILE_NONE;
}
