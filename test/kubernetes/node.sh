#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# node.sh inside DIR
#     A Kubernetes node in namespaces of its own, which test/e2e/host.sh supervises: this takes the place of DIR/host.sh.
#     With this process, which is the first of its process namespace, all others end.
#
# It starts each program whose name is written to DIR/start, so that tests can kill one and have it again: etcd,
# kube-apiserver, kube-controller-manager, kube-scheduler, containerd, kubelet, kube-proxy. Their process numbers are in
# DIR/NAME.pid, what they say in DIR/NAME.log.
#
# KUBERNETES and ETCD say where the programs are.
set -euo pipefail

ADDRESS=10.87.0.1 # the node's, of an interface that is there for nothing else
SERVICES=10.96.0.0/16
NODE=node

# What kubelet sets for the whole machine: it finds it set already.
KERNEL_SETTINGS=(
	vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1
	kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000
)

pretend_kernel_settings() {
	local setting file

	for setting in "${KERNEL_SETTINGS[@]}"; do
		file=/proc/sys/${setting%=*}
		if [ -e "$file" ]; then
			mkdir -p "$DIR/sysctl/${setting%/*}"
			echo "${setting#*=}" >"$DIR/sysctl/${setting%=*}"
			mount --bind "$DIR/sysctl/${setting%=*}" "$file"
		fi
	done
}

private_mounts() {
	local directory

	mkdir "$DIR/kubernetes" "$DIR/etc" "$DIR/etc.work"
	mount -t proc proc /proc
	mount --bind "$KUBERNETES" "$DIR/kubernetes" # it may be in one of the directories that are hidden below
	mount -t overlay -o "lowerdir=/etc,upperdir=$DIR/etc,workdir=$DIR/etc.work" overlay /etc
	mkdir -p /etc/cni /etc/ringfence
	for directory in /run /dev/shm /var/lib /var/log /etc/cni /etc/ringfence; do
		mount -t tmpfs -o mode=0755 tmpfs "$directory"
	done
	mount -t bpf -o mode=0700 bpf /sys/fs/bpf
	pretend_kernel_settings
}

# All cgroups that the node makes are in one of its own in each hierarchy, which its processes see as the root. The
# supervisor removes them by their name.
hierarchies() {
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		echo /sys/fs/cgroup
	else
		find /sys/fs/cgroup -mindepth 1 -maxdepth 1 -type d
	fi
}

join_cgroups() {
	local hierarchy cgroup

	for hierarchy in $(hierarchies); do
		cgroup=$hierarchy/$(basename "$DIR")
		mkdir "$cgroup"
		if [ -e "$cgroup/cpuset.cpus" ] && [ -e "$hierarchy/cpuset.cpus" ]; then # else version 1 takes no process
			cat "$hierarchy/cpuset.cpus" >"$cgroup/cpuset.cpus"
			cat "$hierarchy/cpuset.mems" >"$cgroup/cpuset.mems"
		fi
		echo "$$" >"$cgroup/cgroup.procs"
	done
}

show_cgroups() {
	local hierarchy

	for hierarchy in $(hierarchies); do
		mount --bind "$hierarchy/$(basename "$DIR")" "$hierarchy"
	done
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then # version 2 wants processes in leaves only
		mkdir /sys/fs/cgroup/init
		echo "$$" >/sys/fs/cgroup/init/cgroup.procs
	fi
}

network() {
	ip link set lo up
	ip link add node0 type bridge
	ip address add "$ADDRESS/24" dev node0
	ip link set node0 up
	ip route add default dev node0 # addresses of Services are routed, before kube-proxy's rules change them
	sysctl -qw net.ipv4.ip_forward=1
}

run_etcd() {
	exec "$ETCD" --data-dir /var/lib/etcd --listen-peer-urls http://127.0.0.1:2380 \
		--listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379
}

run_kube-apiserver() {
	exec "$DIR/kubernetes/kube-apiserver" --etcd-servers http://127.0.0.1:2379 \
		--bind-address "$ADDRESS" --advertise-address "$ADDRESS" --secure-port 6443 \
		--cert-dir "$DIR/pki" --token-auth-file "$DIR/pki/tokens" --authorization-mode RBAC \
		--service-cluster-ip-range "$SERVICES" --service-account-issuer https://kubernetes.default.svc \
		--service-account-key-file "$DIR/pki/accounts.pub" \
		--service-account-signing-key-file "$DIR/pki/accounts.key" \
		--kubelet-preferred-address-types InternalIP
}

run_kube-controller-manager() {
	exec "$DIR/kubernetes/kube-controller-manager" --kubeconfig "$DIR/kubeconfig" --leader-elect=false \
		--service-account-private-key-file "$DIR/pki/accounts.key" --root-ca-file "$DIR/pki/apiserver.crt"
}

run_kube-scheduler() {
	exec "$DIR/kubernetes/kube-scheduler" --kubeconfig "$DIR/kubeconfig" --leader-elect=false
}

run_containerd() {
	exec containerd --config "$DIR/containerd.toml"
}

run_kubelet() {
	exec "$DIR/kubernetes/kubelet" --kubeconfig "$DIR/kubeconfig" --config "$DIR/kubelet.json" \
		--hostname-override "$NODE" --node-ip "$ADDRESS"
}

run_kube-proxy() {
	exec "$DIR/kubernetes/kube-proxy" --kubeconfig "$DIR/kubeconfig" --hostname-override "$NODE" \
		--proxy-mode nftables --conntrack-max-per-core 0
}

start() {
	"run_$1" </dev/null >>"$DIR/$1.log" 2>&1 &
	echo "$!" >"$DIR/$1.pid"
}

inside() {
	DIR=$1
	if [ "$$" != 1 ]; then
		echo "node.sh inside: only as the first process of namespaces of its own: it mounts over /run" >&2
		return 1
	fi
	# The old /proc still shows this process's number on the machine.
	read -r PROCESS _ </proc/self/stat
	export PROCESS
	private_mounts
	join_cgroups
	exec unshare --cgroup "$BASH" "$DIR/host.sh" serve "$DIR"
}

serve() {
	local program

	DIR=$1
	show_cgroups
	network
	mkfifo "$DIR/start"
	exec {commands}<>"$DIR/start"
	echo "$PROCESS" >"$DIR/init.pid.new"
	mv "$DIR/init.pid.new" "$DIR/init.pid"
	while read -r program <&"$commands"; do
		start "$program"
	done
}

"$@"
