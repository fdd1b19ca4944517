#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A TCP transfer and a stream of datagrams, while the policy of the receiver flips.

flip.py receive TCP UDP FILE          until the connection ends; prints its bytes and their digest; datagrams go to FILE
flip.py send ADDRESS TCP UDP FILE     until FILE.stop is there; the same of what was sent
flip.py judge FLIPS SENT RECEIVED     which datagrams have arrived, by the policy that was in force when they were sent

FLIPS has a line for each flip: the time before it, the time behind it, and 1 if datagrams are allowed from then on, else 0.
"""
import hashlib
import os
import select
import socket
import sys
import time

PATIENCE = 300
PIECE = 8192
PAUSE = 0.001
SO_RCVBUFFORCE = 33  # socket(7): more than net.core.rmem_max, as a busy machine may let the receiver wait for seconds
MARGIN = 0.05  # seconds that a datagram may be under way on a busy machine


def receive(tcp, udp, file):
    listener = socket.create_server(("0.0.0.0", tcp))
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 26)
    datagrams.bind(("0.0.0.0", udp))
    listener.settimeout(PATIENCE)
    connection, digest, size = listener.accept()[0], hashlib.sha256(), 0
    with open(file, "w", encoding="ascii") as numbers:
        while True:
            ready = select.select([connection, datagrams], [], [], PATIENCE)[0]
            if not ready:
                sys.exit("nothing comes")
            if datagrams in ready:
                print(datagrams.recv(64).decode(), file=numbers)
            if connection in ready:
                data = connection.recv(1 << 16)
                if not data:
                    # What was sent before the end is there.
                    while select.select([datagrams], [], [], 0)[0]:
                        print(datagrams.recv(64).decode(), file=numbers)
                    break
                digest.update(data)
                size += len(data)
    print(size, digest.hexdigest())


def send(address, tcp, udp, file):
    connection, digest, size = socket.create_connection((address, tcp), PATIENCE), hashlib.sha256(), 0
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end = time.monotonic() + PATIENCE
    with open(file, "w", encoding="ascii") as numbers:
        number = 0
        while not os.path.exists(file + ".stop") and time.monotonic() < end:
            data = os.urandom(PIECE)
            connection.sendall(data)
            digest.update(data)
            size += len(data)
            before = time.time()
            datagrams.sendto(str(number).encode(), (address, udp))
            print(number, before, time.time(), file=numbers)
            number += 1
            time.sleep(PAUSE)
    connection.close()
    print(size, digest.hexdigest())


def lines(name):
    with open(name, encoding="ascii") as file:
        return [line.split() for line in file]


def judge(flips, sent, received):
    """Datagrams that were sent while one policy was in force all the time; during a flip, either is right."""
    arrived = {line[0] for line in lines(received)}
    periods, counts = [], {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    turns = [(float(before), float(behind), allowed == "1") for before, behind, allowed in lines(flips)]
    for (_, begin, allowed), (end, _, _) in zip(turns, turns[1:]):
        periods.append((begin, end - MARGIN, allowed))
    for number, before, behind in lines(sent):
        for begin, end, allowed in periods:
            if begin <= float(before) and float(behind) <= end:
                counts[allowed, number in arrived] += 1
    print("allowed and arrived {}, allowed and lost {}, denied and arrived {}, denied and lost {}".format(
        *(counts[key] for key in ((True, True), (True, False), (False, True), (False, False)))))


VERBS = {"receive": (receive, (int, int, str)), "send": (send, (str, int, int, str)), "judge": (judge, (str, str, str))}
verb, types = VERBS[sys.argv[1]]
verb(*(read(word) for read, word in zip(types, sys.argv[2:])))
