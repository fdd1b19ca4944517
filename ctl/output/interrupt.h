/* SPDX-License-Identifier: Apache-2.0 */
/* Signals that end a command which goes on until then. */
#ifndef RINGFENCE_CTL_OUTPUT_INTERRUPT_H
#define RINGFENCE_CTL_OUTPUT_INTERRUPT_H

#include <stdbool.h>

/* Let SIGINT, SIGTERM, SIGHUP and SIGQUIT no longer end the process, but be asked for. A system
 * call that waits is interrupted by them. */
void interrupt_catch(void);

/* True when one of them came. */
bool interrupted(void);

#endif
