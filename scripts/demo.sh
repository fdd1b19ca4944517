#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# ringfence at work: three pods made by the real bridge and host-local plugins and the ringfence chain, on a host of their
# own (scripts/lab.sh). Each attempt is real traffic; each verdict is what the programs counted and reported.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell in the pod
set -uo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname "$HERE")
# shellcheck disable=SC2034 # scripts/lab.sh uses it
RINGFENCE_DIRECTORY=${RINGFENCE_DIRECTORY:-$ROOT/build}
CTL=$RINGFENCE_DIRECTORY/ringfencectl
# shellcheck source=scripts/lab.sh
. "$HERE/lab.sh"
# shellcheck source=scripts/pins.sh
. "$HERE/pins.sh"

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	BOLD=$'\e[1m' GREEN=$'\e[32m' RED=$'\e[31m' DIM=$'\e[2m' PLAIN=$'\e[0m'
else
	BOLD='' GREEN='' RED='' DIM='' PLAIN=''
fi
FAILURES=0

title() {
	printf '\n%s%s%s\n' "$BOLD" "$*" "$PLAIN"
}

# What is run is shown as it would be typed.
show() {
	printf '%s$ %s%s\n' "$DIM" "$*" "$PLAIN"
}

ctl() {
	show ringfencectl "$@"
	lab "$CTL" "$@"
}

# network NAME [POLICY]: a conflist; all have the same bridge and addresses, each pod class its own policy.
conflist() {
	jq -n --argjson policy "${2:-null}" '{
		cniVersion: "1.0.0", name: "demo", plugins: [
			{type: "bridge", bridge: "demo0", isGateway: true, ipam: {type: "host-local", ranges: [
				[{subnet: "10.88.0.0/24"}], [{subnet: "fd00:88::/64"}]]}},
			({type: "ringfence"} + if $policy then {policy: $policy} else {} end)]}' >"$LAB_DIRECTORY/$1.conflist"
}

add() {
	lab_pod "$1" || return 1
	chain ADD "$1" "$LAB_DIRECTORY/$2.conflist" >"$LAB_DIRECTORY/$1.result" || {
		cat "$LAB_DIRECTORY/$1.result"
		return 1
	}
	printf '  %-8s %s\n' "$1" "$(jq -r '[.ips[].address] | join("  ")' "$LAB_DIRECTORY/$1.result")"
}

# The server answers each line that it gets on port 80.
serve() {
	in_pod "$1" ncat -l -k "$2" --sh-exec 'while read -r line; do echo "web got: $line"; done' 2>/dev/null &
}

# say POD ADDRESS PORT [SOURCE]: one line there and, if it gets through, one line back.
say() {
	in_pod "$1" timeout 1.2 bash -c '
		printf "hello\n" | ncat --no-shutdown ${4:+-s "$4"} -i 1 "$1" "$2" 2>/dev/null | head -n 1' say "$2" "$3" "" "${4:-}"
}

# attempt EXPECTED POD ADDRESS PORT [SOURCE]: make it, and print what became of it, and why.
attempt() {
	local expected=$1 pod=$2 address=$3 port=$4 source=${5:-} answer verdict colour=$GREEN before

	before=$(wc -l <"$LAB_DIRECTORY/denies")
	answer=$(say "$pod" "$address" "$port" "$source")
	sleep 0.1
	verdict=allowed
	if [ -z "$answer" ]; then
		verdict=denied
		colour=$RED
	fi
	printf '  %-6s -> %-18s %s%s%s\n' "$pod" "[$address]:$port${source:+ as $source}" "$colour" "$verdict" "$PLAIN"
	if [ "$verdict" = denied ]; then
		tail -n "+$((before + 1))" "$LAB_DIRECTORY/denies" | grep " tcp " | head -n 1 | sed 's/^/      /'
	else
		lab "$CTL" session list default/web | grep -F "$address" | tail -n 1 | sed 's/^/      /'
	fi
	[ "$verdict" = "$expected" ] || {
		printf '      %sexpected: %s%s\n' "$RED" "$expected" "$PLAIN"
		FAILURES=$((FAILURES + 1))
	}
}

