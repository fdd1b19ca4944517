/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a command that changes a list: written or only shown, and told. */
#ifndef RINGFENCE_CTL_CONFLIST_CONFLIST_APPLY_H
#define RINGFENCE_CTL_CONFLIST_CONFLIST_APPLY_H

#include "ctl/command.h"
#include "ctl/conflist/conflist.h"

/*
 * The list that the command's argument names, or else the active one of `--directory`; both is
 * wrong usage. As conflist_open().
 */
int conflist_open_asked(struct invocation *invocation, struct conflist_file *out,
			struct rf_error *error);

/*
 * Let @file have @text, or with `--dry-run` print the difference; NULL: there is nothing to change.
 * @sentence says what was done. Takes @warnings, an array of strings.
 */
int conflist_apply(const struct invocation *invocation, const struct conflist_file *file,
		   const char *text, size_t length, const char *sentence, cJSON *warnings,
		   struct rf_error *error);

#endif
