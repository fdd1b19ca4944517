#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# ringfencectl while pods and policies come and go: what it says of a pod is that pod's, and what has gone is no failure.

setup() {
	load helpers.bash
	warm_host
	SAID=$BATS_TEST_TMPDIR/said
}

teardown() {
	stop_host
}

# stop_ctl PATH WORD...: ringfencectl, until it has opened PATH; what it says is in $SAID
stop_ctl() {
	stopping openat -P "$1"
	lab "${STOPPING[@]}" "$RINGFENCE_DIRECTORY/ringfencectl" "${@:2}" >"$SAID" 2>"$SAID.errors" 3>&- 4>&- &
	STOPPED=$!
	within 30 has_stopped || fail "it does not open $1"
}

# ends STATUS: what was stopped goes on, to its end
ends() {
	local status=0

	go_on
	wait "$STOPPED" || status=$?
	expect "exit status" "$1" "$status" || fail "$(<"$SAID")" "$(<"$SAID.errors")"
}

# document NAME RULES: that selects the pods we?
document() {
	jq -n --arg name "$1" --argjson rules "[$2]" '{$name, selector: {pod: "we?"}, ingress: {$rules}}' >"$BATS_TEST_TMPDIR/$1.json"
}

@test "policy apply: a pod that is being removed is gone, and no failure" {
	local applying

	pod web 2
	pod wet 3
	succeeds ADD web
	succeeds ADD wet
	document open "$(allow 8 tcp 80)"
	# The third lock of a DEL is for the record: the maps do not have the pod any more.
	NUMBER=3 stopping openat -P "$RUN/lock"
	ringfence DEL web "${STOPPING[@]}" < <(config web) >"$SAID" 2>"$SAID.errors" 3>&- 4>&- &
	STOPPED=$!
	within 30 has_stopped || fail "it takes no third lock"
	expect "is it loaded" false "$(ctl pod list --json | jq '.[] | select(.name == "web").loaded')"
	ctl policy apply "$BATS_TEST_TMPDIR/open.json" >"$BATS_TEST_TMPDIR/applied" 2>&1 3>&- 4>&- &
	applying=$!
	sleep 0.5
	ends 0
	wait "$applying" || fail "$(<"$BATS_TEST_TMPDIR/applied")"
	expect output "default/wet: changed" "$(<"$BATS_TEST_TMPDIR/applied")"
}

@test "a policy that goes while policies are listed is no failure, and the one in its place is listed" {
	pod web 2
	pod friend 3
	succeeds ADD friend
	succeeds ADD web "$(policy "$(allow 7 tcp 80)")"
	document open "$(allow 8 tcp 80)"
	for words in "policy list" "rule list"; do
		# shellcheck disable=SC2086 # words
		stop_ctl "$RUN/policies/$(lab ls "$RUN/policies")" $words
		ctl policy apply "$BATS_TEST_TMPDIR/open.json"
		ends 0
		expect "errors of $words" "" "$(<"$SAID.errors")"
		grep -qE "^ *$(record_value web policyId) +open " "$SAID" || fail "$(<"$SAID")"
		document open "$(allow 9 tcp 80)"
	done
}

@test "pod show of a pod that goes meanwhile says so, and nothing of the pod that gets its id" {
	pod web 2
	pod next 3
	succeeds ADD web
	stop_ctl /sys/devices/system/cpu/possible pod show default/web
	succeeds DEL web
	succeeds ADD next
	ends 1
	expect output "" "$(<"$SAID")"
	expect error "ringfencectl: pod default/web has gone meanwhile" "$(<"$SAID.errors")"
}

@test "stats of a pod that goes meanwhile are not those of the pod that gets its id" {
	pod web 2
	pod next 3
	succeeds ADD web
	id=$(record_value web podId)
	# It is read before the first counter is.
	stop_ctl /sys/devices/system/cpu/possible stats default/web --json
	succeeds DEL web
	succeeds ADD next
	expect "id of the next pod" "$id" "$(record_value next podId)"
	in_pod next ping -q -c 1 -W 30 10.88.0.1
	ends 0
	expect "what is said of it" '["default/web",false,[]]' "$(jq -c '.[0] | [.pod, .loaded, .counters]' "$SAID")"
}
