#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Drives a container runtime over CRI, as a kubelet would: pods up, commands in them, pods down.

The messages come from cri.proto: `protoc --python_out=DIR cri.proto`, with DIR in PYTHONPATH.
"""

import argparse
import json
import re
import sys
import time
import uuid

import grpc

import cri_pb2 as cri

NAMESPACE = "e2e"
CALL_SECONDS = 120
SANDBOX_ID = re.compile("[0-9a-f]{64}")
UNUSED_DNS_SERVER = "192.0.2.53"  # given, so that the runtime does not copy the host's resolv.conf


class Runtime:
    """Calls a method of a CRI service by its name; the types follow from the descriptor."""

    def __init__(self, socket):
        self.channel = grpc.insecure_channel("unix://" + socket)

    def call(self, service, method, seconds=CALL_SECONDS, **fields):
        described = cri.DESCRIPTOR.services_by_name[service].methods_by_name[method]
        request = getattr(cri, described.input_type.name)
        response = getattr(cri, described.output_type.name)
        remote = self.channel.unary_unary(
            f"/{cri.DESCRIPTOR.package}.{service}/{method}",
            request_serializer=request.SerializeToString,
            response_deserializer=response.FromString,
        )
        return remote(request(**fields), timeout=seconds, wait_for_ready=True)

    def runtime(self, method, **fields):
        return self.call("RuntimeService", method, **fields)

    def images(self, method, **fields):
        return self.call("ImageService", method, **fields)


def wait_until_ready(runtime, args):
    """Waits until runtime and network are ready and the image is known."""
    deadline = time.monotonic() + args.seconds
    while True:
        conditions = runtime.runtime("Status").status.conditions
        missing = [f"{c.type}: {c.message}" for c in conditions if not c.status]
        image = runtime.images("ImageStatus", image=cri.ImageSpec(image=args.image)).image
        if not image.id:
            missing.append(f"no image {args.image}")
        if not missing:
            return 0
        if time.monotonic() > deadline:
            print("not ready: " + "; ".join(missing), file=sys.stderr)
            return 1
        time.sleep(0.1)


def start_pod(runtime, name, args):
    namespaces = cri.NamespaceOption(pid=cri.CONTAINER)
    sandbox = cri.PodSandboxConfig(
        metadata=cri.PodSandboxMetadata(name=name, namespace=NAMESPACE, uid=str(uuid.uuid4())),
        hostname=name,
        log_directory=args.logs,
        dns_config=cri.DNSConfig(servers=[UNUSED_DNS_SERVER]),
        linux=cri.LinuxPodSandboxConfig(
            cgroup_parent=args.cgroup_parent,
            security_context=cri.LinuxSandboxSecurityContext(namespace_options=namespaces),
        ),
    )
    sandbox_id = runtime.runtime(
        "RunPodSandbox", seconds=args.seconds, config=sandbox, runtime_handler=args.handler
    ).pod_sandbox_id
    container = cri.ContainerConfig(
        metadata=cri.ContainerMetadata(name=name),
        image=cri.ImageSpec(image=args.image),
        command=args.command.split(),
        mounts=[
            cri.Mount(host_path=host, container_path=inside, readonly=True)
            for host, inside in (mount.split(":") for mount in args.mount)
        ],
        log_path=name + ".log",
        linux=cri.LinuxContainerConfig(
            security_context=cri.LinuxContainerSecurityContext(namespace_options=namespaces)
        ),
    )
    container_id = runtime.runtime(
        "CreateContainer", pod_sandbox_id=sandbox_id, config=container, sandbox_config=sandbox
    ).container_id
    runtime.runtime("StartContainer", container_id=container_id)
    network = runtime.runtime("PodSandboxStatus", pod_sandbox_id=sandbox_id).status.network
    addresses = [network.ip] + [additional.ip for additional in network.additional_ips]
    return {"id": sandbox_id, "addresses": addresses}


def up(runtime, args):
    """Starts the pods in the order given; prints each one's id and addresses."""
    print(json.dumps({name: start_pod(runtime, name, args) for name in args.pods}))
    return 0


