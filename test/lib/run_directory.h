/* SPDX-License-Identifier: Apache-2.0 */
/* A /run of the test program's own, so that what it calls may take the lock of the node. */
#ifndef RINGFENCE_TEST_LIB_RUN_DIRECTORY_H
#define RINGFENCE_TEST_LIB_RUN_DIRECTORY_H

/* Mount it, in a mount namespace that ends with the program. Aborts the test on failure. */
void run_directory_own(void);

#endif
