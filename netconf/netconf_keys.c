/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/netconf_keys.h"

#include "netconf/ether_type.h"
#include "netconf/netconf_maps.h"

#include <linux/if_ether.h>
#include <string.h>

static int read_policy(const cJSON *value, const struct rf_place *place, void *target,
		       struct rf_error *error)
{
	struct rf_netconf *netconf = target;

	return rf_policy_parse(value, place->key, false, &netconf->policy, error);
}

static int read_policy_directory(const cJSON *value, const struct rf_place *place, void *target,
				 struct rf_error *error)
{
	struct rf_netconf *netconf = target;
	int result = rf_read_path(value, place, error);

	return result < 0 ? result
			  : rf_read_string_copy(value, place, &netconf->policy_directory, error);
}

static int read_mode(const cJSON *value, const struct rf_place *place, void *target,
		     struct rf_error *error)
{
	struct rf_netconf *netconf = target;
	size_t choice = RF_MODE_ENFORCE;
	int result = rf_read_choice(value, place, rf_mode_names, &choice, error);

	netconf->treatment.mode = (enum rf_mode)choice;
	return result;
}

static int read_attach(const cJSON *value, const struct rf_place *place, void *target,
		       struct rf_error *error)
{
	static const char *const names[] = {
		[RF_ATTACH_AUTO] = "auto",
		[RF_ATTACH_TCX] = "tcx",
		[RF_ATTACH_CLSACT] = "clsact",
		NULL,
	};
	struct rf_netconf *netconf = target;
	size_t choice = RF_ATTACH_AUTO;
	int result = rf_read_choice(value, place, names, &choice, error);

	netconf->attach = (enum rf_attach_mode)choice;
	return result;
}

static int read_anti_spoof(const cJSON *value, const struct rf_place *place, void *target,
			   struct rf_error *error)
{
	struct rf_netconf *netconf = target;

	return rf_read_boolean(value, place, &netconf->anti_spoof, error);
}

static int read_host_access(const cJSON *value, const struct rf_place *place, void *target,
			    struct rf_error *error)
{
	static const char *const names[] = {"allow", "policy", NULL};
	struct rf_netconf *netconf = target;
	size_t choice = 0;
	int result = rf_read_choice(value, place, names, &choice, error);

	netconf->host_access_by_policy = choice == 1;
	return result;
}

static int read_ether_types(const cJSON *value, const struct rf_place *place, void *target,
			    struct rf_error *error)
{
	return rf_ether_types_read(value, place, target, error);
}

static int read_maps(const cJSON *value, const struct rf_place *place, void *target,
		     struct rf_error *error)
{
	struct rf_netconf *netconf = target;

	return rf_map_sizes_read(value, place, &netconf->maps, error);
}

static const struct rf_field own_fields[] = {
	{"policy", read_policy},
	{"policyDir", read_policy_directory},
	{"mode", read_mode},
	{"attach", read_attach},
	{"antiSpoof", read_anti_spoof},
	{"hostAccess", read_host_access},
	{"etherTypes", read_ether_types},
	{"limits", rf_read_limits},
	{"maps", read_maps},
	{"agent", rf_read_agent},
	{"runtimeConfig", rf_read_runtime_config},
	{NULL, NULL},
};

/*
 * Keys of the specification and of libcni that mean nothing to us, or are read elsewhere
 * (cniVersion, name, prevResult).
 */
static bool is_foreign_key(const char *key)
{
	static const char *const foreign[] = {
		"cniVersion",
		"cniVersions",
		"name",
		"type",
		"args",
		"capabilities",
		"dns",
		"ipam",
		"ipMasq",
		"prevResult",
		"disableCheck",
		"disableGC",
		"loadOnlyInlinedPlugins",
		NULL,
	};
	static const char convention[] = "cni.dev/";

	for (size_t i = 0; foreign[i]; i++) {
		if (!strcmp(foreign[i], key))
			return true;
	}
	return !strncmp(key, convention, sizeof(convention) - 1);
}

void rf_netconf_set_defaults(struct rf_netconf *netconf)
{
	netconf->attach = RF_ATTACH_AUTO;
	netconf->anti_spoof = true;
	netconf->host_access_by_policy = false;
	netconf->ether_types[0] = ETH_P_ARP;
	netconf->ether_type_count = 1;
}

int rf_netconf_read_keys(const cJSON *json, struct rf_netconf *netconf, struct rf_error *error)
{
	const struct rf_place place = {.key = ""};
	const cJSON *member;
	int result;

	cJSON_ArrayForEach (member, json) {
		if (is_foreign_key(member->string))
			continue;
		result = rf_read_member(member, &place, own_fields, netconf, error);
		if (result < 0)
			return result;
	}
	return 0;
}