def containers_of(runtime, pod):
    return [
        container.id
        for sandbox in chosen(runtime, [pod])
        for container in runtime.runtime(
            "ListContainers", filter=cri.ContainerFilter(pod_sandbox_id=sandbox)
        ).containers
    ]


def containers(runtime, args):
    """Prints the ids of a pod's containers."""
    print("\n".join(containers_of(runtime, args.pod)))
    return 0


def run(runtime, args):
    """Runs a command in a pod's container and exits with its status."""
    ids = containers_of(runtime, args.pod)
    if len(ids) != 1:
        print(f"{len(ids)} containers in pod {args.pod}", file=sys.stderr)
        return 125
    result = runtime.runtime(
        "ExecSync",
        seconds=args.seconds + CALL_SECONDS,
        container_id=ids[0],
        cmd=args.command,
        timeout=args.seconds,
    )
    sys.stdout.buffer.write(result.stdout)
    sys.stdout.flush()
    sys.stderr.buffer.write(result.stderr)
    return result.exit_code


def chosen(runtime, pods):
    """The sandboxes' ids of the pods, which are given by name or by that id; of none: all."""
    known = [
        sandbox.id
        for sandbox in runtime.runtime("ListPodSandbox").items
        if not pods or sandbox.metadata.name in pods
    ]
    return known + [pod for pod in pods if SANDBOX_ID.fullmatch(pod)]


def for_each(runtime, pods, methods):
    """Calls the methods for each sandbox; one that fails does not keep the others."""
    failures = 0
    for sandbox in chosen(runtime, pods):
        try:
            for method in methods:
                runtime.runtime(method, pod_sandbox_id=sandbox)
        except grpc.RpcError as error:
            print(f"{sandbox}: {error.details()}", file=sys.stderr)
            failures += 1
    return 126 if failures else 0


def stop(runtime, args):
    """Stops the pods."""
    return for_each(runtime, args.pods, ["StopPodSandbox"])


def remove(runtime, args):
    """Removes the pods without stopping them before."""
    return for_each(runtime, args.pods, ["RemovePodSandbox"])


def down(runtime, args):
    """Stops and removes the pods, or all pods."""
    return for_each(runtime, args.pods, ["StopPodSandbox", "RemovePodSandbox"])


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--socket", required=True)
    verbs = parser.add_subparsers(required=True)

    verb = verbs.add_parser("wait", help=wait_until_ready.__doc__)
    verb.set_defaults(verb=wait_until_ready)
    verb.add_argument("--image", required=True)
    verb.add_argument("--seconds", type=int, default=100)

    verb = verbs.add_parser("up", help=up.__doc__)
    verb.set_defaults(verb=up)
    verb.add_argument("--image", required=True)
    verb.add_argument("--handler", default="", help="the runtime handler, as of a RuntimeClass")
    verb.add_argument("--cgroup-parent", required=True)
    verb.add_argument("--seconds", type=int, default=CALL_SECONDS, help="patience with a sandbox")
    verb.add_argument("--logs", required=True, help="the directory for the pods' logs")
    verb.add_argument("--mount", action="append", default=[], metavar="HOST:CONTAINER")
    verb.add_argument("--command", default="", help="split at blanks")
    verb.add_argument("pods", nargs="+")

    verb = verbs.add_parser("containers", help=containers.__doc__)
    verb.set_defaults(verb=containers)
    verb.add_argument("pod")

    verb = verbs.add_parser("exec", help=run.__doc__)
    verb.set_defaults(verb=run)
    verb.add_argument("--seconds", type=int, default=120)
    verb.add_argument("pod")
    verb.add_argument("command", nargs=argparse.REMAINDER)

    for function in (stop, remove, down):
        verb = verbs.add_parser(function.__name__, help=function.__doc__)
        verb.set_defaults(verb=function)
        verb.add_argument("pods", nargs="*", help="names, or ids; none: all")
    return parser.parse_args(argv)


def main(argv):
    args = parse(argv)
    try:
        return args.verb(Runtime(args.socket), args)
    except grpc.RpcError as error:
        print(f"{error.code().name}: {error.details()}", file=sys.stderr)
        return 126


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
