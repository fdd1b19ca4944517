#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The differentiated services code point of datagrams, as sockets see it.

code_point.py serve PORT            answers each datagram with the code point that it bore
code_point.py ask ADDRESS PORT      prints what the server says, and the code point of its answer
"""
import select
import socket
import struct
import sys

PATIENCE = 30


def udp(family):
    """A socket that is told the traffic class of what it receives."""
    made = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET:
        made.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
    else:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1)
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    return made


def receive(from_socket):
    """Payload, code point and sender of a datagram."""
    payload, ancillary, _, sender = from_socket.recvmsg(64, socket.CMSG_SPACE(4))
    value = ancillary[0][2]
    traffic_class = value[0] if len(value) == 1 else struct.unpack("i", value)[0]
    return payload, traffic_class >> 2, sender


def serve(port):
    """Both families, for as long as the process lives."""
    sockets = [udp(socket.AF_INET), udp(socket.AF_INET6)]
    sockets[0].bind(("0.0.0.0", port))
    sockets[1].bind(("::", port))
    while True:
        for ready in select.select(sockets, [], [])[0]:
            _, code_point, sender = receive(ready)
            ready.sendto(str(code_point).encode(), sender)


def ask(address, port):
    """One datagram there, and one back."""
    made = udp(socket.AF_INET6 if ":" in address else socket.AF_INET)
    made.settimeout(PATIENCE)
    made.sendto(b"?", (address, port))
    payload, code_point, _ = receive(made)
    print(payload.decode(), code_point)


if sys.argv[1] == "serve":
    serve(int(sys.argv[2]))
else:
    ask(sys.argv[2], int(sys.argv[3]))
