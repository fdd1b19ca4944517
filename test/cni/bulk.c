// SPDX-License-Identifier: Apache-2.0
/*
 * Bulk data over TCP, and its rate:
 *
 *   bulk receive PORT SECONDS                from the first connection on; prints bits a second
 *   bulk send ADDRESS PORT FLOWS CONGESTION  until the receiver has ended; tcp(7), TCP_CONGESTION
 */
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOCKETS_MAX 16
#define PATIENCE    60 /* seconds */

static char data[1 << 18];
static struct pollfd sockets[SOCKETS_MAX];
static nfds_t socket_count;

static void expect(bool holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	exit(EXIT_FAILURE);
}

static uint64_t milliseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static void add_socket(int fd, short events)
{
	expect(fd >= 0 && socket_count < SOCKETS_MAX, "socket");
	sockets[socket_count++] = (struct pollfd){.fd = fd, .events = events};
}

static int open_socket(const char *address, const char *port, bool listens)
{
	const struct addrinfo hints = {
		.ai_family = address ? AF_UNSPEC : AF_INET6,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | (listens ? AI_PASSIVE : 0),
	};
	struct addrinfo *found;
	int fd, one = 1;

	expect(!getaddrinfo(address, port, &hints, &found), "address");
	fd = socket(found->ai_family, SOCK_STREAM, 0);
	if (listens)
		expect(!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) &&
			       !bind(fd, found->ai_addr, found->ai_addrlen) &&
			       !listen(fd, SOCKETS_MAX),
		       "listen");
	else
		expect(!connect(fd, found->ai_addr, found->ai_addrlen), "connect");
	freeaddrinfo(found);
	return fd;
}

/* Bytes that are there to be read. */
static uint64_t receive_all(void)
{
	uint64_t bytes = 0;
	ssize_t length;

	for (nfds_t i = 1; i < socket_count; i++) {
		if (!sockets[i].revents)
			continue;
		length = recv(sockets[i].fd, data, sizeof(data), MSG_DONTWAIT);
		if (length > 0)
			bytes += (uint64_t)length;
		else if (!length)
			sockets[i].events = 0;
	}
	return bytes;
}

static void receive(const char *port, uint64_t seconds)
{
	uint64_t bytes = 0, end, now;

	expect(seconds > 0, "seconds");
	add_socket(open_socket(NULL, port, true), POLLIN);
	expect(poll(sockets, 1, PATIENCE * 1000) == 1, "connection");
	end = milliseconds() + seconds * 1000;
	while ((now = milliseconds()) < end) {
		poll(sockets, socket_count, (int)(end - now));
		bytes += receive_all();
		if (sockets[0].revents)
			add_socket(accept(sockets[0].fd, NULL, NULL), POLLIN);
	}
	printf("%" PRIu64 "\n", bytes * 8 / seconds);
}

static void send_all(const char *address, const char *port, unsigned long flows,
		     const char *congestion)
{
	while (flows--) {
		add_socket(open_socket(address, port, false), POLLOUT);
		expect(!setsockopt(sockets[socket_count - 1].fd, IPPROTO_TCP, TCP_CONGESTION,
				   congestion, (socklen_t)strlen(congestion)),
		       congestion);
	}
	for (;;) {
		poll(sockets, socket_count, -1);
		for (nfds_t i = 0; i < socket_count; i++) {
			if (sockets[i].revents & (POLLERR | POLLHUP))
				return;
			if (sockets[i].revents)
				send(sockets[i].fd, data, sizeof(data),
				     MSG_DONTWAIT | MSG_NOSIGNAL);
		}
	}
}

int main(int argc, char **argv)
{
	alarm(PATIENCE);
	if (argc == 4 && strcmp(argv[1], "receive") == 0)
		receive(argv[2], strtoul(argv[3], NULL, 10));
	else if (argc == 6 && strcmp(argv[1], "send") == 0)
		send_all(argv[2], argv[3], strtoul(argv[4], NULL, 10), argv[5]);
	else
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}
