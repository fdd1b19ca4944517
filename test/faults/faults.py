# SPDX-License-Identifier: Apache-2.0
"""Puts a fault into each system call of a scenario in turn. Runs inside a lab; test/faults/run.sh starts it.

A call is named by system call and number: the third openat() of a process is "openat 3". Each has three kinds of faults: it
fails; it fails, and so do all later ones of its name, with which a failure would be undone ("lasts"); the process is killed at
it. Calls before the first that reads the configuration are the C library's start, before main().
"""
import argparse
import os
import re
import sys
import time
import traceback

import errors
import state
from host import PLUGIN
from scenarios import ALL, Broken, Network, expect

CALL = re.compile(r"^([a-z][a-z0-9_]*)\((.*)$")
ALLOCATION = re.compile("(mmap.*MAP_ANONYMOUS|munmap|mprotect|madvise|brk)")
with open(PLUGIN, "rb") as program:
    SANITIZED = b"__asan_init" in program.read()  # then lack of memory ends the process
KILL = "signal=SIGKILL"


class Fault:
    def __init__(self, call, number, text, fault, lasts=False):
        self.call, self.number, self.text, self.fault, self.lasts = call, number, text, fault, lasts
        self.mutes = lasts and call == "write"  # then no error can be told either
        self.is_of_result = call in ("write", "newfstatat", "fstat") and text.startswith("1,")

    def __str__(self):
        return f"{self.call} {self.number}{'+' if self.lasts else ''} {self.fault}"

    def trace(self):
        return ["-e", f"trace={self.call}", "-e",
                f"inject={self.call}:{self.fault}:when={self.number}{'+' if self.lasts else ''}"]


def calls_of(lines, first):
    """(name, number, arguments) of each call, from one that is @first on, that is not of a sanitizer's allocator."""
    numbers, found, started = {}, [], False
    for line in lines:
        match = CALL.match(line)
        if not match:
            continue
        name, arguments = match.groups()
        numbers[name] = numbers.get(name, 0) + 1
        started = started or f"{name}({arguments}".startswith(first)
        if started and not (SANITIZED and ALLOCATION.match(line)):
            found.append((name, numbers[name], arguments))
    return found


def faults_of(lines, scenario):
    for name, number, text in calls_of(lines, scenario.first):
        several = errors.of(name, text)
        for fault in several[:1] if scenario.is_slow else several:
            yield Fault(name, number, text, fault)
        # A sanitizer itself maps memory, and ends the process where it cannot.
        if several and scenario.rolls_back and not (SANITIZED and name == "mmap"):
            yield Fault(name, number, text, several[0], lasts=True)
        yield Fault(name, number, text, KILL)


def was_injected(fault, calls):
    """A fault that was not put in shows nothing."""
    if fault.fault == KILL:
        return any("+++ killed by SIGKILL +++" in line for line in calls)
    return any("(INJECTED)" in line for line in calls)


def expect_named(fault, message):
    """The message says what failed: of a path its directory at least. Ids in it are others in each run."""
    path = re.match(r'[^"]*"(/[^"]*)"', fault.text)
    said, wanted = (re.sub(r"\d+", "N", text) for text in (message, os.path.dirname(path.group(1)) if path else ""))
    expect(fault.lasts or wanted in said, "the message does not name what failed:", message)


def judge(scenario, fault, outcome):
    if outcome.status == 0:
        is_over = scenario.succeeded(outcome)
    elif outcome.status == 1:
        # VERSION has nothing to say but its result.
        if not fault.mutes and not (fault.is_of_result and scenario.verb == "VERSION"):
            expect_named(fault, scenario.error_of(outcome))
        is_over = scenario.failed(fault)
    elif outcome.status == -9 and fault.fault == KILL:
        is_over = scenario.killed()
    else:
        raise Broken(str(outcome))
    if not is_over:
        scenario.expect_bystanders()
        scenario.finish()


def one(scenario, fault):
    scenario.prepare()
    outcome = scenario.call(fault.trace())
    try:
        expect(outcome.status == -9 or was_injected(fault, outcome.calls), "the call was not made")
        judge(scenario, fault, outcome)
    except Broken as broken:
        raise Broken(f"{broken}\nafter {outcome}") from None


class Share:
    """The part of all faults that this process is to try."""

    def __init__(self, options):
        self.options, self.seen = options, 0

    def has(self, name):
        self.seen += 1
        if self.options.only:
            return re.search(self.options.only, name) and self.seen % self.options.labs == self.options.lab
        at = self.seen + self.options.seed
        return at % self.options.every == 0 and at // self.options.every % self.options.labs == self.options.lab


def again(scenario, name):
    """The variables with which make repeats this one."""
    program = f" RINGFENCE={PLUGIN}" if SANITIZED else ""
    return f"SCENARIO='^{scenario.name}$' ONLY='^{name.replace('+', '[+]')}$'{program}"


def run_scenario(make, network, share):
    """Returns how many passed, and how many failed."""
    scenario, passed, failed, start = make(network), 0, 0, time.monotonic()
    scenario.setup()
    scenario.prepare()
    lines = scenario.call([]).calls
    scenario.finish()
    for fault in faults_of(lines, scenario):
        name = f"{scenario.name} {fault}"
        if not share.has(name):
            continue
        try:
            one(scenario, fault)
            passed += 1
        except Exception as failure:  # the next one begins anew
            text = str(failure) if isinstance(failure, Broken) else traceback.format_exc()
            print(f"FAIL {name}: {fault.call}({fault.text[:110]}\n  " + text.replace("\n", "\n  "), flush=True)
            print(f"  again: make test-faults {again(scenario, name)}", flush=True)
            failed += 1
            scenario.setup()
    print(f"{scenario.name:18} {passed:5} passed {failed:3} failed {time.monotonic() - start:8.1f} s", flush=True)
    return passed, failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lab", type=int, default=0)
    parser.add_argument("--labs", type=int, default=1)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scenario", default="")
    parser.add_argument("--only", default="")
    parser.add_argument("--totals", required=True)
    options = parser.parse_args()
    os.chdir(os.environ["LAB_DIRECTORY"])
    network, share, passed, failed = Network(), Share(options), 0, 0
    for make in ALL:
        if re.search(options.scenario, make.name):
            one_passed, one_failed = run_scenario(make, network, share)
            passed, failed = passed + one_passed, failed + one_failed
    with open(options.totals, "w", encoding="ascii") as totals:
        print(passed, failed, file=totals)
    return failed > 0


sys.exit(main())
