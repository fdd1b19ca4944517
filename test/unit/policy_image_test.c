/* SPDX-License-Identifier: Apache-2.0 */
/* The images of policies: what is written is read back, and nothing that is damaged is. */
#include "dataplane/policy/image.h"
#include "dataplane/policy/image_layout.h"
#include "netconf/cleanup.h"
#include "test/lib/random_policy.h"
#include "test/unit/policy_support.h"

#include <errno.h>

#define POLICY   7u
#define DOCUMENT "{\"ingress\":{\"default\":\"deny\"}}"

static const struct rf_compile_limits no_limits = {.peers = SIZE_MAX, .services = SIZE_MAX};

/* Two families, ranges, a class for every peer, and one for a prefix. */
#define SMALL                                                                                      \
	"{\"ingress\":{\"rules\":["                                                                \
	"{\"id\":1,\"action\":\"allow\",\"protocol\":\"tcp\",\"ports\":[\"80-82\"],"               \
	"\"peers\":[\"10.0.0.0/8\",\"fd00::/8\"]},"                                                \
	"{\"id\":2,\"action\":\"deny\",\"protocol\":\"udp\"}]}}"

static void make_image(const struct rf_policy *policy, struct rf_policy_image *image)
{
	struct rf_compiled compiled;

	assert_int_equal(rf_compile(policy, &no_limits, &compiled, NULL), 0);
	assert_int_equal(rf_policy_image_make(&compiled, image), 0);
	rf_compiled_free(&compiled);
}

static void make_image_of(const char *text, struct rf_policy_image *image)
{
	struct rf_policy policy = parse_good_policy(text);

	make_image(&policy, image);
	rf_policy_free(&policy);
}

/* Class i becomes 100 + i. */
static void assign(struct rf_policy_image *image)
{
	_cleanup_free_ uint32_t *ids = calloc(image->class_count + 1u, sizeof(*ids));

	assert_non_null(ids);
	for (uint32_t i = 0; i < image->class_count; i++)
		ids[i] = 100 + i;
	rf_policy_image_assign(image, POLICY, ids);
}

/* What a file of it holds, in memory of just that size. */
static char *file_of(struct rf_policy_image *image, size_t *size)
{
	char *bytes;

	rf_policy_image_seal(image, strlen(DOCUMENT));
	*size = image->size + strlen(DOCUMENT);
	bytes = malloc(*size);
	assert_non_null(bytes);
	memcpy(bytes, image->bytes, image->size);
	memcpy(bytes + image->size, DOCUMENT, strlen(DOCUMENT));
	return bytes;
}

static void assert_entries(const struct rf_policy_image *image, const struct rf_compiled *compiled)
{
	assert_int_equal(image->peer_count, compiled->peer_count);
	assert_int_equal(image->service_count, compiled->service_count);
	for (size_t i = 0; i < compiled->peer_count; i++) {
		struct rf_peer_key key = compiled->peers[i].key;
		const struct rf_peer_class *value = &compiled->peers[i].value;

		key.scope = RF_SCOPE(POLICY, key.scope);
		assert_memory_equal(&image->peer_keys[i], &key, sizeof(key));
		assert_int_equal(image->peer_values[i].own, value->own ? 99 + value->own : 0);
		assert_int_equal(image->peer_values[i].common, 99 + value->common);
	}
	for (size_t i = 0; i < compiled->service_count; i++) {
		struct rf_service_key key = compiled->services[i].key;

		key.class_id += 99;
		assert_memory_equal(&image->service_keys[i], &key, sizeof(key));
		assert_memory_equal(&image->service_values[i], &compiled->services[i].value,
				    sizeof(struct rf_service));
	}
}

static void what_was_written_is_read_back(void **state)
{
	struct prng prng = prng_from_environment();

	(void)state;
	for (int i = 0; i < 500; i++) {
		struct rf_policy_image image, opened;
		struct rf_compiled compiled;
		struct rf_policy policy;
		size_t size;
		char *bytes;

		random_policy(&prng, &policy);
		assert_int_equal(rf_compile(&policy, &no_limits, &compiled, NULL), 0);
		make_image(&policy, &image);
		assign(&image);
		bytes = file_of(&image, &size);
		assert_int_equal(rf_policy_image_open(bytes, size, &opened), 0);
		assert_true(rf_policy_image_is_whole(&opened));
		assert_int_equal(opened.policy, POLICY);
		assert_int_equal(opened.common_count, compiled.common_count);
		assert_int_equal(opened.document_length, strlen(DOCUMENT));
		assert_entries(&opened, &compiled);
		free(bytes);
		rf_policy_image_free(&image);
		rf_compiled_free(&compiled);
		rf_policy_free(&policy);
	}
}

