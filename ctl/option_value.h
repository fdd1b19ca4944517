/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the values of options may be. Each leaves *@out as it is if the option was not given; a
 * value that is none of those is -EINVAL with an error that says what it may be, and the command
 * exits with STATUS_USAGE.
 */
#ifndef RINGFENCE_CTL_OPTION_VALUE_H
#define RINGFENCE_CTL_OPTION_VALUE_H

#include "ctl/command.h"

#include <stdint.h>

/* A whole number from @min to @max. */
int option_number(struct invocation *invocation, const char *name, uint64_t min, uint64_t max,
		  uint64_t *out, struct rf_error *error);

/* The same of the argument @text, which @what is called. */
int argument_number(struct invocation *invocation, const char *what, const char *text, uint64_t min,
		    uint64_t max, uint64_t *out, struct rf_error *error);

/* A time in seconds, or with one of the units s, m, h and d, from @min to @max: all in seconds. */
int option_seconds(struct invocation *invocation, const char *name, uint64_t min, uint64_t max,
		   uint64_t *out, struct rf_error *error);

/* One of @names, ended by NULL: *@out is which. */
int option_choice(struct invocation *invocation, const char *name, const char *const *names,
		  unsigned int *out, struct rf_error *error);

/* Some of @names, separated by commas: *@out has a bit for each, from the lowest on. */
int option_choices(struct invocation *invocation, const char *name, const char *const *names,
		   uint64_t *out, struct rf_error *error);

#endif