# A connection that says a line twice a second, and notes each answer.
live_connection() {
	in_pod client bash -c '
		for i in $(seq 1 40); do echo "line $i"; sleep 0.25; done |
			ncat --no-shutdown 10.88.0.3 80' >"$LAB_DIRECTORY/live" 2>/dev/null &
}

answers() {
	wc -l <"$LAB_DIRECTORY/live"
}

count_entries() {
	lab bpftool --json map dump pinned "$PINS/maps/$1" | jq length
}

prove_nothing_left() {
	local what left=0 number

	for what in pods interfaces sessions half_open peers services; do
		number=$(count_entries "$what")
		printf '  map %-12s %s entries\n' "$what" "$number"
		left=$((left + number))
	done
	number=$(lab find "$PINS/links" /run/ringfence/attachments /run/ringfence/policies \
		! -type d | wc -l)
	printf '  pinned links, attachment records, policies: %s\n' "$number"
	left=$((left + number))
	number=$(lab tc qdisc show | grep -c clsact)
	printf '  qdiscs: %s\n' "$number"
	number=$((left + number))
	[ "$number" = 0 ] || FAILURES=$((FAILURES + 1))
}

finish() {
	trap - EXIT INT TERM
	lab_stop
}
trap finish EXIT
trap 'exit 130' INT TERM

lab_start || exit 1
POLICY='{"name": "web", "ingress": {"default": "deny", "rules": [
	{"id": 1001, "action": "allow", "peers": ["10.88.0.2", "fd00:88::2"], "protocol": "tcp", "ports": ["80"]}]}}'
conflist pods
conflist web "$POLICY"

title "1. A conflist: bridge, and one more entry"
jq -c '.plugins[]' "$LAB_DIRECTORY/web.conflist" | sed 's/^/  /'

title "2. Three pods; the policy is in force before ADD returns"
if ! add client pods || ! add web web || ! add other pods; then
	exit 1
fi
lab "$CTL" monitor >"$LAB_DIRECTORY/denies" 2>/dev/null &
serve web 80
serve web 8080
# Let duplicate address detection end, and the servers listen.
sleep 2
ctl pod list

title "3. web accepts TCP 80 from client only"
for address in 10.88.0.3 fd00:88::3; do
	attempt allowed client "$address" 80
	attempt denied other "$address" 80
	attempt denied client "$address" 8080
done

title "4. other takes client's address"
in_pod other ip address add 10.88.0.2/32 dev eth0
attempt denied other 10.88.0.3 80 10.88.0.2
in_pod other ip address del 10.88.0.2/32 dev eth0

title "5. The policy changes under a live connection"
live_connection
sleep 1.5
printf '  %s answers so far; now the rule is turned around\n' "$(answers)"
jq -n '{name: "web-closed", selector: {namespace: "default", pod: "web"}, ingress: {default: "deny", rules: [
	{id: 2001, action: "deny", peers: ["10.88.0.0/24"], protocol: "tcp", ports: ["80"]}]}}' >"$LAB_DIRECTORY/closed.json"
jq -n --argjson policy "$POLICY" '$policy + {selector: {namespace: "default", pod: "web"}}' >"$LAB_DIRECTORY/open.json"
ctl policy apply "$LAB_DIRECTORY/closed.json"
sleep 0.3
before=$(answers)
sleep 1.5
if [ "$(answers)" = "$before" ]; then
	printf '  %sthe live connection has stopped%s: %s answers, and no more\n' "$RED" "$PLAIN" "$before"
else
	printf '  expected it to stop\n'
	FAILURES=$((FAILURES + 1))
fi
grep 'rule-deny 2001' "$LAB_DIRECTORY/denies" | tail -n 1 | sed 's/^/      /'
ctl policy apply "$LAB_DIRECTORY/open.json"
attempt allowed client 10.88.0.3 80

title "6. What was counted"
ctl stats default/web

title "7. The pods go; nothing is left"
for pod in other web client; do
	chain DEL "$pod" "$LAB_DIRECTORY/web.conflist" || FAILURES=$((FAILURES + 1))
done
# TCX links are let go of by the kernel shortly after their pins.
sleep 0.2
prove_nothing_left

if [ "$FAILURES" = 0 ]; then
	title "All as it should be."
else
	title "$FAILURES of the above were not as they should be."
	exit 1
fi
