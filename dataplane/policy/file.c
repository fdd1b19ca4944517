// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/file.h"
#include "dataplane/files.h"
#include "dataplane/paths.h"
#include "netconf/cleanup.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define COMPLETE ".policy"
#define PART     ".policy.part"

static void directory_path(uint32_t set, char path[RF_POLICY_PATH])
{
	snprintf(path, RF_POLICY_PATH, RF_POLICIES_DIRECTORY "/%u", set);
}

char *rf_policy_path(const struct rf_policy_name *name, char path[RF_POLICY_PATH])
{
	snprintf(path, RF_POLICY_PATH, RF_POLICIES_DIRECTORY "/%u/%u-%016" PRIx64 "%s", name->set,
		 name->id, name->digest, name->is_complete ? COMPLETE : PART);
	return path;
}

/* False for a name that ringfence gives to no file. */
static bool parse_name(const char *text, uint32_t set, struct rf_policy_name *out)
{
	struct rf_policy_name name = {.set = set};
	char path[RF_POLICY_PATH], *end;

	name.id = (uint32_t)strtoul(text, &end, 10);
	if (!name.id || *end != '-')
		return false;
	name.digest = strtoull(end + 1, &end, 16);
	name.is_complete = !strcmp(end, COMPLETE);
	if (strcmp(strrchr(rf_policy_path(&name, path), '/') + 1, text) != 0)
		return false;
	*out = name;
	return true;
}

static int fail_read(int errnum, const char *path, struct rf_error *error)
{
	if (errnum == -ENOENT)
		return errnum;
	return rf_fail_system(error, RF_CODE_RECORD, errnum, "read policy file %s", path);
}

static int map_file(const char *path, struct rf_policy_file *file, struct rf_error *error)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *bytes;

	if (fd < 0 || fstat(fd, &status))
		return fail_read(-errno, path, error);
	if (!status.st_size)
		return rf_fail(error, RF_CODE_RECORD, -EINVAL, "policy file %s is empty", path);
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return fail_read(-errno, path, error);
	file->bytes = bytes;
	file->size = (size_t)status.st_size;
	return 0;
}

int rf_policy_file_open(const struct rf_policy_name *name, struct rf_policy_file *out,
			struct rf_error *error)
{
	_cleanup_policy_file_ struct rf_policy_file file = {.name = *name};
	char path[RF_POLICY_PATH];
	int ret = map_file(rf_policy_path(name, path), &file, error);

	if (ret)
		return ret;
	if (rf_policy_image_open(file.bytes, file.size, &file.image) ||
	    file.image.policy != name->id)
		return rf_fail(error, RF_CODE_RECORD, -EINVAL,
			       "policy file %s is damaged, or of another version of ringfence",
			       path);
	file.document = file.image.bytes + file.image.size;
	file.document_length = file.image.document_length;
	*out = file;
	file = (struct rf_policy_file){};
	return 0;
}

void rf_policy_file_close(struct rf_policy_file *file)
{
	if (file->bytes)
		munmap(file->bytes, file->size);
	*file = (struct rf_policy_file){};
}

/* Call @visit for each name until it does not return 0; that is returned. */
static int each_name(uint32_t set, int (*visit)(const struct rf_policy_name *name, void *context),
		     void *context)
{
	char directory[RF_POLICY_PATH];
	const struct dirent *entry;
	struct rf_policy_name name;
	int ret = 0, failure = 0;
	DIR *stream;

	directory_path(set, directory);
	stream = opendir(directory);
	if (!stream)
		return errno == ENOENT ? 0 : -errno;
	while (!ret && (entry = rf_next_entry(stream, &failure)))
		if (parse_name(entry->d_name, set, &name))
			ret = visit(&name, context);
	closedir(stream);
	return ret ? ret : failure;
}

struct names {
	struct rf_policy_name *items;
	size_t count;
};

static int add_name(const struct rf_policy_name *name, void *context)
{
	struct names *names = context;
	struct rf_policy_name *longer =
		reallocarray(names->items, names->count + 1, sizeof(*longer));

	if (!longer)
		return -ENOMEM;
	names->items = longer;
	longer[names->count++] = *name;
	return 0;
}

