/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network configuration that a runtime writes to the plugin's stdin (CNI 1.1.0, "Plugin
 * configuration objects"), and the keys of it that are ringfence's own.
 */
#ifndef RINGFENCE_NETCONF_NETCONF_H
#define RINGFENCE_NETCONF_NETCONF_H

#include "netconf/cni_version.h"
#include "netconf/error.h"
#include "netconf/identifier.h"
#include "netconf/policy.h"
#include "netconf/result.h"
#include "netconf/treatment.h"

enum rf_attach_mode {
	RF_ATTACH_AUTO,
	RF_ATTACH_TCX,
	RF_ATTACH_CLSACT,
};

#define RF_ETHER_TYPES_MAX 8

/* Where policy documents of the node are, unless "policyDir" says otherwise. */
#define RF_POLICY_DIRECTORY "/etc/ringfence/policy.d"

/* Entries of each map at first load; 0: the default (dataplane/objects.h). */
struct rf_map_sizes {
	uint32_t sessions;
	uint32_t half_open;
	uint32_t pods;
	uint32_t pinholes;
	uint32_t peers;
	uint32_t services;
	uint32_t fragments;
	uint32_t rules;  /* that were hit: what counts their hits */
	uint32_t denies; /* bytes of the ring; a power of two and a multiple of the page size */
	uint32_t flows;  /* the same */
};

struct rf_netconf {
	char *cni_version;
	char *name;              /* the network's */
	struct rf_policy policy; /* zeroed (nothing restricted) without "policy" */
	char *policy_directory;  /* NULL: RF_POLICY_DIRECTORY, which need not be there */
	enum rf_attach_mode attach;
	bool anti_spoof;
	bool host_access_by_policy;               /* hostAccess: "policy" */
	uint16_t ether_types[RF_ETHER_TYPES_MAX]; /* host byte order */
	size_t ether_type_count;
	struct rf_treatment treatment; /* mode, limits, runtimeConfig.bandwidth */
	struct rf_map_sizes maps;
	bool has_previous_result;
	struct rf_result previous_result;
};

/* How much of the configuration a verb needs. */
enum rf_netconf_scope {
	RF_NETCONF_IDENTITY, /* DEL, GC, STATUS: cniVersion and name; the rest may have changed
				since ADD */
	RF_NETCONF_WHOLE,    /* ADD and CHECK: every key, strictly; prevResult where present */
};

/*
 * Read a configuration of @length bytes; @text need not end in NUL. Keys of the specification and
 * of libcni that are not ours (args, runtimeConfig save ours, dns, ipam, capabilities, cni.dev/…)
 * are ignored; an unknown key of ours is refused (UNSUPPORTED), as is a feature that is not
 * supported yet. The caller has zeroed *@out, and owns it on success (rf_netconf_free()). On
 * failure it is untouched except cni_version, which is set as soon as it is known to be valid,
 * since the error document must carry it, and which is the caller's then, too.
 */
int rf_netconf_parse(const char *text, size_t length, enum rf_netconf_scope scope,
		     struct rf_netconf *out, struct rf_error *error);

/* Free what the configuration holds, and zero it. */
void rf_netconf_free(struct rf_netconf *netconf);

#endif
