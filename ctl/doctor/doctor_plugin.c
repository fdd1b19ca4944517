// SPDX-License-Identifier: Apache-2.0
/* The plugin that runtimes call: is it there, and of this version? */
#include "bpf/abi.h"
#include "ctl/doctor/doctor.h"
#include "ctl/conflist/plugin_place.h"
#include "netconf/cleanup.h"
#include "netconf/version.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define PATIENCE_MS 5000
#define ABOUT       "ringfence "

static int spawn(const char *path, int output, pid_t *child)
{
	char *arguments[] = {(char *)(uintptr_t)path, NULL}, *environment[] = {NULL};
	posix_spawn_file_actions_t actions;
	int ret;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	ret = posix_spawn(child, path, &actions, NULL, arguments, environment);
	posix_spawn_file_actions_destroy(&actions);
	return -ret;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The first line, or less if the plugin is not done in time. */
static void read_line(int input, char *line, size_t size)
{
	int64_t end = now_ms() + PATIENCE_MS;
	size_t used = 0;
	ssize_t got = 1;

	while (got > 0 && used + 1 < size && !memchr(line, '\n', used)) {
		struct pollfd wait = {.fd = input, .events = POLLIN};
		int64_t left = end - now_ms();

		if (left <= 0 || poll(&wait, 1, (int)left) <= 0)
			break;
		got = read(input, line + used, size - used - 1);
		if (got > 0)
			used += (size_t)got;
	}
	line[used] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

/* What the plugin says of itself if it is called without a verb. */
static int ask(const char *path, char *line, size_t size)
{
	int pipe_ends[2];
	pid_t child;
	int ret;

	if (pipe2(pipe_ends, O_CLOEXEC))
		return -errno;
	ret = spawn(path, pipe_ends[1], &child);
	close(pipe_ends[1]);
	if (!ret) {
		read_line(pipe_ends[0], line, size);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	close(pipe_ends[0]);
	return ret;
}

static bool is_roots(const char *path)
{
	struct stat status;

	return !stat(path, &status) && !status.st_uid && !(status.st_mode & (S_IWGRP | S_IWOTH));
}

static void compare(struct doctor *doctor, const char *path)
{
	char line[256] = "", expected[64];
	cJSON *finding;
	int ret = ask(path, line, sizeof(line));

	snprintf(expected, sizeof(expected), ABOUT RF_VERSION ", ABI %d:", RF_ABI);
	if (ret || strncmp(line, ABOUT, strlen(ABOUT)) != 0) {
		doctor_find(doctor, FINDING_FAULT, "%s does not say its version: %s", path,
			    ret ? strerror(-ret) : line);
		return;
	}
	if (!strncmp(line, expected, strlen(expected))) {
		doctor_find(doctor, FINDING_OK, "%s is of this version", path);
		return;
	}
	line[strcspn(line, ":")] = '\0';
	finding =
		doctor_find(doctor, FINDING_WARNING,
			    "%s is %s; ringfencectl is " RF_VERSION ", ABI %d", path, line, RF_ABI);
	doctor_why(finding, "with another ABI, ringfencectl does not see the pods that it adds");
	doctor_fix(finding, "install both from one build: make install");
}

static void look_at(struct doctor *doctor, const char *path)
{
	cJSON *finding;

	if (is_roots(path)) {
		compare(doctor, path);
		return;
	}
	finding = doctor_find(doctor, FINDING_FAULT, "others than root can change %s", path);
	doctor_why(finding, "runtimes run it as root");
	doctor_fix(finding, "chown root:root %s; chmod 0755 %s", path, path);
}

void doctor_check_plugin(struct doctor *doctor)
{
	const char *const asked[] = {doctor->bin_dir, NULL};
	const char *const *directories = doctor->bin_dir ? asked : plugin_directories;
	bool is_found = false;
	char path[PATH_MAX];

	for (size_t i = 0; directories[i]; i++)
		if (plugin_find(directories[i], path)) {
			look_at(doctor, path);
			is_found = true;
		}
	if (!is_found)
		doctor_fix(doctor_find(doctor, FINDING_FAULT, "the plugin is not in %s",
				       doctor->bin_dir ? doctor->bin_dir
						       : "/opt/cni/bin, /usr/lib/cni or "
							 "/usr/libexec/cni"),
			   "make install CNI_BIN_DIR=DIR, where DIR is the runtime's directory of "
			   "plugins; or say where with --bin-dir");
}
