// SPDX-License-Identifier: Apache-2.0
#include "ctl/output/screen.h"
#include "ctl/output/clock.h"
#include "ctl/output/display.h"
#include "ctl/output/interrupt.h"
#include "ctl/output/style.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* The alternative screen, the cursor, and whether lines go on in the next one (xterm's names). */
#define ENTER "\033[?1049h\033[?25l\033[?7l"
#define LEAVE "\033[?7h\033[?25h\033[?1049l"

#define HOME_AND_CLEAR "\033[H\033[J"

#define LINES_DEFAULT   24
#define COLUMNS_DEFAULT 80
#define WAIT_MS         200 /* not for ever: a signal may come just before the wait begins */

/* What is drawn, until it is known how wide it is. */
static struct {
	FILE *terminal; /* stdout, which is the drawing meanwhile; NULL: nothing is being drawn */
	char *text;
	size_t length;
} drawing;

struct screen {
	bool has_keys; /* stdin is a terminal too */
	struct termios keys;
};

static volatile sig_atomic_t is_resized;

static void on_resize(int signal_number)
{
	(void)signal_number;
	is_resized = 1;
}

/* Keys come at once and are not shown. Ctrl-Z would leave the terminal as it is. */
static void take_keys(struct screen *screen)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &screen->keys))
		return;
	screen->has_keys = true;
	raw = screen->keys;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	raw.c_cc[VSUSP] = _POSIX_VDISABLE;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

struct screen *screen_enter(bool wanted)
{
	struct sigaction action = {.sa_handler = on_resize};
	struct screen *screen;

	interrupt_catch();
	if (!wanted || !style_is_obeyed())
		return NULL;
	screen = calloc(1, sizeof(*screen));
	if (!screen)
		return NULL;
	sigaction(SIGWINCH, &action, NULL);
	take_keys(screen);
	fputs(ENTER, stdout);
	fflush(stdout);
	return screen;
}

void screen_leave(struct screen *screen)
{
	if (!screen)
		return;
	fputs(LEAVE, stdout);
	fflush(stdout);
	if (screen->has_keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &screen->keys);
	free(screen);
}

int screen_lines(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row)
		return LINES_DEFAULT;
	return size.ws_row;
}

static int screen_columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return COLUMNS_DEFAULT;
	return size.ws_col;
}

/* The C library's stdout is a variable: what prints need not know where to. */
void screen_begin(void)
{
	FILE *stream = open_memstream(&drawing.text, &drawing.length);

	fputs(HOME_AND_CLEAR, stdout);
	if (!stream)
		return;
	drawing.terminal = stdout;
	stdout = stream;
}

/* The terminal would write over its last column what comes behind it. */
static void print_drawing(void)
{
	int columns = screen_columns();
	const char *line = drawing.text, *end = drawing.text + drawing.length, *next;

	for (; line < end; line = next + 1) {
		next = memchr(line, '\n', (size_t)(end - line));
		next = next ? next : end;
		display_clipped(stdout, line, (size_t)(next - line), columns);
		if (next < end)
			fputc('\n', stdout);
	}
}

void screen_end(void)
{
	if (drawing.terminal) {
		fclose(stdout);
		stdout = drawing.terminal;
		drawing.terminal = NULL;
		print_drawing();
		free(drawing.text);
	}
	fflush(stdout);
}

static bool is_quit(const struct screen *screen)
{
	char key;

	if (interrupted())
		return true;
	while (screen && screen->has_keys && read(STDIN_FILENO, &key, 1) == 1)
		if (key == 'q' || key == 'Q')
			return true;
	return false;
}

enum screen_event screen_wait(const struct screen *screen, unsigned long long until)
{
	struct pollfd keys = {.fd = screen && screen->has_keys ? STDIN_FILENO : -1,
			      .events = POLLIN};

	for (;;) {
		uint64_t now = clock_now();
		uint64_t left = now < until ? (until - now) / 1000000 + 1 : 0;

		if (is_quit(screen))
			return SCREEN_QUIT;
		if (is_resized) {
			is_resized = 0;
			return SCREEN_RESIZED;
		}
		if (!left)
			return SCREEN_TIME;
		/* A terminal that has gone is ready, and has no keys. */
		if (poll(&keys, 1, left < WAIT_MS ? (int)left : WAIT_MS) > 0 &&
		    keys.revents & (POLLHUP | POLLERR | POLLNVAL))
			return SCREEN_QUIT;
	}
}
