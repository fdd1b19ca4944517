/* SPDX-License-Identifier: Apache-2.0 */
#include "test/lib/run_directory.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>

void run_directory_own(void)
{
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("run", "/run", "tmpfs", 0, NULL)) {
		perror("a /run of the test's own");
		abort();
	}
}
