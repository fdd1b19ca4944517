// SPDX-License-Identifier: Apache-2.0
#include "dataplane/digest.h"

#include <string.h>

uint64_t rf_digest(const void *bytes, size_t length)
{
	uint64_t digest = rf_digest_word(RF_DIGEST_START, length);
	const char *at = bytes;
	uint64_t word;

	for (; length >= sizeof(word); length -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		digest = rf_digest_word(digest, word);
	}
	word = 0;
	memcpy(&word, at, length);
	return rf_digest_word(digest, word);
}
