// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/image.h"
#include "dataplane/digest.h"
#include "dataplane/policy/image_layout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 0x7fffffffu

/* What is as many times there as the header says. */
static void place_arrays(struct rf_policy_image *image)
{
	char *at = image->bytes + sizeof(struct rf_image_header);

	image->classes = (struct rf_image_class *)at;
	at += image->class_count * sizeof(*image->classes);
	image->peer_keys = (struct rf_peer_key *)at;
	at += image->peer_count * sizeof(*image->peer_keys);
	image->peer_values = (struct rf_peer_class *)at;
	at += image->peer_count * sizeof(*image->peer_values);
	image->service_keys = (struct rf_service_key *)at;
	at += image->service_count * sizeof(*image->service_keys);
	image->service_values = (struct rf_service *)at;
}

/* Sums of 32-bit numbers times small sizes: no overflow in 64 bits. */
static size_t size_of(const struct rf_policy_image *image)
{
	return sizeof(struct rf_image_header) + image->class_count * sizeof(*image->classes) +
	       image->peer_count * (sizeof(*image->peer_keys) + sizeof(*image->peer_values)) +
	       image->service_count *
		       (sizeof(*image->service_keys) + sizeof(*image->service_values));
}

_Static_assert(sizeof(size_t) == 8, "sizes of images are computed in 64 bits");
_Static_assert(sizeof(struct rf_service) == 16, "digested in two words");

static uint64_t digest_entry(uint64_t digest, const struct rf_service_key *key,
			     const struct rf_service *value)
{
	uint64_t words[2];

	memcpy(words, value, sizeof(words));
	digest = rf_digest_word(digest, (uint64_t)key->prefix_length << 32 |
						(uint32_t)key->protocol << 16 |
						(uint32_t)key->port[0] << 8 | key->port[1]);
	return rf_digest_word(rf_digest_word(digest, words[0]), words[1]);
}

/* Fill the table of classes from the services, which stand in its order. */
static void make_classes(struct rf_policy_image *image)
{
	for (uint32_t i = 0; i < image->class_count; i++)
		image->classes[i] = (struct rf_image_class){.digest = RF_DIGEST_START, .id = i + 1};
	for (uint32_t i = 0; i < image->service_count; i++) {
		struct rf_image_class *class = &image->classes[image->service_keys[i].class_id - 1];

		class->entry_count++;
		class->digest = digest_entry(class->digest, &image->service_keys[i],
					     &image->service_values[i]);
	}
}

int rf_policy_image_make(const struct rf_compiled *compiled, struct rf_policy_image *out)
{
	struct rf_policy_image image = {
		.class_count = compiled->class_count,
		.common_count = compiled->common_count,
		.peer_count = (uint32_t)compiled->peer_count,
		.service_count = (uint32_t)compiled->service_count,
	};

	if (compiled->peer_count > ENTRIES_MAX || compiled->service_count > ENTRIES_MAX)
		return -EFBIG;
	image.size = size_of(&image);
	image.bytes = calloc(1, image.size);
	if (!image.bytes)
		return -ENOMEM;
	place_arrays(&image);
	for (uint32_t i = 0; i < image.peer_count; i++) {
		image.peer_keys[i] = compiled->peers[i].key;
		image.peer_values[i] = compiled->peers[i].value;
	}
	for (uint32_t i = 0; i < image.service_count; i++) {
		image.service_keys[i] = compiled->services[i].key;
		image.service_values[i] = compiled->services[i].value;
	}
	make_classes(&image);
	*out = image;
	return 0;
}

void rf_policy_image_assign(struct rf_policy_image *image, uint32_t policy, const uint32_t *ids)
{
	image->policy = policy;
	for (uint32_t i = 0; i < image->class_count; i++)
		image->classes[i].id = ids[i];
	for (uint32_t i = 0; i < image->peer_count; i++) {
		struct rf_peer_class *value = &image->peer_values[i];

		image->peer_keys[i].scope = RF_SCOPE(policy, image->peer_keys[i].scope);
		value->own = value->own ? ids[value->own - 1] : 0;
		value->common = ids[value->common - 1];
	}
	for (uint32_t i = 0; i < image->service_count; i++)
		image->service_keys[i].class_id = ids[image->service_keys[i].class_id - 1];
}

