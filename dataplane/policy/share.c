// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/share.h"
#include "dataplane/paths.h"
#include "dataplane/policy/lookup.h"
#include "netconf/cleanup.h"

/* A new policy on the search for its classes. */
struct search {
	const struct rf_policy_image *image;
	struct rf_lookup by_digest;
	size_t *first; /* service of each class */
	uint32_t *ids;
	bool *shared;
	size_t left; /* classes that are not found yet */
};

static void free_search(struct search *search)
{
	rf_lookup_free(&search->by_digest);
	free(search->first);
}

static int begin(struct search *search, struct rf_error *error)
{
	const struct rf_policy_image *image = search->image;
	size_t first = 0;

	search->first = calloc(image->class_count + 1u, sizeof(*search->first));
	if (!search->first || rf_lookup_make(image->class_count, &search->by_digest))
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "%u classes of a policy",
				      image->class_count);
	for (uint32_t i = 0; i < image->class_count; i++) {
		search->first[i] = first;
		first += image->classes[i].entry_count;
		rf_lookup_add(&search->by_digest, image->classes[i].digest, i);
	}
	search->left = image->class_count;
	return 0;
}

static void take_from(struct search *search, const struct rf_policy_image *other)
{
	size_t first = 0;

	for (uint32_t i = 0; i < other->class_count && search->left; i++) {
		size_t cursor = 0;
		uint32_t own;

		while (rf_lookup_next(&search->by_digest, other->classes[i].digest, &cursor,
				      &own)) {
			if (search->shared[own] ||
			    !rf_policy_image_same_class(search->image, own, search->first[own],
							other, i, first))
				continue;
			search->shared[own] = true;
			search->ids[own] = other->classes[i].id;
			search->left--;
		}
		first += other->classes[i].entry_count;
	}
}

int rf_policy_share_find(uint32_t set, const struct rf_policy_image *image, uint32_t *ids,
			 bool *shared, struct rf_error *error)
{
	__attribute__((cleanup(free_search))) struct search search = {.image = image};
	_cleanup_free_ struct rf_policy_name *names = NULL;
	size_t count = 0;
	int ret = rf_policy_file_list(set, &names, &count);

	search.ids = ids;
	search.shared = shared;
	if (ret)
		return rf_fail_system(error, RF_CODE_RECORD, ret,
				      "list the policy files in " RF_POLICIES_DIRECTORY "/%u", set);
	ret = begin(&search, error);
	for (size_t i = 0; i < count && !ret && search.left; i++) {
		_cleanup_policy_file_ struct rf_policy_file file = {};

		/* Classes of an incomplete one may be missing, those of a damaged one unknown. */
		if (names[i].is_complete && !rf_policy_file_open(&names[i], &file, NULL))
			take_from(&search, &file.image);
	}
	return ret;
}

int rf_policy_share_mark(const struct rf_policy_image *image,
			 const struct rf_policy_image *const *others, size_t count, bool *shared,
			 struct rf_error *error)
{
	_cleanup_lookup_ struct rf_lookup by_id = {};

	if (rf_lookup_make(image->class_count, &by_id))
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "%u classes of a policy",
				      image->class_count);
	for (uint32_t i = 0; i < image->class_count; i++)
		rf_lookup_add(&by_id, image->classes[i].id, i);
	for (size_t k = 0; k < count; k++) {
		for (uint32_t i = 0; i < others[k]->class_count; i++) {
			size_t cursor = 0;
			uint32_t own;

			while (rf_lookup_next(&by_id, others[k]->classes[i].id, &cursor, &own))
				shared[own] = true;
		}
	}
	return 0;
}
