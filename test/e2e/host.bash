# SPDX-License-Identifier: Apache-2.0
#
# What all tests of real runtimes are written with: a host of their own (host.sh), what is put there, and questions to it.
# shellcheck shell=bash

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
# shellcheck source=scripts/lib.sh
. "$ROOT/scripts/lib.sh"
RINGFENCE=${RINGFENCE:-$ROOT/build/static/ringfence}
RINGFENCECTL=${RINGFENCECTL:-$ROOT/build/static/ringfencectl}
CNI_PLUGINS=${CNI_PLUGINS:-/usr/lib/cni}

# shellcheck disable=SC2034 # those who source this use it
IMAGE=docker.io/local/ringfence-e2e:1
# shellcheck source=scripts/pins.sh
. "$ROOT/scripts/pins.sh"

# The host

# lacks_of TOOL...: prints what this machine lacks, if anything: a reason to skip.
lacks_of() {
	local tool

	for tool in "$@" runc busybox jq bpftool tc ip nsenter unshare gcc; do
		if ! have "$tool"; then
			echo "$tool is not installed"
			return
		fi
	done
	if [ "$(id -u)" != 0 ]; then
		echo "needs root"
	elif ldd "$(command -v busybox)" >/dev/null 2>&1; then
		echo "busybox is not static (busybox-static)"
	elif [ ! -x "$CNI_PLUGINS/bridge" ]; then
		echo "no bridge plugin in $CNI_PLUGINS (containernetworking-plugins)"
	fi
}

# prepare_directory PLUGIN...: DIR, with the CNI plugins, ringfence and the image. Everything that the host needs comes there,
# because it does not see the machine's /run and /var/lib. DIR belongs to the supervisor from the beginning: it goes
# with it, whatever happens here.
prepare_directory() {
	local plugin

	[ -x "$RINGFENCE" ] || fail "no $RINGFENCE: make static"
	[ -x "$RINGFENCECTL" ] || fail "no $RINGFENCECTL: make static"
	DIR=$(mktemp -d /tmp/ringfence-e2e.XXXXXX)
	setsid "$BASH" "$HERE/host.sh" supervise "$DIR" "$$" >"$DIR/host.log" 2>&1 3>&- 4>&- &
	SUPERVISOR=$!
	export DIR SUPERVISOR
	mkdir "$DIR/bin"
	for plugin; do
		cp -L "$CNI_PLUGINS/$plugin" "$DIR/bin/"
	done
	cp -L "$RINGFENCE" "$DIR/bin/ringfence"
	cp -L "$RINGFENCECTL" "$DIR/ringfencectl"
	cp "$HERE/host.sh" "$DIR/"
	gcc -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -O2 -static -o "$DIR/transfer" "$HERE/transfer.c"
	"$HERE/image.sh" "$DIR/image.tar" "$IMAGE" "$DIR/transfer"
}

SLOWNESS=5 # so many times what an idle machine needs is waited for what shall come

# within SECONDS COMMAND...: until it succeeds; so many on an idle machine, longer on one that others use
within() {
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * SLOWNESS * 1000000))

	shift
	until "$@"; do
		((${EPOCHREALTIME/[.,]/} < end)) || return 1
		sleep 0.1
	done
}

# From here on on_host works.
enter_host() {
	touch "$DIR/prepared"
	within 20 test -f "$DIR/init.pid" || fail "the host did not start" "$(<"$DIR/host.log")"
}

# As by a power cut: of all that was, only /var/lib is there again.
reboot_host() {
	local pid

	pid=$(<"$DIR/init.pid")
	rm "$DIR/init.pid"
	touch "$DIR/reboot"
	kill -KILL "$pid"
	within 20 test -f "$DIR/init.pid" || fail "the host did not come back" "$(<"$DIR/host.log")"
}

stop_host() {
	kill -TERM "$SUPERVISOR" 2>/dev/null || true
	within 30 has_ended "$SUPERVISOR" || fail "the host did not end: process $SUPERVISOR"
}

has_ended() {
	! kill -0 "$1" 2>/dev/null
}

on_host() {
	timeout -k 5 300 \
		nsenter --target "$(<"$DIR/init.pid")" --mount --net --pid -- "$@" 3>&- 4>&-
}

# ringfence

ctl() {
	on_host "$DIR/ringfencectl" "$@"
}

# packets POD DIRECTION REASON
packets() {
	ctl stats "$1" | awk -v direction="$2" -v reason="$3" \
		'$2 == direction && $4 == reason { print $5; found = 1 } END { if (!found) print 0 }'
}

# Denials go to the file until stop_monitor, without those that happened before.
start_monitor() {
	on_host timeout 0.5 "$DIR/ringfencectl" monitor >/dev/null || true
	# shellcheck disable=SC2016 # for the shell on the host
	on_host sh -c 'echo $$ >"$1/monitor.pid"; exec "$1/ringfencectl" monitor' sh "$DIR" >"$1" &
	MONITOR=$!
}

stop_monitor() {
	on_host kill -TERM "$(<"$DIR/monitor.pid")"
	wait "$MONITOR"
}

# Answers

fail() {
	printf '%s\n' "$@" >&2
	return 1
}

# expect WHAT EXPECTED ACTUAL
expect() {
	[ "$2" = "$3" ] || fail "$1:" "expected: $2" "     got: $3"
}

entries() {
	on_host bpftool -j map dump pinned "$PINS/maps/$1" | jq length
}

pod_states() {
	on_host bpftool -j map dump pinned "$PINS/maps/pod_state" |
		jq '[.[] | select(any(.value[]; . != "0x00"))] | length'
}

veths() {
	on_host ip -o link show type veth
}

files_below() {
	local path

	for path in "$@"; do
		if on_host test -e "$path"; then
			on_host find "$path" ! -type d
		fi
	done
}

traffic_control() {
	local link

	on_host tc qdisc show | grep -E 'clsact|ingress' || true
	for link in $(on_host ls /proc/sys/net/ipv4/conf); do
		case $link in all | default) continue ;; esac
		on_host tc filter show dev "$link" ingress
		on_host tc filter show dev "$link" egress
	done
}

# Nothing of any pod is there; the programs and maps are.
nothing_is_left() {
	local map

	expect "links" "" "$(veths)"
	expect "pins and records" "" "$(files_below "$PINS/links" /run/ringfence | grep -v '/lock$')"
	expect "traffic control" "" "$(traffic_control)"
	for map in pods interfaces sessions half_open peers services; do
		expect "entries of $map" 0 "$(entries "$map")"
	done
	expect "pod states" 0 "$(pod_states)"
}

records() {
	files_below /run/ringfence/attachments | wc -l
}
