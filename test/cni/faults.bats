#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A sample of `make test-faults`: the plugin, here the sanitized one, fails or is killed at some of its system calls. Which ones
# depends on RINGFENCE_SEED (from the clock); a failure says the command that repeats it.

setup() {
	load helpers.bash
	seed=${RINGFENCE_SEED:-$((EPOCHSECONDS % 1000000))}
	echo "RINGFENCE_SEED=$seed"
}

# sample SCENARIOS: one fault in so many that it takes some seconds
sample() { # SCENARIOS EVERY
	run env "SCENARIO=$1" "EVERY=$2" "SEED=$seed" "RINGFENCE=$RINGFENCE_DIRECTORY/ringfence" "$ROOT/test/faults/run.sh"
	echo "$output"
	[ "$status" = 0 ]
	[[ ${lines[-1]} =~ ^([0-9]+)' passed, 0 failed'$ ]]
	[ "${BASH_REMATCH[1]}" -ge 10 ]
}

@test "ADD that fails or is killed at a system call: never attached without its policy, and nothing is left" {
	sample '^add-(tcx|clsact|shared)$' 80
}

@test "the first ADD that fails or is killed: all of the programs and maps is there, or nothing" {
	sample '^add-first$' 40
}

# Without a map that can be mapped, libbpf takes the constants away when it has loaded them.
@test "the first ADD for which the kernel has no memory while libbpf asks what it can do" {
	export ONLY='^add-first bpf [12][0-9] error=ENOMEM$'
	sample '^add-first$' 1
}

@test "ADD of a pod that is there: it stays protected, and if the call fails, as before" {
	sample '^add-again-' 100
}

@test "DEL that fails or is killed: once more, and nothing is left" {
	sample '^del-' 100
}

@test "CHECK and STATUS change nothing" {
	sample '^(check-|status)' 50
}

@test "GC that fails or is killed: once more, and nothing is left but what is listed" {
	sample '^gc$' 50
}

@test "a policy apply that fails or is killed: the pod is under the old policy or the new one, and the next call leaves nothing else" {
	sample '^apply' 60
}
