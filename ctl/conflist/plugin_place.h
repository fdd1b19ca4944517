/* SPDX-License-Identifier: Apache-2.0 */
/* Where the plugin itself should be, and which of the others make an interface for it. */
#ifndef RINGFENCE_CTL_CONFLIST_PLUGIN_PLACE_H
#define RINGFENCE_CTL_CONFLIST_PLUGIN_PLACE_H

#include <limits.h>
#include <stdbool.h>

/* Where runtimes usually have plugins, by what people install; ended by NULL. */
extern const char *const plugin_directories[];

/* Find the plugin in @directory, or if it is NULL in any of plugin_directories: an executable file.
 * False if it is not there. */
bool plugin_find(const char *directory, char path[PATH_MAX]);

/* True if a plugin of @type is known to give pods a veth. */
bool plugin_makes_veth(const char *type);

#endif
