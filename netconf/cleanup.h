/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scope-bound ownership. A variable marked so is released when its scope ends; TAKE_PTR() and
 * TAKE_FD() move what it holds to somebody else. File descriptors start at -1, pointers at NULL.
 */
#ifndef RINGFENCE_NETCONF_CLEANUP_H
#define RINGFENCE_NETCONF_CLEANUP_H

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* errno is kept, so that `return -errno` stays true whatever the scope releases. */

static inline void rf_cleanup_free(void *pointer_to_pointer)
{
	int saved = errno;

	free(*(void **)pointer_to_pointer);
	errno = saved;
}

static inline void rf_cleanup_close(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

static inline void rf_cleanup_json(cJSON **json)
{
	cJSON_Delete(*json);
}

static inline void rf_cleanup_file(FILE **file)
{
	int saved = errno;

	if (*file)
		fclose(*file);
	errno = saved;
}

#define _cleanup_(function) __attribute__((cleanup(function)))
#define _cleanup_free_      _cleanup_(rf_cleanup_free)
#define _cleanup_close_     _cleanup_(rf_cleanup_close)
#define _cleanup_json_      _cleanup_(rf_cleanup_json)
#define _cleanup_file_      _cleanup_(rf_cleanup_file)

/* The value of @variable, which is then empty. */
#define TAKE_PTR(variable)                                                                         \
	({                                                                                         \
		__typeof__(variable) _taken = (variable);                                          \
		(variable) = NULL;                                                                 \
		_taken;                                                                            \
	})

#define TAKE_FD(variable)                                                                          \
	({                                                                                         \
		int _taken_fd = (variable);                                                        \
		(variable) = -1;                                                                   \
		_taken_fd;                                                                         \
	})

#endif
