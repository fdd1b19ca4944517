// SPDX-License-Identifier: Apache-2.0
#include "dataplane/other_abis.h"
#include "dataplane/attach/presence.h"
#include "dataplane/attach/tcx_pin.h"
#include "dataplane/files.h"
#include "dataplane/lock.h"
#include "dataplane/paths.h"
#include "dataplane/record_keys.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <string.h>

/* What is to be removed, and may be in part. */
#define RETIRED_NAME      "retired"
#define RETIRED_DIRECTORY RF_BPFFS_DIRECTORY "/" RETIRED_NAME

/* More are not looked at in one call. */
#define ABIS_MAX 16

struct other_abis {
	size_t count;
	uint32_t numbers[ABIS_MAX];
	bool needed[ABIS_MAX];
};

/* "v" and a number as we write it, which is not ours; 0: it is none. */
static uint32_t number_of(const char *name)
{
	char expected[16];
	uint32_t number = name[0] == 'v' ? strtoul(name + 1, NULL, 10) : 0;

	snprintf(expected, sizeof(expected), "v%u", number);
	return number != RF_ABI && !strcmp(name, expected) ? number : 0;
}

static void list(struct other_abis *abis)
{
	DIR *stream = opendir(RF_BPFFS_DIRECTORY);
	const struct dirent *entry;

	*abis = (struct other_abis){};
	while (stream && abis->count < ABIS_MAX && (entry = readdir(stream))) {
		uint32_t number = number_of(entry->d_name);

		if (number)
			abis->numbers[abis->count++] = number;
	}
	if (stream)
		closedir(stream);
}

/* Detached at once: else the kernel does it a moment after the pin went, and until then the
 * directory is needed. */
static void forget(uint32_t abi, uint64_t owner, enum rf_direction direction)
{
	_cleanup_close_ int link = -1;
	char path[PATH_MAX];

	rf_tcx_pin_path_of(path, abi, owner, direction);
	link = bpf_obj_get(path);
	if (link < 0)
		return;
	bpf_link_detach(link);
	unlink(path);
}

void rf_other_abis_forget(uint64_t owner)
{
	struct other_abis abis;

	list(&abis);
	for (size_t i = 0; i < abis.count; i++) {
		forget(abis.numbers[i], owner, RF_INGRESS);
		forget(abis.numbers[i], owner, RF_EGRESS);
	}
}

static bool are_all_needed(const struct other_abis *abis)
{
	for (size_t i = 0; i < abis->count; i++)
		if (!abis->needed[i])
			return false;
	return true;
}

static int note_record(const struct rf_attachment_key *key, struct other_abis *abis)
{
	_cleanup_record_ struct rf_record record = {};
	int ret = rf_record_read(key, &record, NULL);

	/* It may be of any of them, if it is there. */
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	for (size_t i = 0; i < abis->count; i++)
		abis->needed[i] |= abis->numbers[i] == record.abi;
	return 0;
}

static bool is_leaving(const struct rf_other_abis_listener *listener,
		       const struct rf_attachment_key *key)
{
	uint64_t owner = listener->leaving_count ? rf_owner(key) : 0;

	for (size_t i = 0; i < listener->leaving_count; i++)
		if (listener->leaving[i] == owner)
			return true;
	return false;
}

/* There are as many records as pods, and each ADD looks: as few are read as it takes. */
static int note_records(const struct rf_other_abis_listener *listener, struct other_abis *abis)
{
	_cleanup_record_keys_ struct rf_record_keys keys = {};
	int ret = rf_record_keys_list(&keys);

	for (size_t i = 0; !ret && i < keys.count && !are_all_needed(abis); i++)
		if (!is_leaving(listener, &keys.items[i]))
			ret = note_record(&keys.items[i], abis);
	return ret;
}

/* The kernel's id of the map that @abi has pinned as @name; -errno. The caller closes *@fd. */
static int64_t open_map(uint32_t abi, const char *name, int *fd)
{
	struct bpf_map_info information = {};
	__u32 size = sizeof(information);
	char path[PATH_MAX];

	snprintf(path, sizeof(path), RF_BPFFS_DIRECTORY "/v%u/maps/%s", abi, name);
	*fd = bpf_obj_get(path);
	if (*fd < 0 || bpf_obj_get_info_by_fd(*fd, &information, &size))
		return -errno;
	return information.id;
}

