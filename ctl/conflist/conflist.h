/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a runtime's list of plugins: which one is active, and replacing it at once. */
#ifndef RINGFENCE_CTL_CONFLIST_CONFLIST_H
#define RINGFENCE_CTL_CONFLIST_CONFLIST_H

#include "netconf/conflist.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

/* Where runtimes look for lists unless they are told otherwise. */
#define CONFLIST_DIRECTORY "/etc/cni/net.d"

/* Behind the name of one that is being written, which begins with a dot: runtimes pass over it, and
 * over whatever a kill leaves of it. */
#define CONFLIST_UNFINISHED ".ringfence-new"

struct conflist_file {
	char *path; /* of the file itself, where a symbolic link leads to it */
	char *text;
	size_t length;
	struct stat status; /* when it was read */
	int directory;      /* locked against other ringfencectl; -1: it was not asked for */
	struct rf_conflist list;
};

#define CONFLIST_FILE_NONE                                                                         \
	{                                                                                          \
		.directory = -1                                                                    \
	}

/*
 * The files of @directory that runtimes read: *.conflist, *.conf and *.json, in the order of their
 * bytes. *@names and each of them are malloc()ed and the caller's (conflist_names_free()). -errno,
 * with an error.
 */
int conflist_names(const char *directory, char ***names, size_t *count, struct rf_error *error);
void conflist_names_free(char **names, size_t count);

/*
 * The path of the first of them, which is what runtimes use; malloc()ed and the caller's. CONFIG,
 * -ENOENT if there is none.
 */
int conflist_find_active(const char *directory, char **path, struct rf_error *error);

/*
 * Read the list at @path; with @for_change, keep other ringfencectl from changing it meanwhile. The
 * caller owns *@out (conflist_close()), which was CONFLIST_FILE_NONE, in either case.
 */
int conflist_open(const char *path, bool for_change, struct conflist_file *out,
		  struct rf_error *error);
void conflist_close(struct conflist_file *file);
#define _cleanup_conflist_file_ __attribute__((cleanup(conflist_close)))

/*
 * Let the file have @text, at once, as whoever reads it sees; owner, mode and extended attributes
 * stay. Refused, -EBUSY, if somebody else has changed it since it was opened (for change).
 */
int conflist_replace(const struct conflist_file *file, const char *text, size_t length,
		     struct rf_error *error);

/* Print what turns @file's text into @text as a unified diff, which patch(1) takes. */
void conflist_diff(const struct conflist_file *file, const char *text, size_t length, FILE *stream);

#endif
