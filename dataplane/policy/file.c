// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/file.h"
#include "dataplane/files.h"
#include "dataplane/paths.h"
#include "netconf/cleanup.h"
#include "netconf/json.h"

#include <inttypes.h>
#include <string.h>

#define COMPLETE ".json"
#define PART     ".json.part"

#define DIRECTORY_SIZE 64

static uint64_t digest(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325; /* FNV-1a, 64 bit; a hit is compared in full */

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	return hash;
}

static void set_path(struct rf_policy_file *file, const char *suffix)
{
	snprintf(file->path, sizeof(file->path), RF_POLICIES_DIRECTORY "/%u/%u-%016" PRIx64 "%s",
		 file->set, file->id, digest(file->document), suffix);
}

static void directory_path(uint32_t set, char path[DIRECTORY_SIZE])
{
	snprintf(path, DIRECTORY_SIZE, RF_POLICIES_DIRECTORY "/%u", set);
}

bool rf_policy_file_is_complete(const char *path)
{
	size_t length = strlen(path);

	return length > strlen(COMPLETE) && !strcmp(path + length - strlen(COMPLETE), COMPLETE);
}

static int parse(const char *text, size_t length, struct rf_policy_file *out,
		 struct rf_error *error)
{
	_cleanup_json_ cJSON *json = NULL;
	const cJSON *document;
	int64_t id, first_class;
	int ret = rf_json_parse(text, length, &json, error);

	if (ret)
		return ret;
	document = cJSON_GetObjectItemCaseSensitive(json, "document");
	if (!document ||
	    rf_json_integer(cJSON_GetObjectItemCaseSensitive(json, "id"), 1, INT32_MAX, &id) ||
	    rf_json_integer(cJSON_GetObjectItemCaseSensitive(json, "firstClass"), 1, UINT32_MAX,
			    &first_class))
		return rf_fail(error, RF_CODE_RECORD, -EINVAL, "not a policy file of ringfence");
	out->document = cJSON_PrintUnformatted(document);
	if (!out->document)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "policy document");
	out->id = id;
	out->first_class = first_class;
	return 0;
}

static int read_at(const char *path, struct rf_policy_file *out, struct rf_error *error)
{
	struct rf_policy_file file = {};
	_cleanup_free_ char *text = NULL;
	size_t length;
	int ret = rf_read_file(path, &text, &length);

	if (ret)
		return ret == -ENOENT ? ret
				      : rf_fail_system(error, RF_CODE_RECORD, ret,
						       "read policy file %s", path);
	ret = parse(text, length, &file, error);
	if (ret) {
		rf_error_context(error, "policy file %s", path);
		return ret;
	}
	snprintf(file.path, sizeof(file.path), "%s", path);
	*out = file;
	return 0;
}

/* The first file of @set whose name @matches, and whose document is @document if that is given. */
static int find(uint32_t set, bool (*matches)(const char *name, const void *wanted),
		const void *wanted, const char *document, struct rf_policy_file *out,
		struct rf_error *error)
{
	char directory[DIRECTORY_SIZE];
	const struct dirent *entry;
	int ret = -ENOENT, failure = 0;
	DIR *stream;

	directory_path(set, directory);
	stream = opendir(directory);
	if (!stream)
		return errno == ENOENT ? -ENOENT
				       : rf_fail_system(error, RF_CODE_RECORD, -errno,
							"read directory %s", directory);
	while (ret == -ENOENT && (entry = rf_next_entry(stream, &failure))) {
		char path[PATH_MAX];

		if (!matches(entry->d_name, wanted))
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		ret = read_at(path, out, error);
		if (!ret)
			out->set = set;
		if (!ret && document && strcmp(out->document, document)) {
			rf_policy_file_free(out);
			ret = -ENOENT;
		}
	}
	closedir(stream);
	return failure ? rf_fail_system(error, RF_CODE_RECORD, failure, "read directory %s",
					RF_POLICIES_DIRECTORY)
		       : ret;
}

static bool name_has_id(const char *name, const void *wanted)
{
	char *end;

	return strtoul(name, &end, 10) == *(const uint32_t *)wanted && *end == '-' &&
	       (rf_policy_file_is_complete(name) || strstr(name, PART));
}

static bool name_has_digest(const char *name, const void *wanted)
{
	const char *dash = strchr(name, '-');
	char *end;

	return dash && rf_policy_file_is_complete(name) &&
	       strtoull(dash + 1, &end, 16) == *(const uint64_t *)wanted && *end == '.';
}

int rf_policy_file_by_id(uint32_t set, uint32_t id, struct rf_policy_file *out,
			 struct rf_error *error)
{
	return find(set, name_has_id, &id, NULL, out, error);
}

int rf_policy_file_by_document(uint32_t set, const char *document, struct rf_policy_file *out,
			       struct rf_error *error)
{
	uint64_t wanted = digest(document);

	return find(set, name_has_digest, &wanted, document, out, error);
}

/* Of a process that was killed while it wrote: nothing that the file describes was made yet. */
static bool is_unfinished(const char *name)
{
	const char *end = strstr(name, RF_FILE_UNFINISHED);

	return end && !strcmp(end, RF_FILE_UNFINISHED);
}

int rf_policy_file_ids(uint32_t set, uint32_t **ids, size_t *count)
{
	_cleanup_free_ uint32_t *list = NULL;
	char directory[DIRECTORY_SIZE];
	const struct dirent *entry;
	size_t used = 0;
	int failure = 0;
	DIR *stream;

	directory_path(set, directory);
	stream = opendir(directory);
	if (!stream && errno != ENOENT)
		return -errno;
	while (stream && (entry = rf_next_entry(stream, &failure))) {
		uint32_t id = strtoul(entry->d_name, NULL, 10);
		uint32_t *longer;

		if (is_unfinished(entry->d_name))
			unlinkat(dirfd(stream), entry->d_name, 0);
		if (!id || is_unfinished(entry->d_name) || !name_has_id(entry->d_name, &id))
			continue;
		longer = reallocarray(list, used + 1, sizeof(*list));
		if (!longer) {
			closedir(stream);
			return -ENOMEM;
		}
		list = longer;
		list[used++] = id;
	}
	if (stream)
		closedir(stream);
	if (failure)
		return failure;
	*ids = TAKE_PTR(list);
	*count = used;
	return 0;
}

int rf_policy_file_begin(struct rf_policy_file *file, struct rf_error *error)
{
	_cleanup_free_ char *text = NULL;
	char directory[DIRECTORY_SIZE];
	int ret;

	directory_path(file->set, directory);
	ret = rf_make_directories(directory, 0700);
	if (ret)
		return rf_fail_system(error, RF_CODE_RECORD, ret, "make directory %s", directory);
	set_path(file, PART);
	if (asprintf(&text, "{\"id\": %u, \"firstClass\": %u, \"document\": %s}\n", file->id,
		     file->first_class, file->document) < 0)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "policy file");
	ret = rf_replace_file(file->path, text);
	if (ret)
		return rf_fail_system(error, RF_CODE_RECORD, ret, "write policy file %s",
				      file->path);
	return 0;
}

int rf_policy_file_complete(struct rf_policy_file *file, struct rf_error *error)
{
	char part[PATH_MAX];

	memcpy(part, file->path, sizeof(part));
	set_path(file, COMPLETE);
	if (rename(part, file->path))
		return rf_fail_system(error, RF_CODE_RECORD, -errno, "rename %s to %s", part,
				      file->path);
	return 0;
}

void rf_policy_file_free(struct rf_policy_file *file)
{
	free(file->document);
	*file = (struct rf_policy_file){};
}
