/* SPDX-License-Identifier: Apache-2.0 */
/* Where errors go. */
#ifndef RINGFENCE_CTL_OUTPUT_ERROR_STREAM_H
#define RINGFENCE_CTL_OUTPUT_ERROR_STREAM_H

#include <stdio.h>

/* stderr, behind what was printed until now: both may be one file. */
FILE *error_stream(void);

#endif
