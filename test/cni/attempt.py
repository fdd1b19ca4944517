#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""attempt.py tcp|udp ADDRESS PORT: what comes of it, as a name of errno, "answered" or "timeout".

TCP connects, and hears its line again; UDP connects too, so that the kernel says what ICMP said."""
import errno
import socket
import sys

PATIENCE = 30  # seconds


def attempt(protocol, address, port):
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, kind) as client:
        client.settimeout(PATIENCE)
        try:
            client.connect((address, port))
            client.send(b"line\n")
            return "answered" if client.recv(16) else "end"
        except TimeoutError:
            return "timeout"
        except OSError as error:
            return errno.errorcode[error.errno]


print(attempt(sys.argv[1], sys.argv[2], int(sys.argv[3])))
