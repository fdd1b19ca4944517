/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for every text that a runtime may write, whether it is taken or refused. */
#ifndef RINGFENCE_TEST_NETCONF_PROPERTIES_H
#define RINGFENCE_TEST_NETCONF_PROPERTIES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Read @text of @length as a network configuration. A refusal has a code and says why, and leaves
 * nothing. Of what is taken, prevResult in each version is JSON, is read as the same addresses, and
 * differs from the original in nothing but the versions. Aborts, with the text on stderr, if one of
 * these does not hold. Returns whether the text was taken.
 */
bool rf_check_netconf(const char *text, size_t length);

#endif
