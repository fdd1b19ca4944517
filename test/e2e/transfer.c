// SPDX-License-Identifier: Apache-2.0
//
// Traffic for the pods of the end-to-end tests: one static program that connects, sends standard
// input and receives to standard output, over TCP and UDP, IPv4 and IPv6.
//
// UDP is made reliable, so that what arrives can be compared with what was sent: a datagram is a
// sequence number and up to PAYLOAD bytes, the last one is empty; the receiver answers with the
// number that it expects next; the sender keeps at most WINDOW datagrams unanswered and sends them
// again after a silence.

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define PAYLOAD       1392
#define WINDOW        64 /* fits into the default socket buffer: nothing overflows it */
#define ACK_EVERY     16
#define SILENCE_MS    50
#define LINGER_MS     300
#define RETRY_MS      20
#define LISTEN_MS     120000
#define STATUS_FAILED 1
#define STATUS_SILENT 2

struct request {
	const char *address; /* of the peer; absent for a receiver */
	uint16_t port;
	int timeout_ms; /* without any progress */
};

struct datagram {
	uint64_t sequence; /* big endian */
	char payload[PAYLOAD];
};

struct slot {
	struct datagram datagram;
	size_t size;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_ms(int ms)
{
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
}

static int failed(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	return STATUS_FAILED;
}

static int silent(const char *what)
{
	fprintf(stderr, "%s: timed out\n", what);
	return STATUS_SILENT;
}

static bool readable(int fd, int timeout_ms)
{
	struct pollfd waiting = {.fd = fd, .events = POLLIN};

	return poll(&waiting, 1, timeout_ms) == 1;
}

static bool write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t written = write(fd, bytes, size);

		if (written < 0)
			return false;
		bytes += written;
		size -= (size_t)written;
	}
	return true;
}

