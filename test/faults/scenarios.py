# SPDX-License-Identifier: Apache-2.0
"""The calls of the plugin that faults are put into, the state in which each is made, and what must hold after it.

A scenario's host has two other pods: "other" with a policy of its own, "twin" with one that some scenarios share. What is
theirs must be the same after each faulty call.
"""
import collections
import json
import os
import re

import state
from host import (CLOSED, FROM_POD, NEW, OLD, OPEN, SOON, TO_POD, Pod, call, config, control, policy, run, which_pass, within)

OLD_POLICY = policy("always", "old")
NEW_POLICY = policy("always", "new")
OTHER_POLICY = policy("old")
# The documented ones; 3 is not among them: it would tell the runtime that there is nothing to clean up.
with open(os.environ["ROOT"] + "/netconf/error.h", encoding="utf-8") as header:
    CODES = {int(code) for code in re.findall(r"\bX\(\w+, (\d+), \"", header.read())}


class Broken(Exception):
    """What must hold does not."""


def expect(holds, *what):
    if not holds:
        raise Broken("\n".join(str(part() if callable(part) else part) for part in what))


def succeed(verb, pod, configuration, **more):
    outcome = call(verb, pod, configuration, **more)
    expect(outcome.status == 0, outcome)
    return outcome


def well_formed_error(outcome):
    """Exit status 1, one document with its keys and a code of the table, and the message on stderr."""
    try:
        document = json.loads(outcome.stdout)
    except ValueError:
        raise Broken(f"not one JSON document: {outcome}") from None
    expect(sorted(document) == ["cniVersion", "code", "details", "msg"], "keys of", outcome)
    expect(document["code"] in CODES, "code of", outcome)
    expect(document["msg"] and f"ringfence: {document['msg']}" in outcome.stderr, "message of", outcome)
    return document


class Network:
    """The pods of a lab, made once."""

    def __init__(self):
        run("ip", "-batch", "-", input="link add rf0 type bridge\naddress add 10.88.0.1/24 dev rf0\n"
            "address add fd00:88::1/64 dev rf0 nodad\nlink set rf0 up\n")
        self.web, self.twin, self.other, self.peer = (
            Pod(name, number) for number, name in enumerate(("web", "twin", "other", "peer"), 2))
        for pod in (self.web, self.peer):
            pod.listen()
        self.web.knows(self.peer)
        self.peer.knows(self.web)

    def passing(self):
        """By direction, what passes between web and a pod without ringfence; IPv4 and IPv6 must be alike."""
        found = {TO_POD: which_pass(self.peer, self.web), FROM_POD: which_pass(self.web, self.peer)}
        return {direction: v4 if v4 == v6 else None for direction, (v4, v6) in found.items()}


class Scenario:
    name = ""
    verb = ""
    pod = "web"
    allowed = (OLD,)  # what may pass while a program is attached
    is_slow = False  # then each call fails in one way only
    rolls_back = False  # a failure is undone, which may fail, too
    first = ("read(0,", "poll([{fd=0,")  # the call from which on there are faults

    def __init__(self, network):
        self.network = network
        self.configuration = config(network.web, OLD_POLICY)
        self.baseline = set()

    def call(self, trace=None):
        return call(self.verb, self.pod, self.configuration, trace)

    def error_of(self, outcome):
        """The message of a call that has failed, which must be well formed."""
        return well_formed_error(outcome)["msg"]

    def setup(self):
        """A host without anything but the bystanders."""
        state.wipe()
        expect(within(SOON, lambda: not any(" tcx " in line or " clsact " in line for line in state.hooks())), "attached:", state.hooks)
        succeed("ADD", "warmer", config(self.network.other, OTHER_POLICY), netns="other")
        succeed("DEL", "warmer", config(self.network.other, OTHER_POLICY))
        self.bystanders()
        self.baseline = self.settled()

    def bystanders(self):
        succeed("ADD", "other", config(self.network.other, OTHER_POLICY, "tcx"))
        succeed("ADD", "twin", config(self.network.twin, self.twin_policy(), self.configuration.get("attach", "clsact")))

    def twin_policy(self):
        return OTHER_POLICY

    def settled(self):
        """When the kernel has detached what has no reference."""
        within(SOON, lambda: not state.attached("v2"))
        return state.snapshot()

    def prepare(self):
        """To the state in which the call is made."""

    def check(self, configuration=None):
        outcome = call("CHECK", self.pod, configuration or self.configuration)
        expect(outcome.status == 0, "CHECK does not succeed:", outcome)

    def is_guarded(self):
        """Each direction in which a program is attached lets pass what a policy of the pod allows; others are open."""
        attached, passing = state.attached("v2"), self.network.passing()
        return all(passing[direction] in (self.allowed if direction in attached else (OPEN,)) for direction in passing)

    def expect_guarded(self):
        expect(within(SOON, self.is_guarded), "attached without its policy:",
               lambda: f"attached: {state.attached('v2')}; passing: {self.network.passing()}")

    def expect_in_force(self, *policies):
        expect(within(SOON, lambda: state.attached("v2") == {TO_POD, FROM_POD}), "not attached in both directions:",
               lambda: state.attached("v2"))
        expect(within(SOON, lambda: any(set(self.network.passing().values()) == {one} for one in policies)),
               "not in force:", lambda: self.network.passing())

    def expect_bystanders(self):
        """What was there before is there."""
        expect(self.baseline <= state.snapshot(), "bystanders are not as they were:",
               lambda: state.difference(self.baseline, self.baseline & state.snapshot()))

    def expect_baseline(self, what):
        """Nothing of the pod is there; which says all about the bystanders, too."""
        expect(within(SOON, lambda: state.snapshot() == self.baseline), f"left after {what}:",
               lambda: state.difference(self.baseline, state.snapshot()))

    # What must hold after the call, in each of the three ways in which it can end. True if there is nothing left to be
    # looked at or to be removed.

    def succeeded(self, outcome):
        """The call has had another way: it has done all of its work."""

    def failed(self, fault):
        """It has said so."""

    def killed(self):
        """What it has done is in order as far as it goes."""

    def finish(self):
        """What the runtime calls next; after it there is nothing left."""
        succeed("DEL", self.pod, self.configuration)
        self.expect_baseline("a DEL")


