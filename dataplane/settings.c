// SPDX-License-Identifier: Apache-2.0
#include "dataplane/settings.h"
#include "dataplane/lock.h"
#include "dataplane/pod.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

int rf_settings_write(int map, const struct rf_settings *settings)
{
	uint32_t zero = 0;

	return bpf_map_update_elem(map, &zero, settings, BPF_ANY) ? -errno : 0;
}

int rf_settings_read(const struct rf_objects *objects, struct rf_settings *out,
		     struct rf_error *error)
{
	uint32_t zero = 0;

	if (bpf_map_lookup_elem(objects->maps[RF_MAP_SETTINGS], &zero, out))
		return rf_fail_system(error, RF_CODE_LOAD, -errno, "read map settings");
	return 0;
}

/* What is to change. */
struct change {
	struct rf_settings settings;                                     /* with what is assigned */
	bool is_assigned[sizeof(struct rf_settings) / sizeof(uint32_t)]; /* by word */
};

static bool is_assigned(const struct change *change, size_t offset)
{
	return change->is_assigned[offset / sizeof(uint32_t)];
}

static int read_change(char *const *assignments, size_t count, struct change *change,
		       struct rf_error *error)
{
	for (size_t i = 0; i < count; i++) {
		const struct rf_setting *setting;
		int ret = rf_setting_assign(assignments[i], &change->settings, &setting, error);

		if (ret)
			return ret;
		if (is_assigned(change, setting->offset))
			return rf_fail(error, RF_CODE_CONFIG, -EINVAL, "%s: %s is given twice",
				       assignments[i], setting->name);
		change->is_assigned[setting->offset / sizeof(uint32_t)] = true;
	}
	return 0;
}

/* Each word by one store: programs are reading them. */
static int store(const struct rf_objects *objects, const struct change *change,
		 struct rf_error *error)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			    objects->maps[RF_MAP_SETTINGS], 0);

	if (memory == MAP_FAILED)
		return rf_fail_system(error, RF_CODE_LOAD, -errno, "map settings into memory");
	for (size_t i = 0; i < rf_setting_count; i++) {
		const struct rf_setting *setting = &rf_setting_table[i];

		if (is_assigned(change, setting->offset))
			__atomic_store_n((uint32_t *)((char *)memory + setting->offset),
					 rf_setting_value(setting, &change->settings),
					 __ATOMIC_RELEASE);
	}
	munmap(memory, size);
	return 0;
}

/*
 * What only audit has let pass ends at its next packet. Also when the setting was so before: who
 * set it then may have been killed before he came here.
 */
static int end_audit(const struct rf_objects *objects, struct rf_error *error)
{
	int ret = 0;

	for (uint32_t id = 1; id < objects->max_entries[RF_MAP_POD_STATE] && !ret; id++)
		ret = rf_pod_judge_again(objects, id, error);
	if (ret) {
		rf_error_context(error, "flows that audit has let pass may go on");
		rf_error_hint(error, "set audit=pods once more");
	}
	return ret;
}

int rf_settings_change(const struct rf_objects *objects, char *const *assignments, size_t count,
		       struct rf_error *error)
{
	struct change change = {};
	_cleanup_close_ int lock = -1;
	int ret = read_change(assignments, count, &change, error);

	if (!ret)
		ret = rf_lock(&lock, error);
	if (!ret)
		ret = store(objects, &change, error);
	if (!ret && is_assigned(&change, offsetof(struct rf_settings, audit)) &&
	    change.settings.audit == RF_AUDIT_PODS)
		ret = end_audit(objects, error);
	return ret;
}
