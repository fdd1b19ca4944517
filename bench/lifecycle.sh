#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# ADD and DEL as whole processes, in both attach modes, beside the standard firewall plugin. Rounds are interleaved; medians
# in milliseconds, and ratios to the firewall plugin in the same run. Called by bench/run.sh within a lab.
#
#   lifecycle.sh PLUGIN-DIRECTORY CNI-PLUGINS ROUNDS
set -euo pipefail
RINGFENCE=$1/ringfence
CNI_PLUGINS=$2
ROUNDS=$3
DIRECTORY=$(mktemp -d)
trap 'rm -rf "$DIRECTORY"' EXIT

export CNI_CONTAINERID=bench CNI_IFNAME=eth0 CNI_NETNS=/run/netns/bench CNI_PATH=$CNI_PLUGINS CNI_COMMAND

ip netns add bench
CNI_COMMAND=ADD "$CNI_PLUGINS/bridge" >"$DIRECTORY/result" <<-END
	{"cniVersion": "1.0.0", "name": "bench", "type": "bridge", "bridge": "bench0",
	 "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.89.0.0/24"}], [{"subnet": "fd00:89::/64"}]]}}
END

# subject NAME TYPE [CONFIGURATION]
subject() {
	jq -n --arg type "$2" --argjson own "${3:-null}" --slurpfile result "$DIRECTORY/result" '
		{cniVersion: "1.0.0", name: "bench", type: $type, prevResult: $result[0]} + ($own // {})' >"$DIRECTORY/$1"
}

POLICY='{"ingress": {"default": "deny", "rules": [
	{"id": 1, "action": "allow", "peers": ["10.0.0.0/8", "fd00::/8"], "protocol": "tcp", "ports": ["80", "443"]}]}}'
subject firewall firewall
subject tcx ringfence "{\"attach\": \"tcx\", \"policy\": $POLICY}"
subject clsact ringfence "{\"attach\": \"clsact\", \"policy\": $POLICY}"

# timed VERB SUBJECT: appends the milliseconds to a file of that name.
timed() {
	local verb=$1 name=$2 program=$RINGFENCE from to

	[ "$name" != firewall ] || program=$CNI_PLUGINS/firewall
	CNI_COMMAND=$verb
	from=$EPOCHREALTIME
	"$program" <"$DIRECTORY/$name" >"$DIRECTORY/output" 2>&1 || {
		cat "$DIRECTORY/output" >&2
		exit 1
	}
	to=$EPOCHREALTIME
	echo "$((${to/./} - ${from/./}))" >>"$DIRECTORY/$name.$verb"
}

# What the shell itself takes to start a process and wait for it.
timed_nothing() {
	local from to

	from=$EPOCHREALTIME
	/bin/true
	to=$EPOCHREALTIME
	echo "$((${to/./} - ${from/./}))" >>"$DIRECTORY/nothing.$1"
}

# The first ADD after boot loads programs and maps: it is shown by itself.
first_from=$EPOCHREALTIME
CNI_COMMAND=ADD "$RINGFENCE" <"$DIRECTORY/tcx" >/dev/null
first_to=$EPOCHREALTIME
CNI_COMMAND=DEL "$RINGFENCE" <"$DIRECTORY/tcx"

for ((round = 0; round < ROUNDS; round++)); do
	for verb in ADD DEL; do
		timed_nothing "$verb"
	done
	for name in firewall tcx clsact; do
		timed ADD "$name"
		timed DEL "$name"
		# The kernel lets go of TCX links after their pins, with a lock that the next ADD would wait for.
		sleep 0.1
	done
done

median() {
	sort -n "$1" | awk '{value[NR] = $1} END {print value[int((NR + 1) / 2)] / 1000}'
}

row() {
	local name=$1 text=$2 add del

	add=$(median "$DIRECTORY/$name.ADD")
	del=$(median "$DIRECTORY/$name.DEL")
	awk -v text="$text" -v add="$add" -v del="$del" -v base_add="$(median "$DIRECTORY/firewall.ADD")" \
		-v base_del="$(median "$DIRECTORY/firewall.DEL")" 'BEGIN {
		printf "%-36s %8.2f %8.2f %12.2f %12.2f\n", text, add, del, add / base_add, del / base_del}'
}

printf '%-36s %8s %8s %12s %12s\n' "process" "ADD ms" "DEL ms" "ADD x firew." "DEL x firew."
row nothing "an empty process"
row firewall "firewall plugin"
row tcx "ringfence, TCX"
row clsact "ringfence, clsact"
printf '%-36s %8.2f\n' "ringfence, first ADD after boot" \
	"$(awk -v t="$((${first_to/./} - ${first_from/./}))" 'BEGIN {print t / 1000}')"