static void a_file_that_ends_early_or_late_is_refused(void **state)
{
	struct rf_policy_image image, opened;
	char *bytes, *longer;
	size_t size;

	(void)state;
	make_image_of(SMALL, &image);
	assign(&image);
	bytes = file_of(&image, &size);
	for (size_t length = 0; length < size; length++) {
		/* Nothing may be read behind it: the sanitizer watches. */
		char *part = malloc(length + !length);

		assert_non_null(part);
		memcpy(part, bytes, length);
		assert_int_equal(rf_policy_image_open(part, length, &opened), -EINVAL);
		free(part);
	}
	longer = calloc(1, size + 1);
	assert_non_null(longer);
	memcpy(longer, bytes, size);
	assert_int_equal(rf_policy_image_open(longer, size + 1, &opened), -EINVAL);
	free(longer);
	free(bytes);
	rf_policy_image_free(&image);
}

static void a_bit_that_flipped_anywhere_in_the_image_is_noticed(void **state)
{
	struct rf_policy_image image, opened;
	size_t size;
	char *bytes;

	(void)state;
	make_image_of(SMALL, &image);
	assign(&image);
	bytes = file_of(&image, &size);
	for (size_t bit = 0; bit < 8 * image.size; bit++) {
		bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
		if (!rf_policy_image_open(bytes, size, &opened))
			assert_false(rf_policy_image_is_whole(&opened));
		bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
	}
	assert_int_equal(rf_policy_image_open(bytes, size, &opened), 0);
	assert_true(rf_policy_image_is_whole(&opened));
	free(bytes);
	rf_policy_image_free(&image);
}

enum contradiction {
	CLASS_WITHOUT_ENTRIES,
	CLASS_WITHOUT_ID,
	FEWER_ENTRIES_THAN_THE_CLASSES_HAVE,
	MORE_COMMON_CLASSES_THAN_CLASSES,
	SERVICE_OF_ANOTHER_CLASS,
	PEER_OF_ANOTHER_POLICY,
	CONTRADICTIONS,
};

static void contradict(struct rf_policy_image *image, enum contradiction what)
{
	switch (what) {
	case CLASS_WITHOUT_ENTRIES:
		image->classes[1].entry_count += image->classes[0].entry_count;
		image->classes[0].entry_count = 0;
		break;
	case CLASS_WITHOUT_ID:
		image->classes[0].id = 0;
		break;
	case FEWER_ENTRIES_THAN_THE_CLASSES_HAVE:
		image->classes[0].entry_count++;
		break;
	case MORE_COMMON_CLASSES_THAN_CLASSES:
		image->common_count = image->class_count + 1;
		break;
	case SERVICE_OF_ANOTHER_CLASS:
		image->service_keys[0].class_id = 9999;
		break;
	case PEER_OF_ANOTHER_POLICY:
		image->peer_keys[0].scope = RF_SCOPE(POLICY + 1, RF_INGRESS);
		break;
	case CONTRADICTIONS:
		break;
	}
}

/* With digests that are right: what another's removal would take with it must never be believed. */
static void an_image_that_contradicts_itself_is_refused(void **state)
{
	(void)state;
	for (int i = 0; i <= CONTRADICTIONS; i++) {
		struct rf_policy_image image, opened;
		size_t size;
		char *bytes;
		bool is_good;

		make_image_of(SMALL, &image);
		assign(&image);
		contradict(&image, (enum contradiction)i);
		bytes = file_of(&image, &size);
		is_good = !rf_policy_image_open(bytes, size, &opened) &&
			  rf_policy_image_is_whole(&opened);
		assert_int_equal(is_good, i == CONTRADICTIONS);
		free(bytes);
		rf_policy_image_free(&image);
	}
}

/* Sizes that overflow, or lie far behind the end. */
static void counts_that_the_file_has_no_room_for_are_refused(void **state)
{
	static const size_t counts[] = {
		offsetof(struct rf_image_header, class_count),
		offsetof(struct rf_image_header, peer_count),
		offsetof(struct rf_image_header, service_count),
		offsetof(struct rf_image_header, document_length),
	};
	static const uint32_t values[] = {0, 1, 0x7fffffff, 0x80000000, UINT32_MAX};
	struct rf_policy_image image, opened;
	size_t size;
	char *bytes;

	(void)state;
	make_image_of(SMALL, &image);
	assign(&image);
	bytes = file_of(&image, &size);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (size_t k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
			uint32_t before;

			memcpy(&before, bytes + counts[i], sizeof(before));
			memcpy(bytes + counts[i], &values[k], sizeof(values[k]));
			assert_int_equal(rf_policy_image_open(bytes, size, &opened), -EINVAL);
			memcpy(bytes + counts[i], &before, sizeof(before));
		}
	}
	free(bytes);
	rf_policy_image_free(&image);
}

