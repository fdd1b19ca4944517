// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attach/pins.h"
#include "dataplane/load.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <glob.h>
#include <string.h>

#define LINKS_DIRECTORY RF_PIN_DIRECTORY "/links"
#define OWNER_DIGITS    16

/* "<owner>_to_pod" or "<owner>_from_pod" (tcx.c); what is called otherwise is not ours. */
static void take(const char *path, struct rf_pins *pins)
{
	struct rf_pin *pin = &pins->items[pins->count];
	const char *name = path + strlen(LINKS_DIRECTORY "/");
	char *end;

	pin->owner = strtoull(name, &end, 16);
	if (end - name != OWNER_DIGITS || *end != '_' || strlen(path) >= sizeof(pin->path))
		return;
	memcpy(pin->path, path, strlen(path) + 1);
	pins->count++;
}

int rf_pins_list(struct rf_pins *out)
{
	struct rf_pins pins = {};
	glob_t files = {};

	if (glob(LINKS_DIRECTORY "/*_*", GLOB_NOSORT, NULL, &files) == GLOB_NOSPACE)
		return -ENOMEM;
	pins.items = calloc(files.gl_pathc + 1, sizeof(*pins.items));
	for (size_t i = 0; pins.items && i < files.gl_pathc; i++)
		take(files.gl_pathv[i], &pins);
	globfree(&files);
	*out = pins;
	return pins.items ? 0 : -ENOMEM;
}

/* struct bpf_link_info.tcx of 6.6: ifindex is the first member of the union; 0 once the interface
 * is gone (kernel/bpf/tcx.c). What cannot be asked counts as attached: nothing is done to it. */
static bool is_attached(const char *path)
{
	_cleanup_close_ int link = bpf_obj_get(path);
	struct bpf_link_info information = {};
	__u32 size = sizeof(information);

	return link < 0 || bpf_obj_get_info_by_fd(link, &information, &size) ||
	       information.xdp.ifindex;
}

enum rf_pin_state rf_pins_state(const struct rf_pins *pins, uint64_t owner)
{
	enum rf_pin_state state = RF_PIN_NONE;

	for (size_t i = 0; i < pins->count && state != RF_PIN_ATTACHED; i++)
		if (pins->items[i].owner == owner)
			state = is_attached(pins->items[i].path) ? RF_PIN_ATTACHED
								 : RF_PIN_DETACHED;
	return state;
}

void rf_pins_remove(const struct rf_pins *pins, uint64_t owner)
{
	for (size_t i = 0; i < pins->count; i++)
		if (pins->items[i].owner == owner)
			unlink(pins->items[i].path);
}

void rf_pins_free(struct rf_pins *pins)
{
	free(pins->items);
	*pins = (struct rf_pins){};
}
