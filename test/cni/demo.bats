#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The README's first command shows what it says it shows.

setup() {
	load helpers.bash
}

@test "the demo: who may reach whom, a policy that changes, and nothing left" {
	run env RINGFENCE_DIRECTORY="$RINGFENCE_DIRECTORY" timeout -k 10 400 "$ROOT/scripts/demo.sh" </dev/null
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"the live connection has stopped"* ]]
	[[ $output == *"pinned links, attachment records, policies: 0"* ]]
}