/* An attached link knows its interface, in whichever netns that is. */
static bool has_attached_link(uint32_t abi)
{
	char directory[PATH_MAX];
	const struct dirent *entry;
	bool attached = false;
	DIR *stream;

	snprintf(directory, sizeof(directory), RF_BPFFS_DIRECTORY "/v%u/links", abi);
	stream = opendir(directory);
	if (!stream)
		return errno != ENOENT;
	while (!attached && (entry = readdir(stream))) {
		struct bpf_link_info information = {};
		__u32 size = sizeof(information);
		_cleanup_close_ int link = -1;
		char path[PATH_MAX + NAME_MAX + 2];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		link = bpf_obj_get(path);
		/* struct bpf_link_info.tcx of 6.6: ifindex is the first member of the union. */
		attached = link < 0 || bpf_obj_get_info_by_fd(link, &information, &size) ||
			   information.xdp.ifindex;
	}
	closedir(stream);
	return attached;
}

/* Filters have no pins: they are at interfaces that the ABI's maps know. */
static bool is_at_interface(uint32_t abi)
{
	_cleanup_close_ int interfaces = -1, pod_state = -1;
	int64_t id = open_map(abi, "interfaces", &interfaces);
	int64_t state_id = open_map(abi, "pod_state", &pod_state);
	struct bpf_map_info information = {};
	__u32 size = sizeof(information), ifindex;
	const __u32 *previous = NULL;

	if (id == -ENOENT || state_id == -ENOENT)
		return false;
	if (id < 0 || state_id < 0 || bpf_obj_get_info_by_fd(interfaces, &information, &size) ||
	    information.key_size != sizeof(ifindex))
		return true;
	for (; !bpf_map_get_next_key(interfaces, previous, &ifindex); previous = &ifindex)
		if (rf_attach_uses_map(ifindex, (uint32_t)state_id))
			return true;
	return errno != ENOENT;
}

/* Its policies' files, which are named by its maps, go with these. */
static int retire(uint32_t abi, struct rf_error *error)
{
	_cleanup_close_ int identifiers = -1;
	int64_t set = open_map(abi, "identifiers", &identifiers);
	char path[PATH_MAX];

	snprintf(path, sizeof(path), RF_BPFFS_DIRECTORY "/v%u", abi);
	if (rename(path, RETIRED_DIRECTORY))
		return rf_fail_system(error, RF_CODE_LOAD, -errno, "rename %s to %s", path,
				      RETIRED_DIRECTORY);
	rf_remove_tree(RETIRED_DIRECTORY);
	if (set < 0)
		return 0;
	snprintf(path, sizeof(path), RF_POLICIES_DIRECTORY "/%u", (uint32_t)set);
	rf_remove_tree(path);
	return 0;
}

static void tell(const struct rf_other_abis_listener *listener, const char *name)
{
	if (listener->found)
		listener->found(name, listener->context);
}

/* What was begun, and killed. */
static int complete(bool remove, const struct rf_other_abis_listener *listener,
		    struct rf_error *error)
{
	if (access(RETIRED_DIRECTORY, F_OK))
		return 0;
	if (remove) {
		rf_remove_tree(RETIRED_DIRECTORY);
		if (!access(RETIRED_DIRECTORY, F_OK))
			return rf_fail(error, RF_CODE_LOAD, -EBUSY,
				       RETIRED_DIRECTORY " cannot be removed whole");
	}
	tell(listener, RETIRED_NAME);
	return 0;
}

static bool is_needed(const struct other_abis *abis, size_t index)
{
	return abis->needed[index] || has_attached_link(abis->numbers[index]) ||
	       is_at_interface(abis->numbers[index]);
}

static int retire_unneeded(bool remove, const struct rf_other_abis_listener *listener,
			   struct rf_error *error)
{
	struct other_abis abis;
	int ret;

	list(&abis);
	ret = note_records(listener, &abis);
	/* A broken record, which is its pod's fault, may be of any of them. */
	if (ret)
		return ret == -EINVAL ? 0
				      : rf_fail_system(error, RF_CODE_RECORD, ret, "list records");
	for (size_t i = 0; i < abis.count && !ret; i++) {
		char name[16];

		if (is_needed(&abis, i))
			continue;
		if (remove)
			ret = retire(abis.numbers[i], error);
		snprintf(name, sizeof(name), "v%u", abis.numbers[i]);
		if (!ret)
			tell(listener, name);
	}
	return ret;
}

/* Under the lock: an ADD of that ABI has written its record, or will find that its pins are gone.
 */
int rf_other_abis_told(bool remove, const struct rf_other_abis_listener *listener,
		       struct rf_error *error)
{
	struct other_abis abis;
	_cleanup_close_ int lock = -1;
	int ret;

	list(&abis);
	if (!abis.count && access(RETIRED_DIRECTORY, F_OK))
		return 0;
	ret = rf_lock(&lock, error);
	if (ret)
		return ret;
	ret = complete(remove, listener, error);
	return ret ? ret : retire_unneeded(remove, listener, error);
}

void rf_other_abis_retire(void)
{
	static const struct rf_other_abis_listener nobody;

	rf_other_abis_told(true, &nobody, NULL);
}