class Add(Scenario):
    verb = "ADD"
    rolls_back = True
    attach = "tcx"

    def __init__(self, network):
        super().__init__(network)
        self.configuration = config(network.web, OLD_POLICY, self.attach)

    def succeeded(self, outcome):
        expect(json.loads(outcome.stdout) == self.configuration["prevResult"], "not the result:", outcome)
        self.check()
        self.expect_in_force(OLD)

    def failed(self, fault):
        if fault.lasts or fault.is_of_result:  # then it may not be able to clean up, or had not to
            self.expect_guarded()
            return False
        self.expect_baseline("a failed ADD")
        return True

    def killed(self):
        self.expect_guarded()


class AddTcx(Add):
    name = "add-tcx"


class AddClsact(Add):
    name = "add-clsact"
    attach = "clsact"


class AddShared(Add):
    """With a policy that another pod has already."""
    name = "add-shared"
    attach = "clsact"

    def twin_policy(self):
        return OLD_POLICY


class AddFirst(Add):
    """After boot: it loads programs and maps. Nobody else is there."""
    name = "add-first"
    is_slow = True
    rolls_back = False

    def setup(self):
        self.prepare()

    def prepare(self):
        state.wipe()
        self.baseline = set()

    def expect_baseline(self, what):
        """Maps and programs may stay: whole, and with nothing in them; or no part of them is there."""
        maps = os.listdir(state.PINS + "/maps") if os.path.exists(state.PINS) else []
        expect(len(maps) in (0, 20) and (not maps or len(os.listdir(state.PINS + "/progs")) == 3), f"maps after {what}:", maps)
        expect(not os.path.exists(state.LOADING), f"left half loaded after {what}")
        expect(within(SOON, lambda: not state.attached("v2")), f"attached after {what}")
        left = state.entries() | {line for line in state.files(state.RUN) if not state.is_ground(line)}
        expect(not left, f"left after {what}:", lambda: "\n".join(left))


class Again(Scenario):
    """ADD of a pod that is there already. It is protected all the time; if the call fails, as before."""
    verb = "ADD"
    rolls_back = True
    attach = before_attach = "tcx"
    document = OLD_POLICY
    outcome = OLD
    moves = False  # to another way to attach: then what has failed is in force in part, until the runtime asks again

    def __init__(self, network):
        super().__init__(network)
        self.allowed = (OLD, self.outcome)
        self.before = config(network.web, OLD_POLICY, self.before_attach)
        self.configuration = config(network.web, self.document, self.attach)

    def prepare(self):
        succeed("ADD", self.pod, self.before)

    def succeeded(self, outcome):
        expect(json.loads(outcome.stdout) == self.configuration["prevResult"], "not the result:", outcome)
        self.check()
        self.expect_in_force(self.outcome)

    def failed(self, fault):
        if fault.is_of_result:
            self.check()
            self.expect_in_force(self.outcome)
        elif fault.lasts or self.moves:
            self.expect_in_force(OLD, self.outcome)
            self.succeeded(succeed("ADD", self.pod, self.configuration))
        else:
            self.check(self.before)
            self.expect_in_force(OLD)

    def killed(self):
        self.expect_in_force(OLD, self.outcome)