/* Of the header without its own digest, and the classes. */
static uint64_t digest_table(const struct rf_policy_image *image)
{
	struct rf_image_header header;

	memcpy(&header, image->bytes, sizeof(header));
	header.table_digest =
		rf_digest(image->classes, image->class_count * sizeof(*image->classes));
	return rf_digest(&header, sizeof(header));
}

static uint64_t digest_entries(const struct rf_policy_image *image)
{
	const char *start = (const char *)image->peer_keys;

	return rf_digest(start, (size_t)(image->bytes + image->size - start));
}

void rf_policy_image_seal(struct rf_policy_image *image, size_t document_length)
{
	struct rf_image_header header = {
		.magic = RF_IMAGE_MAGIC,
		.format = RF_IMAGE_FORMAT,
		.abi = RF_ABI,
		.policy = image->policy,
		.class_count = image->class_count,
		.common_count = image->common_count,
		.peer_count = image->peer_count,
		.service_count = image->service_count,
		.document_length = document_length,
		.entries_digest = digest_entries(image),
	};

	image->document_length = document_length;
	memcpy(image->bytes, &header, sizeof(header));
	header.table_digest = digest_table(image);
	memcpy(image->bytes, &header, sizeof(header));
}

/* Each class has entries, and together they have them all. */
static bool classes_are_right(const struct rf_policy_image *image)
{
	uint64_t entries = 0;

	for (uint32_t i = 0; i < image->class_count; i++) {
		if (!image->classes[i].id || !image->classes[i].entry_count)
			return false;
		entries += image->classes[i].entry_count;
	}
	return entries == image->service_count && image->common_count <= image->class_count;
}

int rf_policy_image_open(char *bytes, size_t size, struct rf_policy_image *out)
{
	const char magic[] = RF_IMAGE_MAGIC;
	struct rf_policy_image image = {.bytes = bytes};
	struct rf_image_header header;

	if (size < sizeof(header))
		return -EINVAL;
	memcpy(&header, bytes, sizeof(header));
	if (memcmp(header.magic, magic, sizeof(header.magic)) != 0 ||
	    header.format != RF_IMAGE_FORMAT || header.abi != RF_ABI)
		return -EINVAL;
	image.policy = header.policy;
	image.class_count = header.class_count;
	image.common_count = header.common_count;
	image.peer_count = header.peer_count;
	image.service_count = header.service_count;
	image.document_length = header.document_length;
	image.size = size_of(&image);
	if (image.size > size || image.document_length != size - image.size)
		return -EINVAL;
	place_arrays(&image);
	if (digest_table(&image) != header.table_digest || !classes_are_right(&image))
		return -EINVAL;
	*out = image;
	return 0;
}

bool rf_policy_image_is_whole(const struct rf_policy_image *image)
{
	const struct rf_service_key *key = image->service_keys;
	struct rf_image_header header;

	memcpy(&header, image->bytes, sizeof(header));
	if (digest_entries(image) != header.entries_digest)
		return false;
	for (uint32_t i = 0; i < image->peer_count; i++)
		if (image->peer_keys[i].scope >> 1 != image->policy)
			return false;
	for (uint32_t i = 0; i < image->class_count; i++)
		for (uint32_t k = 0; k < image->classes[i].entry_count; k++, key++)
			if (key->class_id != image->classes[i].id)
				return false;
	return true;
}

bool rf_policy_image_same_class(const struct rf_policy_image *a, uint32_t i, size_t first_a,
				const struct rf_policy_image *b, uint32_t j, size_t first_b)
{
	uint32_t count = a->classes[i].entry_count;

	if (a->classes[i].digest != b->classes[j].digest || count != b->classes[j].entry_count ||
	    (i < a->common_count) != (j < b->common_count))
		return false;
	for (uint32_t k = 0; k < count; k++) {
		struct rf_service_key key = b->service_keys[first_b + k];

		key.class_id = a->service_keys[first_a + k].class_id;
		if (memcmp(&key, &a->service_keys[first_a + k], sizeof(key)) != 0)
			return false;
	}
	return !memcmp(a->service_values + first_a, b->service_values + first_b,
		       count * sizeof(*a->service_values));
}

void rf_policy_image_free(struct rf_policy_image *image)
{
	free(image->bytes);
	*image = (struct rf_policy_image){};
}
