/* SPDX-License-Identifier: Apache-2.0 */
/* A terminal that is drawn over again and again, and left as it was. */
#ifndef RINGFENCE_CTL_OUTPUT_SCREEN_H
#define RINGFENCE_CTL_OUTPUT_SCREEN_H

#include <stdbool.h>

struct screen;

enum screen_event {
	SCREEN_TIME,    /* the time has passed */
	SCREEN_RESIZED, /* draw again */
	SCREEN_QUIT,    /* the key q, or a signal that ends the command (ctl/interrupt.h) */
};

/* The alternative screen of the terminal that stdout is; NULL if it is none, obeys no escape
 * sequences, or is not @wanted. Signals are caught (interrupt_catch()) in either case. */
struct screen *screen_enter(bool wanted);

/* Show what was there before; @screen may be NULL. */
void screen_leave(struct screen *screen);

/* How many lines it has. */
int screen_lines(void);

/* Begin to draw from the upper left corner; then print to stdout, and screen_end(). Lines that are
 * too long for the terminal are cut, and marked. */
void screen_begin(void);
void screen_end(void);

/* Wait until the clock (CLOCK_MONOTONIC, ns) shows @until, or something else happens. @screen may
 * be NULL. */
enum screen_event screen_wait(const struct screen *screen, unsigned long long until);

#endif
