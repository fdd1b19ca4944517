# SPDX-License-Identifier: Apache-2.0
"""Inside the lab: pods on a bridge, the plugin called as a runtime calls it, and whether packets pass."""
import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import time

CLONE_NEWNET = 0x40000000
PATIENCE = 60  # seconds: a plugin that hangs is a failure
SOON = 20  # seconds: what the kernel does by itself, where others work too
PLUGIN = os.environ["RINGFENCE"]
CTL = PLUGIN + "ctl"
LOG = "calls"

# Sent in this order. The first two policies differ in the second and the third; nothing allows the fourth.
PORTS = {"denied": 5302, "new": 5303, "old": 5301, "always": 5300}
OPEN = frozenset(PORTS)
OLD = frozenset(["always", "old"])
NEW = frozenset(["always", "new"])
CLOSED = frozenset()
TO_POD, FROM_POD = "to the pod", "from the pod"

libc = ctypes.CDLL(None, use_errno=True)


def run(*command, **options):
    """A command that must succeed; its output."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def enter_netns(path):
    with open(path, encoding="ascii") as netns:
        if libc.setns(netns.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns", path)


class Pod:
    """A network namespace with eth0, a veth to the bridge, which has the addresses of its number."""

    def __init__(self, name, number):
        self.name, self.number, self.link = name, number, f"v{number}"
        self.addresses = [f"10.88.0.{number}", f"fd00:88::{number:x}"]
        self.listeners = {}
        self.make()

    def make(self):
        run("ip", "netns", "add", self.name)
        run("ip", "-batch", "-", input=f"link add {self.link} type veth peer name eth0 netns {self.name}\n"
            f"link set {self.link} master rf0 up\n")
        run("ip", "-n", self.name, "-batch", "-", input="link set lo up\nlink set eth0 up\n"
            f"address add {self.addresses[0]}/24 dev eth0\naddress add {self.addresses[1]}/64 dev eth0 nodad\n")

    def unmake(self):
        """As a runtime does before DEL, if it is in a hurry."""
        run("ip", "link", "del", self.link)
        run("ip", "netns", "del", self.name)

    def socket(self, port):
        """A UDP socket in the pod that takes IPv4, too."""
        enter_netns(f"/run/netns/{self.name}")
        try:
            made = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        finally:
            enter_netns("/proc/1/ns/net")
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        made.bind(("::", port))
        return made

    def listen(self):
        self.listeners = {name: self.socket(port) for name, port in PORTS.items()}

    def knows(self, other):
        """Without a neighbour to be discovered, a packet comes at once or not at all."""
        address = json.loads(run("ip", "-j", "-n", other.name, "link", "show", "eth0"))[0]["address"]
        for ip in other.addresses:
            run("ip", "-n", self.name, "neigh", "replace", ip, "lladdr", address, "dev", "eth0", "nud", "permanent")

    def result(self):
        return {"cniVersion": "1.1.0",
                "interfaces": [{"name": "rf0"}, {"name": self.link}, {"name": "eth0", "sandbox": f"/run/netns/{self.name}"}],
                "ips": [{"interface": 2, "address": address + length, "gateway": "10.88.0.1"} if "." in address else
                        {"interface": 2, "address": address + length}
                        for address, length in zip(self.addresses, ("/24", "/64"))],
                "dns": {}}


def which_pass(sender, receiver):
    """For IPv4 and IPv6, which of the ports a new flow from the one pod to the other reaches."""
    passed = []
    for address in ("::ffff:" + receiver.addresses[0], receiver.addresses[1]):
        token = os.urandom(8)
        with sender.socket(0) as source:  # each time another port: no session of an earlier packet answers
            for port in PORTS.values():
                source.sendto(token, (address, port))
        # What was sent last comes last: nothing is waited for but where nothing comes.
        select.select([receiver.listeners["always"]], [], [], 0.03)
        passed.append(frozenset(name for name, listener in receiver.listeners.items() if has_come(listener, token)))
    return passed


def has_come(listener, token):
    came = False
    try:
        while True:
            came |= listener.recv(64) == token
    except BlockingIOError:
        return came


def within(seconds, holds):
    """Ask until it holds; the last answer. (TCX links are detached some milliseconds after their last reference went.)"""
    end = time.monotonic() + seconds
    while True:
        answer = holds()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(0.004)


def policy(*allowed):
    """A document that allows just these ports, both ways."""
    def rules(first):
        return [{"id": number, "action": "allow", "protocol": "udp", "ports": [str(PORTS[name])],
                 "peers": ["10.88.0.0/24", "fd00:88::/64"]} for number, name in enumerate(allowed, first)]
    return {"ingress": {"default": "deny", "rules": rules(1)}, "egress": {"default": "deny", "rules": rules(11)}}


# Small, so that loading and looking at all of it is fast.
MAPS = {"sessions": 1000, "halfOpen": 1000, "pods": 20, "pinholes": 10, "peers": 500, "services": 500, "denies": 8192}


def config(pod, document, attach="auto", **more):
    return {"cniVersion": "1.1.0", "name": "net", "type": "ringfence", "attach": attach, "maps": MAPS,
            "policy": document, "prevResult": pod.result(), **more}


class Outcome:
    """Of one call of the plugin."""

    def __init__(self, verb, status, stdout, stderr, calls):
        self.verb, self.status, self.stdout, self.stderr, self.calls = verb, status, stdout, stderr, calls

    def __str__(self):
        return f"{self.verb}: exit status {self.status}\n{self.stdout}{self.stderr}".rstrip()


def call(verb, container, configuration, trace=None, netns=None):
    """Call the plugin; with the options @trace, under strace, whose lines are then in the outcome."""
    environment = {"CNI_COMMAND": verb, "CNI_CONTAINERID": container, "CNI_IFNAME": "eth0",
                   "CNI_NETNS": f"/run/netns/{netns or container}", "CNI_PATH": "/opt/cni/bin",
                   "CNI_ARGS": f"IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME={container}"}
    return execute(verb, [PLUGIN], environment, json.dumps(configuration), trace)


def control(words, trace=None):
    """The same for ringfencectl."""
    return execute(" ".join(words), [CTL, *words], {}, "", trace)


def execute(name, command, environment, text, trace):
    environment = {"PATH": os.environ["PATH"], **environment,
                   # LeakSanitizer cannot work in a process that is traced.
                   "ASAN_OPTIONS": "exitcode=99" + ("" if trace is None else ":detect_leaks=0"),
                   "UBSAN_OPTIONS": "halt_on_error=1:exitcode=99"}
    strace = ["strace", "-qq", "-o", LOG, *trace] if trace is not None else []
    process = subprocess.Popen([*strace, *command], env=environment, text=True, start_new_session=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        stdout, stderr = process.communicate(text, PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return Outcome(name, f"none: it hung for {PATIENCE} s", "", "", [])
    calls = []
    if trace is not None:
        with open(LOG, encoding="utf-8", errors="replace") as log:
            calls = log.read().splitlines()
    return Outcome(name, process.returncode, stdout, stderr, calls)
