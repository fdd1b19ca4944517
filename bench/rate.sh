#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What TCP delivers to and from a pod whose bandwidth is limited, beside the standard bandwidth plugin (a token bucket filter with a
# queue). One flow of cubic, 10 seconds from the first byte on, medians of three, in per cent of the rate that is asked for. Called by
# bench/run.sh within a lab.
#
#   rate.sh PLUGIN-DIRECTORY CNI-PLUGINS BULK
set -euo pipefail
RINGFENCE=$1/ringfence
CNI_PLUGINS=$2
BULK=$3
ROUNDS=3
DIRECTORY=$(mktemp -d)
trap 'rm -rf "$DIRECTORY"' EXIT

# invoke PROGRAM VERB POD <CONFIGURATION
invoke() {
	CNI_COMMAND=$2 CNI_CONTAINERID=$3 CNI_NETNS=/run/netns/$3 CNI_IFNAME=eth0 CNI_PATH=$CNI_PLUGINS "$1"
}

# pod NAME: behind a bridge; its result is kept.
pod() {
	ip netns add "$1"
	invoke "$CNI_PLUGINS/bridge" ADD "$1" >"$DIRECTORY/$1" <<-END
		{"cniVersion": "1.0.0", "name": "rate", "type": "bridge", "bridge": "rate0", "isGateway": true,
		 "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.90.0.0/24"}]]}}
	END
}

# limit POD PROGRAM RATE: both ways, with a burst that the standard plugin takes for any rate: of 100 ms, and a super-packet
limit() {
	jq --argjson rate "$3" '{
		cniVersion: "1.0.0", name: "rate", type: "any", prevResult: ., runtimeConfig: {bandwidth: (
			($rate / 10 + 524288 | floor) as $burst |
			{ingressRate: $rate, ingressBurst: $burst, egressRate: $rate, egressBurst: $burst})}}' "$DIRECTORY/$1" |
		invoke "$2" ADD "$1" >"$DIRECTORY/$1.limited" || {
		cat "$DIRECTORY/$1.limited" >&2
		exit 1
	}
}

address() {
	jq -r '.ips[0].address | sub("/.*"; "")' "$DIRECTORY/$1"
}

# measure SENDER RECEIVER PORT FILE: appends the bits a second
measure() {
	ip netns exec "$2" "$BULK" receive "$3" 10 >>"$4" &
	# shellcheck disable=SC2016 # for that shell
	timeout 10 ip netns exec "$2" bash -c 'until ss -Hltn "sport = :$0" | grep -q .; do sleep 0.05; done' "$3"
	ip netns exec "$1" "$BULK" send "$(address "$2")" "$3" 1 cubic
	wait $!
}

# both_ways POD PORT: one after the other
both_ways() {
	measure peer "$1" "$2" "$DIRECTORY/$1.ingress"
	measure "$1" peer "$2" "$DIRECTORY/$1.egress"
}

percent() { # FILE RATE
	sort -n "$1" | sed -n "$((ROUNDS / 2 + 1))p" | jq --argjson rate "$2" '. * 1000 / $rate | round / 10'
}

RATES=(1000000 10000000 100000000 1000000000)
pod peer
for rate in "${RATES[@]}"; do
	for name in ringfence bandwidth; do
		pod "$name$rate"
	done
	limit "ringfence$rate" "$RINGFENCE" "$rate"
	limit "bandwidth$rate" "$CNI_PLUGINS/bandwidth" "$rate"
done
for ((round = 0; round < ROUNDS; round++)); do
	port=8000 measurements=()
	for rate in "${RATES[@]}"; do
		for name in ringfence bandwidth; do
			port=$((port + 1))
			# What needs the whole machine has it.
			if [ "$rate" -gt 100000000 ]; then
				wait "${measurements[@]}"
				both_ways "$name$rate" "$port"
			else
				both_ways "$name$rate" "$port" &
				measurements+=($!)
			fi
		done
	done
done

printf '%-16s %14s %14s %14s %14s\n' "rate, % arrives" "ringfence: to" "from the pod" "plugin: to" "from the pod"
for rate in "${RATES[@]}"; do
	printf '%-16s' "$((rate / 1000000)) Mbit/s"
	for name in ringfence bandwidth; do
		for direction in ingress egress; do
			printf ' %14s' "$(percent "$DIRECTORY/$name$rate.$direction" "$rate")"
		done
	done
	echo
done