static uint32_t count_same(const struct rf_policy_image *a, const struct rf_policy_image *b)
{
	size_t first_a = 0;
	uint32_t same = 0;

	for (uint32_t i = 0; i < a->class_count; i++) {
		size_t first_b = 0;

		for (uint32_t j = 0; j < b->class_count; j++) {
			same += rf_policy_image_same_class(a, i, first_a, b, j, first_b);
			first_b += b->classes[j].entry_count;
		}
		first_a += a->classes[i].entry_count;
	}
	return same;
}

#define RULE_OF(id, members) "{\"id\":" #id "," members "}"
#define TCP_80(peer)                                                                               \
	"\"action\":\"allow\",\"protocol\":\"tcp\",\"ports\":[\"80\"],\"peers\":[\"" peer "\"]"

struct pair {
	const char *a;
	const char *b;
	uint32_t same; /* pairs of classes that are equal */
};

/* Each ruleset of rules that name prefixes has a common class for what is the default. */
static void a_class_is_the_same_as_long_as_its_own_rules_are(void **state)
{
	static const struct pair pairs[] = {
		/* A rule of another class is added, and comes first in precedence. */
		{RULES(RULE_OF(5, TCP_80("10.0.0.0/8"))),
		 RULES(RULE_OF(5, TCP_80("10.0.0.0/8")) "," RULE_OF(
			 1, "\"priority\":1," TCP_80("11.0.0.0/8"))),
		 3},
		/* A peer moves: the entries of its class do not. */
		{RULES(RULE_OF(5, TCP_80("10.0.0.0/8"))), RULES(RULE_OF(5, TCP_80("11.0.0.0/8"))),
		 3},
		/* Priority, id and action are part of a class. */
		{RULES(RULE_OF(5, TCP_80("10.0.0.0/8"))),
		 RULES(RULE_OF(5, "\"priority\":9," TCP_80("10.0.0.0/8"))), 2},
		{RULES(RULE_OF(5, TCP_80("10.0.0.0/8"))), RULES(RULE_OF(6, TCP_80("10.0.0.0/8"))),
		 2},
		/* The same entry, but for every peer in one and for some in the other: only the
		 * unrestricted egress is alike. */
		{RULES("{\"id\":5,\"action\":\"allow\"}"),
		 RULES("{\"id\":5,\"action\":\"allow\",\"peers\":[\"10.0.0.0/8\"]}"), 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct rf_policy_image a, b;

		make_image_of(pairs[i].a, &a);
		make_image_of(pairs[i].b, &b);
		assign(&b);
		if (count_same(&a, &b) != pairs[i].same || count_same(&b, &a) != pairs[i].same)
			fail_msg("pair %zu: %u classes are the same, not %u", i, count_same(&a, &b),
				 pairs[i].same);
		rf_policy_image_free(&a);
		rf_policy_image_free(&b);
	}
}

/* The digest only finds: what differs is not the same though the digests were. */
static void equal_digests_are_not_enough(void **state)
{
	struct rf_policy_image a, b;

	(void)state;
	make_image_of(SMALL, &a);
	make_image_of(SMALL, &b);
	assert_true(rf_policy_image_same_class(&a, 0, 0, &b, 0, 0));
	b.service_values[0].rule++;
	assert_false(rf_policy_image_same_class(&a, 0, 0, &b, 0, 0));
	b.service_values[0].rule--;
	b.service_keys[0].port[1]++;
	assert_false(rf_policy_image_same_class(&a, 0, 0, &b, 0, 0));
	rf_policy_image_free(&a);
	rf_policy_image_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read_back),
		cmocka_unit_test(a_file_that_ends_early_or_late_is_refused),
		cmocka_unit_test(a_bit_that_flipped_anywhere_in_the_image_is_noticed),
		cmocka_unit_test(an_image_that_contradicts_itself_is_refused),
		cmocka_unit_test(counts_that_the_file_has_no_room_for_are_refused),
		cmocka_unit_test(a_class_is_the_same_as_long_as_its_own_rules_are),
		cmocka_unit_test(equal_digests_are_not_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
