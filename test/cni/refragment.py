#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A datagram to port 53 in two fragments, which whoever reassembles them cannot take apart in the same way: the header before
the first one leaves too little room for the second.

refragment.py SOURCE DESTINATION
"""
import socket
import struct
import sys

SIZE, FIRST, PORT = 2008, 560, 53


def checksum(data):
    """RFC 1071."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def main():
    """Two packets."""
    addresses = b"".join(socket.inet_pton(socket.AF_INET6, text) for text in sys.argv[1:3])
    udp = struct.pack("!HHHH", 4000, PORT, SIZE, 0) + b"x" * (SIZE - 8)
    pseudo = addresses + struct.pack("!II", SIZE, socket.IPPROTO_UDP)
    udp = udp[:6] + struct.pack("!H", checksum(pseudo + udp)) + udp[8:]
    options = struct.pack("!BBBBI", socket.IPPROTO_FRAGMENT, 0, 1, 4, 0)
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        for next_header, before, offset, data in (
            (socket.IPPROTO_DSTOPTS, options, 1, udp[:FIRST]),
            (socket.IPPROTO_FRAGMENT, b"", FIRST, udp[FIRST:]),
        ):
            fragment = struct.pack("!BBHI", socket.IPPROTO_UDP, 0, offset, 1)
            payload = before + fragment + data
            header = struct.pack("!IHBB", 6 << 28, len(payload), next_header, 64)
            raw.sendto(header + addresses + payload, (sys.argv[2], 0))


main()
