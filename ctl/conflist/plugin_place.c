// SPDX-License-Identifier: Apache-2.0
#include "ctl/conflist/plugin_place.h"
#include "netconf/conflist.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const char *const plugin_directories[] = {"/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni", NULL};

static bool is_program(const char *directory, char path[PATH_MAX])
{
	struct stat status;

	snprintf(path, PATH_MAX, "%.2048s/%s", directory, RF_PLUGIN_TYPE);
	return !stat(path, &status) && S_ISREG(status.st_mode) && status.st_mode & S_IXUSR;
}

bool plugin_find(const char *directory, char path[PATH_MAX])
{
	if (directory)
		return is_program(directory, path);
	for (size_t i = 0; plugin_directories[i]; i++)
		if (is_program(plugin_directories[i], path))
			return true;
	return false;
}

bool plugin_makes_veth(const char *type)
{
	static const char *const types[] = {
		"bridge",
		"ptp",
		"flannel",
		"aws-cni",
		"calico",
		"cilium-cni",
		"kindnet",
		"kube-router",
		"weave-net",
		"antrea",
		"azure-vnet",
		"terway",
		"ovn-k8s-cni-overlay",
		"multus",
		"multus-shim",
		NULL,
	};

	for (size_t i = 0; types[i]; i++)
		if (!strcmp(types[i], type))
			return true;
	return false;
}
