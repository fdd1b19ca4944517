# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016 # what stands in single quotes is for the shell in the lab
#
# A host of one's own, for demo, tests and benchmarks: namespaces for mounts, network and processes in which /run, the
# bpffs and everything else that ringfence or a CNI plugin writes is private. Nothing of the machine is touched, several
# labs run side by side, and with the lab's first process all of it is gone.
#
#   source scripts/lab.sh; lab_start; trap lab_stop EXIT
#   lab ip link                  runs a command in the lab
#   lab_pod web                  makes a network namespace, as a runtime does for a pod
#   chain ADD web conflist       calls the conflist's plugins for it, in order; prints the last result
#   chain DEL web conflist       the same backwards
#   in_pod web nc …              runs a command in it

CNI_PLUGINS=${CNI_PLUGINS:-/usr/lib/cni}

lab_start() {
	local step

	LAB_DIRECTORY=$(mktemp -d)
	# It ends with this shell, however that ends.
	setpriv --pdeathsig KILL unshare --mount --net --pid --fork --kill-child --propagation private \
		bash -c '
			set -e
			read -r pid _ </proc/self/stat
			mount -t proc proc /proc
			# A new directory in /etc is to be the lab'"'"'s own, too.
			mkdir "$1/etc" "$1/etc.work"
			mount -t overlay -o "lowerdir=/etc,upperdir=$1/etc,workdir=$1/etc.work" overlay /etc
			mkdir -p /etc/cni /etc/ringfence
			for directory in /run /var/lib /etc/cni /etc/ringfence; do
				mount -t tmpfs -o mode=0755 tmpfs "$directory"
			done
			mount -t sysfs sysfs /sys # its /sys/class/net is that of the network namespace
			mount -t bpf -o mode=0700 bpffs /sys/fs/bpf
			ip link set lo up
			sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
			echo "$pid" >"$1/pid.new"
			mv "$1/pid.new" "$1/pid"
			exec sleep infinity
		' lab "$LAB_DIRECTORY" &
	LAB_SUPERVISOR=$!
	for ((step = 0; step < 6000; step++)); do
		[ ! -f "$LAB_DIRECTORY/pid" ] || break
		sleep 0.01
	done
	LAB_PID=$(<"$LAB_DIRECTORY/pid")
}

lab_stop() {
	local step state

	[ -n "${LAB_DIRECTORY:-}" ] || return 0
	# With it goes the lab's first process (--kill-child), and with that the kernel ends all others.
	kill -KILL "$LAB_SUPERVISOR" 2>/dev/null || true
	wait "$LAB_SUPERVISOR" 2>/dev/null || true
	for ((step = 0; step < 6000; step++)); do
		{ read -r _ _ state _ <"/proc/$LAB_PID/stat"; } 2>/dev/null || break
		[ "$state" != Z ] || break
		sleep 0.01
	done
	rm -rf "$LAB_DIRECTORY"
	LAB_DIRECTORY=
}

lab() {
	nsenter --target "$LAB_PID" --mount --net --pid -- "$@"
}

lab_pod() {
	lab ip netns add "$1" && lab ip -n "$1" link set lo up
}

in_pod() {
	local pod=$1

	shift
	lab ip netns exec "$pod" "$@"
}

# plugin VERB POD TYPE [VARIABLE=VALUE...] <CONFIGURATION: one plugin, called as a runtime calls it.
plugin() {
	local verb=$1 pod=$2 type=$3 directory=$CNI_PLUGINS

	shift 3
	[ "$type" != ringfence ] || directory=$RINGFENCE_DIRECTORY
	lab env CNI_COMMAND="$verb" CNI_CONTAINERID="$pod" CNI_NETNS="/run/netns/$pod" CNI_IFNAME=eth0 \
		CNI_PATH="$CNI_PLUGINS" CNI_ARGS="IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=$pod" "$@" "$directory/$type"
}

# chain VERB POD CONFLIST-FILE: the last result on stdout; the error document on failure.
chain() {
	local verb=$1 pod=$2 conflist=$3 count index result=null configuration

	count=$(jq '.plugins | length' "$conflist") || return 1
	for ((index = 0; index < count; index++)); do
		configuration=$(jq --argjson index "$([ "$verb" = DEL ] && echo $((count - 1 - index)) || echo "$index")" \
			--argjson result "$result" '
			.plugins[$index] + {name, cniVersion} + (if $result then {prevResult: $result} else {} end)' \
			"$conflist")
		result=$(plugin "$verb" "$pod" "$(jq -r .type <<<"$configuration")" <<<"$configuration") || {
			echo "$result"
			return 1
		}
		[ "$verb" = ADD ] || result=null
	done
	[ "$verb" != ADD ] || echo "$result"
}