int rf_policy_file_list(uint32_t set, struct rf_policy_name **names, size_t *count)
{
	struct names list = {};
	int ret = each_name(set, add_name, &list);

	if (ret) {
		free(list.items);
		return ret;
	}
	*names = list.items;
	*count = list.count;
	return 0;
}

static int list_files(uint32_t set, struct rf_policy_name **names, size_t *count,
		      struct rf_error *error)
{
	int ret = rf_policy_file_list(set, names, count);

	return ret ? rf_fail_system(error, RF_CODE_RECORD, ret,
				    "list the policy files in " RF_POLICIES_DIRECTORY "/%u", set)
		   : 0;
}

int rf_policy_file_by_id(uint32_t set, uint32_t id, struct rf_policy_file *out,
			 struct rf_error *error)
{
	_cleanup_free_ struct rf_policy_name *names = NULL;
	size_t count = 0;
	int ret = list_files(set, &names, &count, error);

	for (size_t i = 0; i < count && !ret; i++)
		if (names[i].id == id)
			return rf_policy_file_open(&names[i], out, error);
	return ret ? ret : -ENOENT;
}

int rf_policy_file_by_document(uint32_t set, const char *document, uint64_t digest,
			       struct rf_policy_file *out, struct rf_error *error)
{
	_cleanup_free_ struct rf_policy_name *names = NULL;
	size_t count = 0, length = strlen(document);
	int ret = list_files(set, &names, &count, error);

	for (size_t i = 0; i < count && !ret; i++) {
		_cleanup_policy_file_ struct rf_policy_file file = {};

		/* One that is damaged equals nothing. */
		if (names[i].digest != digest || !names[i].is_complete ||
		    rf_policy_file_open(&names[i], &file, NULL))
			continue;
		if (!file.document || file.document_length != length ||
		    memcmp(file.document, document, length) != 0 ||
		    !rf_policy_image_is_whole(&file.image))
			continue;
		*out = file;
		file = (struct rf_policy_file){};
		return 0;
	}
	return ret ? ret : -ENOENT;
}

/* Of a process that was killed while it wrote: nothing that the file describes was made yet. */
static bool is_unfinished(const char *name)
{
	const char *end = strstr(name, RF_FILE_UNFINISHED);

	return end && !strcmp(end, RF_FILE_UNFINISHED);
}

void rf_policy_file_tidy(uint32_t set)
{
	char directory[RF_POLICY_PATH];
	const struct dirent *entry;
	int failure;
	DIR *stream;

	directory_path(set, directory);
	stream = opendir(directory);
	if (!stream)
		return;
	while ((entry = rf_next_entry(stream, &failure)))
		if (is_unfinished(entry->d_name))
			unlinkat(dirfd(stream), entry->d_name, 0);
	closedir(stream);
}

int rf_policy_file_begin(const struct rf_policy_name *name, const struct rf_policy_image *image,
			 const char *document, struct rf_error *error)
{
	const struct rf_file_part parts[] = {
		{image->bytes, image->size},
		{document, image->document_length},
	};
	char path[RF_POLICY_PATH];
	int ret;

	directory_path(name->set, path);
	ret = rf_make_directories(path, 0700);
	if (ret)
		return rf_fail_system(error, RF_CODE_RECORD, ret, "make directory %s", path);
	ret = rf_replace_file_parts(rf_policy_path(name, path), parts, 2);
	if (ret)
		return rf_fail_system(error, RF_CODE_RECORD, ret, "write policy file %s", path);
	return 0;
}

int rf_policy_file_set_complete(struct rf_policy_name *name, bool is_complete,
				struct rf_error *error)
{
	struct rf_policy_name renamed = *name;
	char from[RF_POLICY_PATH], to[RF_POLICY_PATH];

	if (name->is_complete == is_complete)
		return 0;
	renamed.is_complete = is_complete;
	if (rename(rf_policy_path(name, from), rf_policy_path(&renamed, to)))
		return rf_fail_system(error, RF_CODE_RECORD, -errno, "rename %s to %s", from, to);
	*name = renamed;
	return 0;
}

int rf_policy_file_remove(const struct rf_policy_name *name, struct rf_error *error)
{
	char path[RF_POLICY_PATH];

	if (unlink(rf_policy_path(name, path)))
		return rf_fail_system(error, RF_CODE_RECORD, -errno, "remove policy file %s", path);
	return 0;
}
