/* SPDX-License-Identifier: Apache-2.0 */
/* Small files that are read whole and replaced whole. */
#ifndef RINGFENCE_DATAPLANE_FILES_H
#define RINGFENCE_DATAPLANE_FILES_H

#include <dirent.h>
#include <stddef.h>
#include <sys/types.h>

/* Follows the name of a file while it is written. A kill may leave it. */
#define RF_FILE_UNFINISHED ".new"

/* Make @path and the directories above it that are missing, with @mode. Returns 0 or -errno. */
int rf_make_directories(const char *path, mode_t mode);

/* Remove @path with all that is in it, as far as that can be. */
void rf_remove_tree(const char *path);

/* Of a file that is read whole, in bytes. */
#define RF_FILE_MAX (64u << 20)

/*
 * Read the file at @path whole, whatever kind of file it is. *@text is malloc()ed, ended by NUL
 * (not counted in *@length), and the caller's. Returns 0 or -errno (-EFBIG above RF_FILE_MAX).
 */
int rf_read_file(const char *path, char **text, size_t *length);

/*
 * Replace the file at @path by @text, so that a reader, or whoever comes after a kill, finds the
 * old or the new whole (rename(2)). The directory must exist. Returns 0 or -errno.
 */
int rf_replace_file(const char *path, const char *text);

/* Bytes that follow each other in a file. */
struct rf_file_part {
	const void *bytes;
	size_t length;
};

/* The same by the @count @parts, one behind the other. */
int rf_replace_file_parts(const char *path, const struct rf_file_part *parts, size_t count);

/*
 * The next entry of a directory. NULL at its end, and if it cannot be read that far: *@result is
 * then -errno, and else stays as it is.
 */
const struct dirent *rf_next_entry(DIR *stream, int *result);

#endif
