// SPDX-License-Identifier: Apache-2.0
#include "cni-plugin/input.h"
#include "netconf/cleanup.h"

#include <poll.h>

#define INPUT_MAX (64u << 20)

int input_read(int patience_ms, char **text, size_t *length)
{
	_cleanup_free_ char *buffer = NULL;
	size_t used = 0, size = 0;

	for (;;) {
		struct pollfd ready = {.fd = STDIN_FILENO, .events = POLLIN};
		ssize_t got;

		if (used == size) {
			char *larger;

			size = size ? 2 * size : 16384;
			if (size > INPUT_MAX)
				return -EFBIG;
			larger = realloc(buffer, size);
			if (!larger)
				return -ENOMEM;
			buffer = larger;
		}
		if (patience_ms >= 0 && poll(&ready, 1, patience_ms) == 0)
			break;
		got = read(STDIN_FILENO, buffer + used, size - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		used += got;
	}
	*text = TAKE_PTR(buffer);
	*length = used;
	return 0;
}
