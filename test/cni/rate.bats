#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# runtimeConfig.bandwidth, as TCP feels it: what arrives is within 5 % of what is asked for, of four flows at 1 Mbit/s within 12 %,
# of BBR within 15 %.
# Nothing else runs meanwhile:
# bats file_tags=alone

setup() {
	load helpers.bash
	load bulk.bash
	start_host
	pod friend 2
}

teardown() {
	stop_host
}

# limited POD NUMBER DIRECTION RATE: with a burst as runtimes ask for it, whatever the rate
limited() {
	pod "$1" "$2"
	succeeds ADD "$1" ".runtimeConfig.bandwidth = {${3}Rate: $4, ${3}Burst: 2147483647}"
}

@test "1, 10 and 100 Mbit/s, to the pod and from it, of one flow and of four, all at once" {
	local rate direction flows percent number=10

	for rate in 1000000 10000000 100000000; do
		for direction in ingress egress; do
			for flows in 1 4; do
				# Four that share 1 Mbit/s wait longer than the bucket takes to fill (docs/decisions.md).
				percent=5
				[ "$rate:$flows" != 1000000:4 ] || percent=12
				limited "pod$number" "$number" "$direction" "$rate"
				echo keeps_rate "$percent" "$rate" "pod$number" "$direction" "$flows" 10 "$((9000 + number))"
				number=$((number + 1))
			done
		done
	done >"$BATS_TEST_TMPDIR/measurements"
	together <"$BATS_TEST_TMPDIR/measurements"
}

@test "1 Gbit/s, to the pod and from it" {
	limited receiver 10 ingress 1000000000
	limited sender 11 egress 1000000000
	keeps_rate 5 1000000000 receiver ingress 1 10 9000
	keeps_rate 5 1000000000 sender egress 1 10 9001
}

# BBR's pacing may stand still for most of a second after a timeout, though nothing is lost any more (docs/decisions.md).
@test "BBR does not collapse, at 10 Mbit/s and at 1 Gbit/s, to the pod and from it" {
	in_pod friend sysctl -n net.ipv4.tcp_available_congestion_control | grep -qw bbr || skip "this kernel has no BBR"
	local rate number=10
	for rate in 10000000 1000000000; do
		limited "receiver$rate" "$number" ingress "$rate"
		limited "sender$rate" "$((number + 1))" egress "$rate"
		CONGESTION=bbr keeps_rate 15 "$rate" "receiver$rate" ingress 1 5 "$((9000 + number))"
		CONGESTION=bbr keeps_rate 15 "$rate" "sender$rate" egress 1 5 "$((9001 + number))"
		number=$((number + 2))
	done
}

@test "what is beyond the rate is counted as bandwidth, in its direction" {
	limited web 10 egress 10000000
	measure web egress 1 1 9000
	measure web ingress 1 1 9001
	[ "$(packets web egress bandwidth)" -gt 0 ]
	expect "packets beyond the rate to the pod" 0 "$(packets web ingress bandwidth)"
}
