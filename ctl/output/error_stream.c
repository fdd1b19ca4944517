// SPDX-License-Identifier: Apache-2.0
#include "ctl/output/error_stream.h"

FILE *error_stream(void)
{
	fflush(stdout);
	return stderr;
}
