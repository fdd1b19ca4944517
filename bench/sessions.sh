#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What ringfencectl takes with a million sessions, as whole processes: each filter of `session list`, the largest ten, what
# a flush would delete, and a look of `top --flows`. The baseline only reads the maps, in the same run. Rounds are
# interleaved; the least of all rounds, in milliseconds that passed and those of the processor, of which the ratio is. Called
# by bench/run.sh within a lab.
#
#   sessions.sh PLUGIN-DIRECTORY CNI-PLUGINS TOOLS ROUNDS
set -euo pipefail
RINGFENCE=$1/ringfence
RINGFENCECTL=$1/ringfencectl
CNI_PLUGINS=$2
BATCH=$3/bench/batch
FILL=$3/test/cni/fill
ROUNDS=$4
COUNT=1000000
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/pins.sh
. "$HERE/../scripts/pins.sh"
DIRECTORY=$(mktemp -d)
trap 'rm -rf "$DIRECTORY"' EXIT

export CNI_CONTAINERID=sessions CNI_IFNAME=eth0 CNI_NETNS=/run/netns/sessions CNI_PATH=$CNI_PLUGINS CNI_COMMAND=ADD

# Maps have the sizes of the first load.
rm -rf "$PINS"
ip netns add sessions
"$CNI_PLUGINS/bridge" >"$DIRECTORY/result" <<-END
	{"cniVersion": "1.0.0", "name": "sessions", "type": "bridge", "bridge": "bench2", "isGateway": true,
	 "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.91.0.0/24"}]]}}
END
jq -n --slurpfile result "$DIRECTORY/result" '
	{cniVersion: "1.0.0", name: "sessions", type: "ringfence", prevResult: $result[0], maps: {sessions: 1200000}}' \
	>"$DIRECTORY/configuration"
"$RINGFENCE" <"$DIRECTORY/configuration" >/dev/null
address=$(jq -r '.ips[0].address | sub("/.*"; "")' "$DIRECTORY/result")

# An established connection, of which the others are copies.
ip netns exec sessions timeout 600 socat TCP-LISTEN:80 PIPE &
# shellcheck disable=SC2016 # for that shell
timeout 10 ip netns exec sessions bash -c 'until ss -Hltn "sport = :80" | grep -q .; do sleep 0.05; done'
exec {connection}<>"/dev/tcp/$address/80"
echo hello >&"$connection"
read -r -t 5 _ <&"$connection"
"$FILL" "$PINS/maps" "$COUNT"

# timed ROW COMMAND...: appends the milliseconds that passed, and those of the processor, to a file of that name.
timed() {
	local row=$1 TIMEFORMAT='%R %U %S'

	shift
	{ time "$@" >"$DIRECTORY/output" 2>"$DIRECTORY/errors"; } 2>"$DIRECTORY/time" || {
		cat "$DIRECTORY/errors" >&2
		exit 1
	}
	awk '{print $1 * 1000, ($2 + $3) * 1000}' "$DIRECTORY/time" >>"$DIRECTORY/$row.times"
}

declare -A COMMANDS=(
	[count]="session list --count"
	[pod]="session list sessions --count"
	[peer]="session list --peer 172.16.3.0/29"
	[port]="session list --port 1-79 --count"
	[protocol]="session list --protocol udp --count"
	[rule]="session list --rule 7 --count"
	[direction]="session list --direction egress --count"
	[state]="session list --state time-wait,closed --count"
	[verdict]="session list --verdict audit --count"
	[idle]="session list --idle 1h --count"
	[age]="session list --age 1h --count"
	[largest]="session list --sort bytes --limit 10"
	[flush]="session flush --peer 172.16.0.0/12 --dry-run"
	[show]="session show 172.16.3.1:443 $address"
)
ORDER=(count pod peer port protocol rule direction state verdict idle age largest flush show)

for ((round = 0; round < ROUNDS; round++)); do
	timed baseline "$BATCH" "$PINS/maps"
	for row in "${ORDER[@]}"; do
		# shellcheck disable=SC2086 # words
		timed "$row" "$RINGFENCECTL" ${COMMANDS[$row]}
	done
	timed one "$RINGFENCECTL" top --flows --count 1
	timed three "$RINGFENCECTL" top --flows --count 3
done
read -r count < <("$BATCH" "$PINS/maps")

least() { # FILE COLUMN
	sort -g -k "$2,$2" "$DIRECTORY/$1.times" | awk -v column="$2" 'NR == 1 {print $column}'
}

base=$(least baseline 2)
row() {
	awk -v text="$2" -v wall="$(least "$1" 1)" -v cpu="$(least "$1" 2)" -v base="$base" 'BEGIN {
		printf "%-44s %8.0f %8.0f %8.2f\n", text, wall, cpu, cpu / base}'
}

printf '%-44s %8s %8s %8s\n' "$count sessions" "ms" "CPU ms" "x read"
row baseline "all are read, and nothing done with them"
for row in "${ORDER[@]}"; do
	row "$row" "${COMMANDS[$row]}"
done
awk -v one="$(least one 2)" -v three="$(least three 2)" -v base="$base" 'BEGIN {
	printf "%-44s %8s %8.0f %8.2f\n", "a look of top --flows", "-", (three - one) / 2, (three - one) / 2 / base}'
exec {connection}>&-
CNI_COMMAND=DEL "$RINGFENCE" <"$DIRECTORY/configuration"
rm -rf "$PINS"
