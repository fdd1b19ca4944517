/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RINGFENCE_NETCONF_IDENTIFIER_H
#define RINGFENCE_NETCONF_IDENTIFIER_H

#include <stdbool.h>

/* A network name or container ID: ^[a-zA-Z0-9][a-zA-Z0-9_.-]*$ (CNI 1.1.0, "Parameters"). */
bool rf_is_identifier(const char *text);

/* An interface name: 1 to 15 bytes, not "." or "..", no '/', ':' or white space. */
bool rf_is_interface_name(const char *text);

#endif