// Reads until `size` bytes or the end of the input; -1 on error.
static ssize_t read_full(int fd, char *bytes, size_t size)
{
	size_t have = 0;

	while (have < size) {
		ssize_t got = read(fd, bytes + have, size - have);

		if (got < 0)
			return -1;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

// Sockets

static bool peer_address(const struct request *request, struct sockaddr_storage *address,
			 socklen_t *size)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, request->address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(request->port);
		*size = sizeof(*v4);
		return true;
	}
	if (inet_pton(AF_INET6, request->address, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(request->port);
		*size = sizeof(*v6);
		return true;
	}
	errno = EINVAL;
	return false;
}

// A socket that takes both families at the port.
static int bound_socket(int type, uint16_t port)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	int off = 0, on = 1;
	int fd = socket(AF_INET6, type, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

// One attempt: a connected, blocking socket, or -1 with errno (ETIMEDOUT after the request's time).
static int connected_socket(int type, const struct request *request)
{
	struct sockaddr_storage address;
	struct pollfd waiting = {.events = POLLOUT};
	socklen_t size;
	int error = 0;

	if (!peer_address(request, &address, &size))
		return -1;
	waiting.fd = socket(address.ss_family, type | SOCK_NONBLOCK, 0);
	if (waiting.fd < 0)
		return -1;
	if (connect(waiting.fd, (struct sockaddr *)&address, size) < 0) {
		error = errno;
		if (error == EINPROGRESS) {
			error = ETIMEDOUT;
			if (poll(&waiting, 1, request->timeout_ms) == 1)
				getsockopt(waiting.fd, SOL_SOCKET, SO_ERROR, &error,
					   &(socklen_t){sizeof(error)});
		}
	}
	if (error != 0) {
		close(waiting.fd);
		errno = error;
		return -1;
	}
	fcntl(waiting.fd, F_SETFL, fcntl(waiting.fd, F_GETFL) & ~O_NONBLOCK);
	return waiting.fd;
}

static void set_timeouts(int fd, int timeout_ms)
{
	struct timeval timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000L};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
}

// TCP

static int tcp_connect(const struct request *request)
{
	int fd = connected_socket(SOCK_STREAM, request);

	if (fd >= 0) {
		puts("connected");
		close(fd);
		return 0;
	}
	if (errno == ETIMEDOUT)
		puts("timed out");
	else if (errno == ECONNREFUSED)
		puts("refused");
	else
		puts(strerror(errno));
	return errno == ETIMEDOUT ? STATUS_SILENT : STATUS_FAILED;
}

static int copy(int from, int to)
{
	static char bytes[64 * 1024];
	ssize_t got;

	while ((got = read(from, bytes, sizeof(bytes))) > 0)
		if (!write_all(to, bytes, (size_t)got))
			return -1;
	return got < 0 ? -1 : 0;
}

static int tcp_send(const struct request *request)
{
	int64_t deadline = now_ms() + request->timeout_ms;
	char end;
	int fd;

	while ((fd = connected_socket(SOCK_STREAM, request)) < 0) {
		if (errno == ETIMEDOUT)
			return silent("connect");
		if (errno != ECONNREFUSED || now_ms() > deadline)
			return failed("connect");
		pause_ms(RETRY_MS); // the receiver is about to listen
	}
	set_timeouts(fd, request->timeout_ms);
	if (copy(STDIN_FILENO, fd) < 0)
		return failed("send");
	shutdown(fd, SHUT_WR);
	if (read(fd, &end, 1) != 0) // the receiver closes when it has everything
		return failed("wait for the receiver");
	close(fd);
	return 0;
}

static int tcp_receive(const struct request *request)
{
	int listening = bound_socket(SOCK_STREAM, request->port);
	int fd;

	if (listening < 0 || listen(listening, 1) < 0)
		return failed("listen");
	if (!readable(listening, LISTEN_MS))
		return silent("accept");
	fd = accept(listening, NULL, NULL);
	if (fd < 0)
		return failed("accept");
	set_timeouts(fd, request->timeout_ms);
	if (copy(fd, STDOUT_FILENO) < 0)
		return failed("receive");
	close(fd);
	close(listening);
	return 0;
}

// UDP

struct sender {
	int fd;
	uint64_t base, next; /* first unanswered, first not yet sent */
	bool ended;          /* the empty datagram is in the window */
	struct slot window[WINDOW];
};

static bool fill_slot(struct sender *sender)
{
	struct slot *slot = &sender->window[sender->next % WINDOW];
	ssize_t got = read_full(STDIN_FILENO, slot->datagram.payload, PAYLOAD);

	if (got < 0)
		return false;
	slot->datagram.sequence = htobe64(sender->next);
	slot->size = sizeof(slot->datagram.sequence) + (size_t)got;
	sender->ended = got == 0;
	return true;
}

// Nobody at the port yet is a loss like any other.
static bool send_slot(struct sender *sender, uint64_t sequence)
{
	struct slot *slot = &sender->window[sequence % WINDOW];

	return send(sender->fd, &slot->datagram, slot->size, 0) >= 0 || errno == ECONNREFUSED;
}

static bool send_new(struct sender *sender)
{
	for (; !sender->ended && sender->next < sender->base + WINDOW; sender->next++)
		if (!fill_slot(sender) || !send_slot(sender, sender->next))
			return false;
	return true;
}

static bool send_again(struct sender *sender)
{
	for (uint64_t sequence = sender->base; sequence < sender->next; sequence++)
		if (!send_slot(sender, sequence))
			return false;
	return true;
}

static bool take_answer(struct sender *sender)
{
	uint64_t expected;

	if (recv(sender->fd, &expected, sizeof(expected), MSG_DONTWAIT) != sizeof(expected))
		return false;
	expected = be64toh(expected);
	if (expected <= sender->base || expected > sender->next)
		return false;
	sender->base = expected;
	return true;
}

static int udp_send(const struct request *request)
{
	static struct sender sender;
	int64_t progress = now_ms();

	sender.fd = connected_socket(SOCK_DGRAM, request);
	if (sender.fd < 0)
		return failed("connect");
	while (!sender.ended || sender.base < sender.next) {
		if (!send_new(&sender))
			return failed("send");
		if (readable(sender.fd, SILENCE_MS)) {
			if (take_answer(&sender))
				progress = now_ms();
		} else if (!send_again(&sender)) {
			return failed("send again");
		}
		if (now_ms() - progress > request->timeout_ms)
			return silent("send");
	}
	close(sender.fd);
	return 0;
}

static void answer(int fd, uint64_t expected)
{
	expected = htobe64(expected);
	if (send(fd, &expected, sizeof(expected), 0) < 0)
		failed("answer"); // the sender asks again
}

// The first datagram of a transfer decides whose it is.
static bool take_first(int fd, struct datagram *datagram, ssize_t *size)
{
	struct sockaddr_storage from;
	socklen_t from_size = sizeof(from);

	*size = recvfrom(fd, datagram, sizeof(*datagram), 0, (struct sockaddr *)&from, &from_size);
	return *size >= (ssize_t)sizeof(datagram->sequence) && datagram->sequence == 0 &&
	       connect(fd, (struct sockaddr *)&from, from_size) == 0;
}

static int udp_receive(const struct request *request)
{
	int fd = bound_socket(SOCK_DGRAM, request->port);
	const ssize_t header = sizeof(uint64_t);
	struct datagram datagram;
	uint64_t expected = 0;
	bool ended = false;
	ssize_t size;

	if (fd < 0)
		return failed("bind");
	if (!readable(fd, LISTEN_MS))
		return silent("first datagram");
	while (!take_first(fd, &datagram, &size))
		if (!readable(fd, LISTEN_MS))
			return silent("first datagram");
	do {
		bool in_order = size >= header && be64toh(datagram.sequence) == expected;

		if (in_order && !ended) {
			ended = size == header;
			expected++;
			if (!write_all(STDOUT_FILENO, datagram.payload, (size_t)(size - header)))
				return failed("write");
		}
		if (!in_order || ended || expected % ACK_EVERY == 0)
			answer(fd, expected);
		if (!readable(fd, ended ? LINGER_MS : request->timeout_ms))
			return ended ? 0 : silent("receive");
		size = recv(fd, &datagram, sizeof(datagram), 0);
	} while (size >= 0 || errno == ECONNREFUSED);
	return ended ? 0 : failed("receive");
}

// Verbs

static int wait_for_the_end(const struct request *request)
{
	sigset_t signals;
	int signal;

	(void)request;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL); // a first process gets only what it asks for
	sigwait(&signals, &signal);
	return 0;
}

