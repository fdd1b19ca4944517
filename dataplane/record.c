// SPDX-License-Identifier: Apache-2.0
#include "dataplane/record.h"
#include "dataplane/files.h"
#include "dataplane/paths.h"
#include "dataplane/record_json.h"
#include "dataplane/record_policy.h"
#include "netconf/cleanup.h"

#include <limits.h>
#include <string.h>

uint64_t rf_owner(const struct rf_attachment_key *key)
{
	const char *const parts[] = {key->network, key->container, key->interface};
	uint64_t hash = 0xcbf29ce484222325; /* FNV-1a, 64 bit */

	for (size_t i = 0; i < 3; i++) {
		/* The NUL at the end of each part is hashed too: "ab","c" is not "a","bc". */
		for (size_t at = 0; at <= strlen(parts[i]); at++)
			hash = (hash ^ (unsigned char)parts[i][at]) * 0x100000001b3;
	}
	return hash ? hash : 1;
}

static int record_path(const struct rf_attachment_key *key, char path[PATH_MAX],
		       struct rf_error *error)
{
	size_t name = strlen(key->container) + strlen(key->interface) +
		      strlen(":.json" RF_FILE_UNFINISHED);

	if (name > NAME_MAX || strlen(key->network) > NAME_MAX)
		return rf_fail(
			error, RF_CODE_ENVIRONMENT, -ENAMETOOLONG,
			"the names of network (%zu bytes), container and interface (%zu bytes) "
			"make a file name over %d bytes",
			strlen(key->network), name, NAME_MAX);
	snprintf(path, PATH_MAX, RF_ATTACHMENTS_DIRECTORY "/%s/%s:%s.json", key->network,
		 key->container, key->interface);
	return 0;
}

static int read_at(const char *path, struct rf_record *out, struct rf_error *error)
{
	_cleanup_free_ char *text = NULL;
	size_t length;
	int ret = rf_read_file(path, &text, &length);

	if (ret == -ENOENT)
		return ret;
	if (ret)
		return rf_fail_system(error, RF_CODE_RECORD, ret, "read record %s", path);
	ret = rf_record_parse(text, length, out, error);
	if (ret)
		rf_error_context(error, "record %s", path);
	return ret;
}

int rf_record_read(const struct rf_attachment_key *key, struct rf_record *out,
		   struct rf_error *error)
{
	char path[PATH_MAX];
	int ret = record_path(key, path, error);

	return ret ? ret : read_at(path, out, error);
}

struct rf_attachment_key rf_record_key(const struct rf_record *record)
{
	return (struct rf_attachment_key){record->network, record->container, record->interface};
}

int rf_record_write(const struct rf_record *record, struct rf_error *error)
{
	struct rf_attachment_key key = rf_record_key(record);
	_cleanup_free_ char *text = NULL;
	char path[PATH_MAX];
	char *slash;
	int ret = record_path(&key, path, error);

	if (ret)
		return ret;
	text = rf_record_format(record);
	if (!text)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "write record %s", path);
	slash = strrchr(path, '/');
	*slash = '\0';
	ret = rf_make_directories(path, 0700);
	*slash = '/';
	if (!ret)
		ret = rf_replace_file(path, text);
	if (!ret)
		return 0;
	rf_fail_system(error, RF_CODE_RECORD, ret, "write record %s", path);
	*slash = '\0';
	/* The directory, if this would have been its first record. */
	rmdir(path);
	return ret;
}

int rf_record_remove(const struct rf_attachment_key *key, struct rf_error *error)
{
	char path[PATH_MAX], unfinished[PATH_MAX + sizeof(RF_FILE_UNFINISHED)];
	int ret = record_path(key, path, error);

	if (!ret)
		ret = rf_record_policy_remove(rf_owner(key), error);
	if (ret)
		return ret;
	if (unlink(path) && errno != ENOENT)
		return rf_fail_system(error, RF_CODE_RECORD, -errno, "remove record %s", path);
	/* What a kill while it was written has left. */
	snprintf(unfinished, sizeof(unfinished), "%s" RF_FILE_UNFINISHED, path);
	unlink(unfinished);
	*strrchr(path, '/') = '\0';
	/* Not empty is the usual case. */
	rmdir(path);
	return 0;
}

static bool is_record_name(const char *name)
{
	size_t length = strlen(name);

	return name[0] != '.' && length > 5 && !strcmp(name + length - 5, ".json");
}

static int each_in(const char *directory,
		   int (*visit)(const struct rf_record *, struct rf_error *, void *), void *context,
		   struct rf_error *error)
{
	DIR *stream = opendir(directory);
	const struct dirent *entry;
	int result = 0, failure = 0;

	/* It may go while we look; a file is no network's. */
	if (!stream)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : rf_fail_system(error, RF_CODE_RECORD, -errno, "read directory %s",
						directory);
	while (!result && (entry = rf_next_entry(stream, &failure))) {
		_cleanup_record_ struct rf_record record = {};
		char path[PATH_MAX];
		int ret;

		if (!is_record_name(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "%.2048s/%s", directory, entry->d_name);
		ret = read_at(path, &record, error);
		if (ret != -ENOENT)
			result = visit(ret ? NULL : &record, error, context);
	}
	closedir(stream);
	return failure ? rf_fail_system(error, RF_CODE_RECORD, failure, "read directory %s",
					directory)
		       : result;
}

int rf_record_each(const char *network,
		   int (*visit)(const struct rf_record *record, struct rf_error *error,
				void *context),
		   void *context, struct rf_error *error)
{
	char directory[PATH_MAX];
	const struct dirent *entry;
	DIR *stream;
	int result = 0, failure = 0;

	if (network) {
		snprintf(directory, sizeof(directory), RF_ATTACHMENTS_DIRECTORY "/%.255s", network);
		return each_in(directory, visit, context, error);
	}
	stream = opendir(RF_ATTACHMENTS_DIRECTORY);
	if (!stream)
		return errno == ENOENT
			       ? 0
			       : rf_fail_system(error, RF_CODE_RECORD, -errno, "read directory %s",
						RF_ATTACHMENTS_DIRECTORY);
	while (!result && (entry = rf_next_entry(stream, &failure))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(directory, sizeof(directory), RF_ATTACHMENTS_DIRECTORY "/%s",
			 entry->d_name);
		result = each_in(directory, visit, context, error);
	}
	closedir(stream);
	return failure ? rf_fail_system(error, RF_CODE_RECORD, failure, "read directory %s",
					RF_ATTACHMENTS_DIRECTORY)
		       : result;
}

const char *rf_record_pod_text(const struct rf_record *record, char text[600])
{
	if (record->pod_name[0])
		snprintf(text, 600, "%.255s/%.255s",
			 record->pod_namespace[0] ? record->pod_namespace : "-", record->pod_name);
	else
		snprintf(text, 600, "%.255s", record->container);
	return text;
}

void rf_record_free(struct rf_record *record)
{
	free(record->network);
	free(record->container);
	free(record->interface);
	free(record->pod_namespace);
	free(record->pod_name);
	free(record->host_interface);
	rf_configured_free(&record->configured);
	*record = (struct rf_record){};
}
