/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A 64-bit digest of what is kept in policy files: finds equal things, and shows a file that was
 * damaged. No secret and no cryptography: what is found by it is compared in full.
 */
#ifndef RINGFENCE_DATAPLANE_DIGEST_H
#define RINGFENCE_DATAPLANE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define RF_DIGEST_START 0xcbf29ce484222325u

/* @digest with one more @word: for two words that differ the results do, too. */
static inline uint64_t rf_digest_word(uint64_t digest, uint64_t word)
{
	digest = (digest ^ word) * 0x9e3779b97f4a7c15u;
	return digest ^ digest >> 29;
}

/* Of @length bytes at @bytes, and of how many they are. */
uint64_t rf_digest(const void *bytes, size_t length);

#endif