class AgainSame(Again):
    name = "add-again-same"


class AgainPolicy(Again):
    name = "add-again-policy"
    attach = before_attach = "clsact"
    document = NEW_POLICY
    outcome = NEW


class AgainLimits(Again):
    """With other limits, and the same policy."""
    name = "add-again-limits"

    def __init__(self, network):
        super().__init__(network)
        self.before["limits"] = {"newFlowsPerSecond": 10000}
        self.configuration["limits"] = {"newFlowsPerSecond": 20000, "sessions": 10000}


class AgainTcx(Again):
    """From clsact to TCX, and with another policy."""
    name = "add-again-tcx"
    before_attach = "clsact"
    document = NEW_POLICY
    outcome = NEW
    moves = True


class AgainClsact(Again):
    name = "add-again-clsact"
    attach = "clsact"
    document = NEW_POLICY
    outcome = NEW
    moves = True


class Del(Scenario):
    """The veth is kept, so what is left at it would show."""
    verb = "DEL"
    attach = "tcx"
    # Its entries go when the programs are detached; TCX does that with a delay, in which nothing passes.
    allowed = (OLD, CLOSED)

    def prepare(self):
        self.configuration = config(self.network.web, OLD_POLICY, self.attach)
        succeed("ADD", self.pod, self.configuration)
        self.expect_in_force(OLD)  # which makes sessions, too

    def succeeded(self, outcome):
        expect(not outcome.stdout, "DEL wrote to stdout:", outcome)
        self.expect_baseline("a DEL that succeeded")
        return True

    def failed(self, fault):
        self.expect_guarded()

    def killed(self):
        self.expect_guarded()


class DelTcx(Del):
    name = "del-tcx"


class DelClsact(Del):
    name = "del-clsact"
    attach = "clsact"


class DelShared(Del):
    name = "del-shared"
    attach = "clsact"

    def twin_policy(self):
        return OLD_POLICY


class DelGone(Del):
    """After netns and veth are gone."""
    name = "del-gone"
    attach = "clsact"
    pod = "gone"

    def __init__(self, network):
        super().__init__(network)
        self.gone = None

    def prepare(self):
        if self.gone:
            self.gone.make()
        else:
            self.gone = Pod(self.pod, 9)
        self.configuration = config(self.gone, OLD_POLICY, self.attach)
        succeed("ADD", self.pod, self.configuration)
        self.gone.unmake()

    def expect_guarded(self):
        """Nothing can be attached to what is gone."""


class DelAbsent(Del):
    """DEL of what was never added, on a host where others are."""
    name = "del-absent"

    def prepare(self):
        pass


class Check(Scenario):
    """It changes nothing, ever."""
    verb = "CHECK"
    attach = "tcx"

    def __init__(self, network):
        super().__init__(network)
        self.with_pod = set()

    def setup(self):
        super().setup()
        self.configuration = config(self.network.web, OLD_POLICY, self.attach)
        succeed("ADD", self.pod, self.configuration)
        self.with_pod = state.snapshot()

    def succeeded(self, outcome):
        expect(not outcome.stdout, "CHECK wrote to stdout:", outcome)

    def finish(self):
        expect(within(SOON, lambda: state.snapshot() == self.with_pod), "changed by CHECK:",
               lambda: state.difference(self.with_pod, state.snapshot()))


class CheckTcx(Check):
    name = "check-tcx"


class CheckClsact(Check):
    name = "check-clsact"
    attach = "clsact"


class Status(Check):
    name = "status"
    verb = "STATUS"


class Version(Check):
    name = "version"
    verb = "VERSION"

    def succeeded(self, outcome):
        expect("1.1.0" in json.loads(outcome.stdout)["supportedVersions"], outcome)


class Gc(Scenario):
    """Of three pods, one is listed and two are not; the one that is looked at has sessions."""
    name = "gc"
    verb = "GC"
    allowed = (OLD, CLOSED)

    def __init__(self, network):
        super().__init__(network)
        self.configuration = {
            "cniVersion": "1.1.0", "name": "net", "type": "ringfence", "cni.dev/valid-attachments":
            [{"containerID": name, "ifname": "eth0"} for name in ("other", "twin")]}

    def prepare(self):
        succeed("ADD", "web", config(self.network.web, OLD_POLICY, "clsact"))
        succeed("ADD", "peer", config(self.network.peer, policy("always", "old", "new", "denied"), "tcx"))

    def succeeded(self, outcome):
        expect(not outcome.stdout, "GC wrote to stdout:", outcome)
        self.expect_baseline("a GC that succeeded")
        return True

    def failed(self, fault):
        self.expect_guarded()

    def killed(self):
        self.expect_guarded()

    def finish(self):
        succeed("GC", self.pod, self.configuration)
        self.expect_baseline("a GC")


