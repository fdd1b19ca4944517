#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A host of its own for a runtime: namespaces for mounts, network and processes, with private /run, /var/lib,
# /dev/shm and bpffs, so that nothing of the machine is touched and everything is gone with the first process in there.
#
#   host.sh supervise DIR PARENT
#       starts it when everything has been put into DIR and DIR/prepared was made (host.bash); when the
#       process PARENT is gone, on a signal or when the host ends, ends it, and removes its cgroups and DIR;
#       a host that ends when DIR/reboot is there starts again, with the /var/lib that it had
#   host.sh inside DIR
#       what supervise runs in the namespaces
set -euo pipefail

WAIT_STEPS=600 # of 0.1 s

inside() {
	local dir=$1 pid directory

	if [ "$$" != 1 ]; then
		echo "host.sh inside: only as the first process of namespaces of its own: it mounts over /run" >&2
		return 1
	fi
	# The old /proc still shows this process's number on the machine.
	read -r pid _ </proc/self/stat
	mount -t proc proc /proc
	mkdir -p "$dir/var-lib"
	mount --bind "$dir/var-lib" /var/lib
	for directory in /run /dev/shm /etc/cni /etc/ringfence /etc/containerd; do
		if [ -d "$directory" ]; then
			mount -t tmpfs -o mode=0755 tmpfs "$directory"
		fi
	done
	mount -t bpf -o mode=0700 bpf /sys/fs/bpf
	ip link set lo up
	sleep infinity &
	echo "$pid" >"$dir/init.pid.new"
	mv "$dir/init.pid.new" "$dir/init.pid"
	# This shell also waits for processes that lose their parents, as an init has to.
	wait "$!"
}

wait_until() {
	local step

	for ((step = 0; step < WAIT_STEPS; step++)); do
		if "$@"; then
			return 0
		fi
		sleep 0.1
	done
	echo "gave up waiting: $*" >&2
	return 1
}

has_ended() {
	! kill -0 "$1" 2>/dev/null
}

remove_cgroups() {
	local name=$1 directory

	for directory in "/sys/fs/cgroup/$name" /sys/fs/cgroup/*/"$name"; do
		if [ -d "$directory" ]; then
			find "$directory" -depth -type d -exec rmdir {} + 2>/dev/null || return 1
		fi
	done
}

end() {
	if [ -n "$1" ]; then
		kill -KILL "$1" 2>/dev/null || true
	fi
}

# With its first process the kernel ends all others of the namespace, containers and shims included.
clean_up() {
	trap - EXIT
	if [ -f "$DIR/init.pid" ]; then
		end "$(<"$DIR/init.pid")"
	else
		end "$NAMESPACES"
	fi
	end "$WATCH"
	if [ -n "$NAMESPACES" ]; then
		wait_until has_ended "$NAMESPACES" || true
	fi
	wait_until remove_cgroups "$(basename "$DIR")" || true
	rm -rf --one-file-system "$DIR"
}

supervise() {
	local parent=$2

	DIR=$1 NAMESPACES='' WATCH=''
	trap clean_up EXIT
	trap 'exit 0' TERM INT HUP
	until [ -e "$DIR/prepared" ] || has_ended "$parent"; do
		sleep 0.1
	done
	tail --pid="$parent" -s 0.2 -f /dev/null &
	WATCH=$!
	while :; do
		unshare --mount --net --pid --fork --kill-child --propagation private \
			"$BASH" "$DIR/host.sh" inside "$DIR" &
		NAMESPACES=$!
		wait -n "$WATCH" "$NAMESPACES" || true
		if [ ! -e "$DIR/reboot" ] || has_ended "$WATCH"; then
			break
		fi
		wait_until has_ended "$NAMESPACES"
		rm "$DIR/reboot"
	done
}

"$@"
