/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations with random faults. RINGFENCE_SEED repeats a run, RINGFENCE_MUTATIONS makes it
 * longer. */
#include "test/lib/netconf_properties.h"
#include "test/lib/prng.h"

#include "test/unit/netconf_support.h"

#define SIZE_MAX_TEXT 8192

static const char *const seeds[] = {
	"{\"cniVersion\":\"1.0.0\",\"name\":\"net\",\"type\":\"ringfence\",\"prevResult\":{"
	"\"cniVersion\":\"0.4.0\",\"interfaces\":[{\"name\":\"cni0\"},{\"name\":\"v2\",\"mac\":"
	"\"aa:bb:cc:dd:ee:ff\"},{\"name\":\"eth0\",\"sandbox\":\"/run/netns/x\"}],\"ips\":["
	"{\"version\":\"4\",\"interface\":2,\"address\":\"10.0.0.5/16\",\"gateway\":\"10.0.0.1\"},"
	"{\"address\":\"fd00::5/64\",\"interface\":2,\"version\":\"6\"}],\"routes\":[{\"dst\":"
	"\"0.0.0.0/0\",\"scope\":0}],\"dns\":{}}}",
	"{ \"name\" : \"a.b-c_d\",\n\"prevResult\" : { \"ips\" : [ { \"address\" : \"10.0.0.5/16\" "
	"} , "
	"{\"\\u0061ddress\":\"::2/64\",\"x\":[1.50,1e2,-0,9007199254740993,\"\\u00e9\\/"
	"\\ud83d\\udc1d\"]}"
	" ], \"cniVersion\" : \"1.1.0\" } , \"cniVersion\":\"0.3.1\"}",
	"{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"policy\":{\"name\":\"web\",\"ingress\":{"
	"\"default\":"
	"\"deny\",\"rules\":[{\"id\":1,\"action\":\"allow\",\"priority\":5,\"peers\":[\"10.0.0.0/"
	"8\","
	"\"fd00::/8\"],\"except\":[\"10.9.0.0/16\"],\"protocol\":\"tcp\",\"ports\":[\"443\","
	"\"8000-8100\"],\"log\":true,\"document\":\"base\",\"qos\":{\"dscp\":\"EF\","
	"\"priorityClass\":\"1:10\"}}]},"
	"\"egress\":{\"document\":\"\"}},\"attach\":\"tcx\",\"antiSpoof\":true,"
	"\"hostAccess\":\"policy\",\"etherTypes\":[\"arp\",\"0x88cc\"],\"maps\":{\"pods\":5,"
	"\"denies\":8192},\"mode\":\"audit\",\"limits\":{\"newFlowsPerSecond\":5,\"sessions\":9},"
	"\"runtimeConfig\":{\"bandwidth\":{\"ingressRate\":8000,\"ingressBurst\":0}},"
	"\"prevResult\":"
	"null,"
	"\"cni.dev/x\":1,\"capabilities\":{\"bandwidth\":true}}",
};

/* What faults are made of: bytes that mean something, and parts of other documents. */
static const char *const pieces[] = {
	"{",
	"}",
	"[",
	"]",
	",",
	":",
	"\"",
	"\\",
	"\\u0000",
	"\\ud800",
	"\\u0022",
	"0",
	"1e400",
	"-",
	".",
	"1.00000000000000000001",
	"9007199254740993",
	"null",
	"true",
	"\xff",
	"\xc3",
	"\xef\xbb\xbf",
	"\t",
	"\n",
	" ",
	"version",
	"\"version\":\"4\",",
	"\"cniVersion\":\"1.0.0\",",
	"ips",
	"\"ips\":[],",
	"0.4.0",
	"1.1.0",
	"/8",
	"::",
	"10.0.0.1/8",
	"\"interface\":0,",
	"[[[[",
	"{}",
};

struct text {
	char bytes[SIZE_MAX_TEXT];
	size_t length;
};

/* The bytes from @at to @at + @cut give way to @piece. */
static void splice(struct text *text, size_t at, size_t cut, const char *piece, size_t length)
{
	if (text->length - cut + length > sizeof(text->bytes))
		return;
	memmove(text->bytes + at + length, text->bytes + at + cut, text->length - at - cut);
	memcpy(text->bytes + at, piece, length);
	text->length = text->length - cut + length;
}

static void mutate(struct text *text, struct prng *prng)
{
	size_t at = prng_below(prng, (uint32_t)text->length + 1);
	size_t rest = text->length - at;
	size_t some = prng_below(prng, (uint32_t)(rest < 40 ? rest : 40) + 1);
	const char *piece = pieces[prng_below(prng, COUNT_OF(pieces))];
	const char *seed = seeds[prng_below(prng, COUNT_OF(seeds))];
	size_t from = prng_below(prng, (uint32_t)strlen(seed));
	char byte = (char)prng_below(prng, 256);

	switch (prng_below(prng, 6)) {
	case 0:
		splice(text, at, rest ? 1 : 0, &byte, 1);
		break;
	case 1:
		splice(text, at, some, "", 0);
		break;
	case 2:
		splice(text, at, 0, piece, strlen(piece));
		break;
	case 3:
		splice(text, at, some, piece, strlen(piece));
		break;
	case 4: /* a part of the text itself, once more */
	{
		char copy[40];

		memcpy(copy, text->bytes + at, some);
		splice(text, prng_below(prng, (uint32_t)text->length + 1), 0, copy, some);
		break;
	}
	default:
		splice(text, at, some, seed + from, strnlen(seed + from, some + 1));
	}
}

static void whatever_is_written_is_taken_as_it_is_or_refused(void **state)
{
	const char *wanted = getenv("RINGFENCE_MUTATIONS");
	unsigned long count = wanted ? strtoul(wanted, NULL, 0) : 20000;
	struct prng state_of = prng_from_environment(), *prng = &state_of;
	size_t taken = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(seeds); i++)
		if (!rf_check_netconf(seeds[i], strlen(seeds[i])))
			fail_msg("%s is refused", seeds[i]);
	for (unsigned long i = 0; i < count; i++) {
		const char *seed = seeds[prng_below(prng, COUNT_OF(seeds))];
		struct text text = {.length = strlen(seed)};
		_cleanup_free_ char *copy = NULL;

		memcpy(text.bytes, seed, text.length);
		for (uint32_t n = prng_below(prng, 3); n < 3; n++)
			mutate(&text, prng);
		copy = copy_exactly(text.bytes, text.length);
		taken += rf_check_netconf(copy, text.length);
	}
	print_message("%zu of %lu were taken\n", taken, count);
	/* Faults that all were found at once would show little. */
	assert_true(taken > count / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_is_written_is_taken_as_it_is_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
