/* SPDX-License-Identifier: Apache-2.0 */
/* The project's version (https://semver.org/). Here and nowhere else; man/ringfence.8 is tested
 * against it. */
#ifndef RINGFENCE_NETCONF_VERSION_H
#define RINGFENCE_NETCONF_VERSION_H

#define RF_VERSION "0.1.0"

#endif
