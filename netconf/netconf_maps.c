/* SPDX-License-Identifier: Apache-2.0 */
/* The key "maps": sizes at first load. */
#include "netconf/netconf_maps.h"

#include <string.h>

#define ENTRIES_MAX (1 << 24)
#define RING_MIN    4096
#define RING_MAX    (64 << 20)

static int read_entries(const cJSON *value, const struct rf_place *place, uint32_t *out,
			struct rf_error *error)
{
	int64_t number = 0;
	int result = rf_read_integer(value, place, 1, ENTRIES_MAX, &number, error);

	if (!result)
		*out = (uint32_t)number;
	return result;
}

static int read_sessions(const cJSON *value, const struct rf_place *place, void *target,
			 struct rf_error *error)
{
	return read_entries(value, place, &((struct rf_map_sizes *)target)->sessions, error);
}

static int read_half_open(const cJSON *value, const struct rf_place *place, void *target,
			  struct rf_error *error)
{
	return read_entries(value, place, &((struct rf_map_sizes *)target)->half_open, error);
}

static int read_pods(const cJSON *value, const struct rf_place *place, void *target,
		     struct rf_error *error)
{
	return read_entries(value, place, &((struct rf_map_sizes *)target)->pods, error);
}

static int read_pinholes(const cJSON *value, const struct rf_place *place, void *target,
			 struct rf_error *error)
{
	return read_entries(value, place, &((struct rf_map_sizes *)target)->pinholes, error);
}

static int read_peers(const cJSON *value, const struct rf_place *place, void *target,
		      struct rf_error *error)
{
	return read_entries(value, place, &((struct rf_map_sizes *)target)->peers, error);
}

static int read_services(const cJSON *value, const struct rf_place *place, void *target,
			 struct rf_error *error)
{
	return read_entries(value, place, &((struct rf_map_sizes *)target)->services, error);
}

static int read_fragments(const cJSON *value, const struct rf_place *place, void *target,
			  struct rf_error *error)
{
	return read_entries(value, place, &((struct rf_map_sizes *)target)->fragments, error);
}

static int read_rules(const cJSON *value, const struct rf_place *place, void *target,
		      struct rf_error *error)
{
	return read_entries(value, place, &((struct rf_map_sizes *)target)->rules, error);
}

/* A ring buffer's size is in bytes, and the kernel takes no other ones. */
static int read_ring(const cJSON *value, const struct rf_place *place, uint32_t *out,
		     struct rf_error *error)
{
	int64_t number = 0;
	int result = rf_read_integer(value, place, RING_MIN, RING_MAX, &number, error);

	if (result < 0)
		return result;
	if (number & (number - 1))
		return rf_fail_at(error, RF_CODE_CONFIG, place,
				  "expected a power of two (bytes), not %d", (int)number);
	*out = (uint32_t)number;
	return 0;
}

static int read_denies(const cJSON *value, const struct rf_place *place, void *target,
		       struct rf_error *error)
{
	return read_ring(value, place, &((struct rf_map_sizes *)target)->denies, error);
}

static int read_flows(const cJSON *value, const struct rf_place *place, void *target,
		      struct rf_error *error)
{
	return read_ring(value, place, &((struct rf_map_sizes *)target)->flows, error);
}

int rf_map_sizes_read(const cJSON *value, const struct rf_place *place, struct rf_map_sizes *out,
		      struct rf_error *error)
{
	static const struct rf_field fields[] = {
		{"sessions", read_sessions},
		{"halfOpen", read_half_open},
		{"pods", read_pods},
		{"pinholes", read_pinholes},
		{"peers", read_peers},
		{"services", read_services},
		{"fragments", read_fragments},
		{"rules", read_rules},
		{"denies", read_denies},
		{"flows", read_flows},
		{NULL, NULL},
	};

	return rf_read_object(value, place, fields, out, error);
}
