#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A policy of 10,000 rules as whole processes: `ringfencectl policy apply` of it, of the same again, and with one rule
# changed; ADD, CHECK and DEL of a pod with it. The baseline is jq, which reads the same document in the same run. Rounds
# are interleaved; medians in milliseconds. Called by bench/run.sh within a lab.
#
#   policy.sh PLUGIN-DIRECTORY CNI-PLUGINS ROUNDS
set -euo pipefail
RINGFENCE=$1/ringfence
RINGFENCECTL=$1/ringfencectl
CNI_PLUGINS=$2
ROUNDS=$3
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/pins.sh
. "$HERE/../scripts/pins.sh"
DIRECTORY=$(mktemp -d)
trap 'rm -rf "$DIRECTORY"' EXIT

export CNI_CONTAINERID=policy CNI_IFNAME=eth0 CNI_NETNS=/run/netns/policy CNI_PATH=$CNI_PLUGINS CNI_COMMAND

# rules NUMBER: as many, half of them for each direction, with 1,000 prefixes of both families of which most lie within
# another; each has a port or a range, a protocol, an action and a priority that others have too.
rules() {
	jq -n --argjson number "$1" '
		def prefix: if . < 840 then (. / 21 | floor) as $outer | (. % 21) as $inner |
				if $inner == 0 then "10.\($outer).0.0/16" else "10.\($outer).\($inner).0/24" end
			else (. - 840) as $rest | ($rest / 20 | floor) as $outer | ($rest % 20) as $inner |
				if $inner == 0 then "fd00:\($outer + 1)::/32" else "fd00:\($outer + 1):\($inner)::/48" end end;
		def rule: {id: (. + 1), action: ["allow", "deny", "allow", "log", "reject"][. * 7 % 5],
			priority: (1 + . * 7919 % 2000), peers: [. / 2 % 1000 | floor | prefix],
			protocol: ["tcp", "udp", "tcp"][. % 3], log: false,
			ports: [(1 + . * 104729 % 60000) as $port |
				if . % 4 == 0 then "\($port)-\($port + [7, 15, 99][. % 3])" else "\($port)" end]};
		{name: "large",
		 ingress: {default: "deny", rules: [range(0; $number; 2) | rule]},
		 egress: {default: "deny", rules: [range(1; $number; 2) | rule]}}'
}

rules 10000 >"$DIRECTORY/large.json"
jq '.ingress.rules[2500] |= (.action = if .action == "deny" then "reject" else "deny" end)' \
	"$DIRECTORY/large.json" >"$DIRECTORY/changed.json"
rules 1 >"$DIRECTORY/small.json"

ip netns add policy
CNI_COMMAND=ADD "$CNI_PLUGINS/bridge" >"$DIRECTORY/result" <<-END
	{"cniVersion": "1.0.0", "name": "policy", "type": "bridge", "bridge": "bench1",
	 "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.88.0.0/24"}], [{"subnet": "fd00:88::/64"}]]}}
END
for name in small large; do
	jq -n --slurpfile result "$DIRECTORY/result" --slurpfile policy "$DIRECTORY/$name.json" '
		{cniVersion: "1.0.0", name: "policy", type: "ringfence", attach: "clsact", prevResult: $result[0],
		 policy: $policy[0]}' >"$DIRECTORY/$name.conf"
done

# timed ROW COMMAND...: appends the microseconds to a file of that name.
timed() {
	local row=$1 from to

	shift
	from=$EPOCHREALTIME
	"$@" >"$DIRECTORY/output" 2>&1 || {
		cat "$DIRECTORY/output" >&2
		exit 1
	}
	to=$EPOCHREALTIME
	echo "$((${to/./} - ${from/./}))" >>"$DIRECTORY/$row.times"
}

apply() {
	timed "$1" "$RINGFENCECTL" policy apply "$DIRECTORY/$2.json"
}

call() {
	CNI_COMMAND=$1
	timed "$1" "$RINGFENCE" <"$DIRECTORY/large.conf"
}

entries() {
	bpftool --json map dump pinned "$PINS/maps/$1" | jq length
}

bytes() {
	bpftool --json map show pinned "$PINS/maps/$1" | jq .bytes_memlock
}

CNI_COMMAND=ADD "$RINGFENCE" <"$DIRECTORY/small.conf" >/dev/null
for ((round = 0; round < ROUNDS; round++)); do
	timed baseline jq empty "$DIRECTORY/large.json"
	apply small small
	apply large large
	apply unchanged large
	apply changed changed
done
services=$(entries services)
peers=$(entries peers)
memory=$(($(bytes services) + $(bytes peers)))
file=$(du -ck /run/ringfence/policies/*/* | awk 'END {print $1}')
CNI_COMMAND=DEL "$RINGFENCE" <"$DIRECTORY/small.conf"
for ((round = 0; round < ROUNDS; round++)); do
	for verb in ADD CHECK DEL; do
		call "$verb"
	done
done

row() {
	sort -n "$DIRECTORY/$1.times" | awk -v text="$2" -v base="$(sort -n "$DIRECTORY/baseline.times" |
		awk '{value[NR] = $1} END {print value[int((NR + 1) / 2)]}')" '
		{value[NR] = $1}
		END {median = value[int((NR + 1) / 2)]; printf "%-36s %8.1f %8.2f\n", text, median / 1000, median / base}'
}

printf '%-36s %8s %8s\n' "policy of 10,000 rules" "ms" "x jq"
row baseline "jq reads the document"
row small "apply instead of it: 1 rule"
row large "apply"
row unchanged "apply, unchanged"
row changed "apply, one rule changed"
row ADD "ADD with it"
row CHECK "CHECK"
row DEL "DEL"
printf '%-36s %8d entries of services, %d of peers\n' "what it takes" "$services" "$peers"
printf '%-36s %8.1f MiB in the maps, %.1f MiB of file\n' "" "$(awk -v b="$memory" 'BEGIN {print b / 1048576}')" \
	"$(awk -v k="$file" 'BEGIN {print k / 1024}')"
