# SPDX-License-Identifier: Apache-2.0
"""Everything that ringfence can leave somewhere, as a set of lines."""
import os
import re
import shutil
import stat

from host import FROM_POD, TO_POD, run

RUN = "/run/ringfence"
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../bpf/abi.h"), encoding="utf-8") as abi:
    PINS = "/sys/fs/bpf/ringfence/v" + re.search(r"^#define RF_ABI (\d+)", abi.read(), re.MULTILINE)[1]
LOADING = "/sys/fs/bpf/ringfence/loading"
KERNEL = os.environ["KERNEL_TOOL"]


def files(root):
    lines = set()
    for directory, directories, names in os.walk(root):
        for name in directories + names:
            path = os.path.join(directory, name)
            mode = os.lstat(path).st_mode
            text = ""
            if stat.S_ISREG(mode) and directory.startswith(RUN):
                with open(path, encoding="utf-8", errors="backslashreplace") as file:
                    text = file.read()
            lines.add(f"{path} {mode:o} {text}")
    return lines


def is_ground(line):
    """A directory, or the lock: what the first call makes and nobody removes."""
    path, mode, _ = line.split(" ", 2)
    return stat.S_ISDIR(int(mode, 8)) or path == RUN + "/lock"


def filters(links):
    """Of the clsact hooks of interfaces that have them."""
    hooks_of = [(link, hook) for link in links for hook in ("ingress", "egress")]
    return {f"{link} clsact {hook} {line}" for link, hook in hooks_of
            for line in run("tc", "filter", "show", "dev", link, hook).splitlines() if line.strip()}


def hooks():
    """Programs by TCX; qdiscs that one can attach to, and what is attached there."""
    lines = set(run(KERNEL, "hooks").splitlines())
    qdiscs = [line for line in run("tc", "qdisc", "show").splitlines() if line.split()[1] in ("clsact", "ingress")]
    return lines | set(qdiscs) | filters([re.search(r" dev (\S+)", line).group(1) for line in qdiscs])


# Ids that were given are not given back; what can be set is no pod's; counts and clocks go on.
LASTING = {"identifiers", "settings", "census", "census_turns", "buckets"}


def entries():
    """Of the maps."""
    return {line for line in run(KERNEL, "maps", PINS + "/maps").splitlines() if line.split()[0] not in LASTING}


def snapshot():
    return files(RUN) | files(os.path.dirname(PINS)) | entries() | hooks()


def wipe():
    """All of it goes."""
    for directory in (RUN, os.path.dirname(PINS)):
        shutil.rmtree(directory, ignore_errors=True)
    for line in run("tc", "qdisc", "show").splitlines():
        words = line.split()
        if words[1] == "clsact":
            run("tc", "qdisc", "del", "dev", words[words.index("dev") + 1], "clsact")


def difference(before, after):
    return "\n".join([f"  gone: {line}" for line in sorted(before - after)] +
                     [f"  new:  {line}" for line in sorted(after - before)])


def attached(link):
    """The directions in which a program sees the packets of the pod behind the link: nobody else attaches here."""
    words = [line.split() for line in hooks()]
    return {TO_POD if word[2] == "egress" else FROM_POD for word in words
            if word[0] == link and (word[1] == "tcx" or "handle" in word)}
