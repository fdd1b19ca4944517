/* SPDX-License-Identifier: Apache-2.0 */
/* What can change at run time, without a reload: the map `settings`, of the whole node. */
#ifndef RINGFENCE_DATAPLANE_SETTINGS_H
#define RINGFENCE_DATAPLANE_SETTINGS_H

#include "dataplane/objects.h"

/* One member of struct rf_settings: all that there is to know to read, write and explain it. */
struct rf_setting {
	const char *name;
	size_t offset; /* of the __u32 in struct rf_settings */
	uint32_t min;
	uint32_t max;
	uint32_t initial;         /* when the maps are loaded */
	const char *const *names; /* of the values from 0 to max; NULL: it is a number */
	const char *unit;         /* of a number */
	const char *meaning;
};

/* In the order in which they are shown. */
extern const struct rf_setting rf_setting_table[];
extern const size_t rf_setting_count;

/* The setting of that name. NULL and CONFIG, with all names as the hint, if there is none. */
const struct rf_setting *rf_setting_find(const char *name, struct rf_error *error);

uint32_t rf_setting_value(const struct rf_setting *setting, const struct rf_settings *settings);

/* The name of @value, or the number, written to @text. Valid as long as @text. */
const char *rf_setting_text(const struct rf_setting *setting, uint32_t value, char text[16]);

/* What the setting may be: its names or its range, written to @text. Returns @text. */
char *rf_setting_range(const struct rf_setting *setting, char *text, size_t size);

/*
 * Write what "NAME=VALUE" says into *@settings, and to *@setting which it was. CONFIG with what is
 * allowed if the name or the value is wrong; then nothing is written.
 */
int rf_setting_assign(const char *assignment, struct rf_settings *settings,
		      const struct rf_setting **setting, struct rf_error *error);

/* Settings of maps that are loaded anew. */
struct rf_settings rf_settings_default(void);

/* Write all of @settings into the map @map, a descriptor of `settings`, which no program uses yet.
 * 0 or -errno. */
int rf_settings_write(int map, const struct rf_settings *settings);

/* What is in force now. LOAD if the map cannot be read. */
int rf_settings_read(const struct rf_objects *objects, struct rf_settings *out,
		     struct rf_error *error);

/*
 * Do what the @count @assignments ("NAME=VALUE") say, in force from the next packet on; all of them
 * or, if one is refused, none. Takes the lock. Programs may see one before another. When `audit` is
 * set to `pods`, what it has let pass is judged again at its next packet.
 */
int rf_settings_change(const struct rf_objects *objects, char *const *assignments, size_t count,
		       struct rf_error *error);

#endif