static const struct verb {
	const char *name;
	bool has_address, has_port;
	int (*run)(const struct request *request);
} verbs[] = {
	{.name = "pause", .run = wait_for_the_end},
	{.name = "tcp-connect", .has_address = true, .has_port = true, .run = tcp_connect},
	{.name = "tcp-send", .has_address = true, .has_port = true, .run = tcp_send},
	{.name = "tcp-receive", .has_port = true, .run = tcp_receive},
	{.name = "udp-send", .has_address = true, .has_port = true, .run = udp_send},
	{.name = "udp-receive", .has_port = true, .run = udp_receive},
};

static long number(const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0') {
		fprintf(stderr, "not a number: %s\n", text);
		exit(STATUS_FAILED);
	}
	return value;
}

int main(int argc, char **argv)
{
	struct request request = {.timeout_ms = 30000};

	for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		const struct verb *verb = &verbs[i];
		int at = 2;

		if (strcmp(argv[1], verb->name) != 0 ||
		    argc < at + verb->has_address + verb->has_port)
			continue;
		if (verb->has_address)
			request.address = argv[at++];
		if (verb->has_port)
			request.port = (uint16_t)number(argv[at++]);
		if (at < argc)
			request.timeout_ms = (int)number(argv[at]);
		return verb->run(&request);
	}
	fputs("transfer pause | tcp-connect ADDRESS PORT [MS] | {tcp,udp}-send ADDRESS PORT [MS] | "
	      "{tcp,udp}-receive PORT [MS]\n",
	      stderr);
	return STATUS_FAILED;
}
