// SPDX-License-Identifier: Apache-2.0
/* The BPF file system, and what is pinned there. */
#include "ctl/doctor/doctor.h"
#include "dataplane/bpffs.h"
#include "dataplane/load.h"
#include "dataplane/mounts.h"
#include "dataplane/paths.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void check_ownership(struct doctor *doctor)
{
	struct stat status;
	cJSON *finding;

	if (stat(RF_BPFFS_MOUNT, &status))
		return;
	if (!status.st_uid && !(status.st_mode & (S_IWGRP | S_IWOTH))) {
		doctor_find(doctor, FINDING_OK, "a bpffs is mounted at %s", RF_BPFFS_MOUNT);
		return;
	}
	finding = doctor_find(doctor, FINDING_WARNING, "%s is of user %u with mode %04o",
			      RF_BPFFS_MOUNT, status.st_uid, status.st_mode & 07777);
	doctor_why(finding, "others than root can put something in the way of what is pinned");
	doctor_fix(finding, "chown root:root %s; chmod 0700 %s", RF_BPFFS_MOUNT, RF_BPFFS_MOUNT);
}

void doctor_check_bpffs(struct doctor *doctor)
{
	struct rf_mount_cover cover;
	struct rf_error error = {};
	int ret = rf_bpffs_check(&error);

	/* ADD mounts it, but a runtime asks STATUS first. */
	if (ret)
		doctor_why(doctor_find_error(doctor,
					     ret == -ENODEV ? FINDING_WARNING : FINDING_FAULT,
					     &error),
			   "a runtime that asks STATUS before it adds pods adds none");
	else if (rf_mount_covers(RF_BPFFS_MOUNT, &cover))
		doctor_fix(doctor_find(doctor, FINDING_WARNING,
				       "%s is mounted over another mount of type %s at %s",
				       cover.kind, cover.hidden, RF_BPFFS_MOUNT),
			   "umount %s, unless what is pinned is in the upper one", RF_BPFFS_MOUNT);
	else
		check_ownership(doctor);
}

static size_t count_entries(const char *path)
{
	DIR *stream = opendir(path);
	const struct dirent *entry;
	size_t count = 0;

	while (stream && (entry = readdir(stream)))
		count += entry->d_name[0] != '.';
	if (stream)
		closedir(stream);
	return count;
}

/* Directories of versions with another ABI. */
static void check_others(struct doctor *doctor)
{
	DIR *stream = opendir(RF_BPFFS_DIRECTORY);
	const struct dirent *entry;
	char links[PATH_MAX];
	cJSON *finding;

	while (stream && (entry = readdir(stream))) {
		if (entry->d_name[0] != 'v' ||
		    !strcmp(entry->d_name, strrchr(RF_PIN_DIRECTORY, '/') + 1))
			continue;
		snprintf(links, sizeof(links), RF_BPFFS_DIRECTORY "/%s/links", entry->d_name);
		finding = doctor_find(doctor, FINDING_WARNING,
				      "a version with ABI %s is pinned too, with %zu links",
				      entry->d_name + 1, count_entries(links));
		doctor_why(finding, "pods that it has attached stay under its programs, and "
				    "ringfencectl does not show them");
		doctor_fix(finding, "add those pods again; when the last is gone, ringfencectl gc "
				    "or a later DEL removes it");
	}
	if (stream)
		closedir(stream);
}

void doctor_check_pins(struct doctor *doctor)
{
	if (doctor->objects)
		doctor_find(doctor, FINDING_OK, "programs and maps are pinned in %s",
			    RF_PIN_DIRECTORY);
	else if (doctor->opened == -ENOENT)
		doctor_find(doctor, FINDING_OK,
			    "nothing is loaded: the first pod that is added loads it");
	else
		doctor_why(doctor_find_error(doctor, FINDING_FAULT, &doctor->opening),
			   "no pod can be added, and no policy be changed");
	check_others(doctor);
}
