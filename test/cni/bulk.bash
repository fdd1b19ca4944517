# SPDX-License-Identifier: Apache-2.0
#
# Bulk data between a pod and the pod `friend` (bulk.c), and the rate at which it arrives.
# shellcheck shell=bash

# The sender's congestion control: the kernel's own default, whatever the machine's is.
CONGESTION=cubic

# measure POD ingress|egress FLOWS SECONDS PORT: prints bits a second, from the first byte on
measure() {
	local sender=friend receiver=$1 measured=$BATS_TEST_TMPDIR/bulk-$5

	[ "$2" = ingress ] || sender=$1 receiver=friend
	in_pod "$receiver" "$TOOLS/bulk" receive "$5" "$4" >"$measured" 3>&- 4>&- &
	within 10 listens "$receiver" tcp "$5"
	in_pod "$sender" "$TOOLS/bulk" send "$(addresses "$receiver" | head -n 1)" "$5" "$3" "$CONGESTION"
	wait $!
	cat "$measured"
}

# keeps_rate PERCENT RATE POD ingress|egress FLOWS SECONDS PORT: what arrives is that near to the rate. The machine may be busy with
# something else, so one of five measurements has to be right.
keeps_rate() {
	local percent=$1 rate=$2 measured=() try

	for try in {1..5}; do
		measured[try]=$(measure "${@:3}")
		echo "$rate bit/s, ${*:3:3} flows: ${measured[try]}"
		((measured[try] * 100 < rate * (100 - percent) || measured[try] * 100 > rate * (100 + percent))) || return 0
	done
	fail "$3, $4, $5 flows: $rate bit/s are asked for, measured: ${measured[*]}"
}