class Apply(Scenario):
    """Another policy for a pod that runs: it is under the one or the other, entirely, whatever happens."""
    name = "apply"
    verb = "apply"
    rolls_back = True
    first = 'newfstatat(AT_FDCWD, "/sys/fs/bpf/'
    allowed = (OLD, NEW)
    afterwards = NEW  # what the next call applies

    def __init__(self, network):
        super().__init__(network)
        self.before, self.is_changed = set(), False

    def apply(self, document, trace=None):
        name = "applied.json"
        with open(name, "w", encoding="ascii") as file:
            json.dump({**document, "selector": {"pod": self.pod}}, file)
        return control(["policy", "apply", name], trace)

    def call(self, trace=None):
        outcome = self.apply(NEW_POLICY, trace)
        self.is_changed = ": changed" in outcome.stdout
        return outcome

    def error_of(self, outcome):
        """Another pod's record that cannot be read is a failure, too, of which this one knows nothing."""
        expect(outcome.stdout in ("", f"default/{self.pod}: changed\n"), "result of", outcome)
        expect(outcome.stderr.startswith("ringfencectl: "), "message of", outcome)
        return outcome.stderr

    def prepare(self):
        succeed("ADD", self.pod, self.configuration)
        outcome = self.apply(OLD_POLICY)
        expect(outcome.status == 0, outcome)
        self.before = self.policies()

    def policies(self):
        """All but what packets leave, and an unfinished record, which the next one that is written takes away, or DEL."""
        return {line for line in state.snapshot() if line.split()[0] not in ("half_open", "sessions", "pod_counters") and
                ".json.new " not in line}

    def succeeded(self, outcome):
        expect(outcome.stdout == f"default/{self.pod}: changed\n", outcome)
        self.expect_whole(NEW)

    def failed(self, fault):
        if fault.lasts or fault.is_of_result:
            self.expect_whole(OLD, NEW)
        elif self.is_changed:
            self.expect_whole(NEW)
        else:
            expect(self.policies() == self.before, "changed by what has failed:",
                   lambda: state.difference(self.before, self.policies()))
            self.expect_whole(OLD)

    def killed(self):
        self.expect_whole(OLD, NEW)

    def expect_whole(self, *policies):
        """And the next call finds its way from whatever was left. Before it a CHECK may find that the record of a call that was
        killed is ahead of the maps."""
        self.expect_in_force(*policies)
        outcome = self.apply(NEW_POLICY if self.afterwards == NEW else OLD_POLICY)
        expect(outcome.status == 0, outcome)
        self.check()
        self.expect_in_force(self.afterwards)
        now, before = self.sizes(self.policies()), self.sizes(self.before)
        # A call that could not read the other policies has not found the default of each direction among theirs.
        expect(now["services"] - before["services"] in (0, 2) and {**now, "services": 0} == {**before, "services": 0},
               "something is left, or lost:", lambda: state.difference(self.before, self.policies()))

    @staticmethod
    def sizes(lines):
        """How many entries each map has, and files each directory."""
        return collections.Counter(os.path.dirname(line.split()[0]) or line.split()[0] for line in lines)


class ApplyBack(Apply):
    """The next call is for the policy that was there before."""
    name = "apply-back"
    afterwards = OLD


class Reload(Apply):
    """The same by a document of policyDir that is read again: the configuration itself allows what is always allowed."""
    name = "reload"
    verb = "reload"
    directory = "/etc/ringfence/faults.d"

    def __init__(self, network):
        super().__init__(network)
        os.makedirs(self.directory, exist_ok=True)
        self.configuration = config(network.web, policy("always"), policyDir=self.directory)

    def apply(self, document, trace=None):
        with open(f"{self.directory}/web.json", "w", encoding="ascii") as file:
            json.dump({**document, "selector": {"pod": self.pod}}, file)
        return control(["policy", "reload", f"default/{self.pod}"], trace)

    def error_of(self, outcome):
        """Another pod's record that cannot be read may be that of the one that was named."""
        expect(outcome.stderr.startswith("ringfencectl: "), "message of", outcome)
        return outcome.stderr

    def succeeded(self, outcome):
        expect(outcome.stdout == f"default/{self.pod}: changed: web\n1 changed, 0 unchanged, 0 failed\n", outcome)
        self.expect_whole(NEW)


ALL = [AddTcx, AddClsact, AddShared, AddFirst, AgainSame, AgainPolicy, AgainLimits, AgainTcx, AgainClsact, DelTcx, DelClsact, DelShared,
       DelGone, DelAbsent, CheckTcx, CheckClsact, Gc, Apply, ApplyBack, Reload, Status, Version]
