#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# ringfencectl policy reload that is killed, or that meets ADD, DEL and another reload. Each test has its own host.

# shellcheck disable=SC2034,SC2154 # reload.bash
setup() {
	load helpers.bash
	load reload.bash
	warm_host
}

teardown() {
	stop_host
}

@test "a reload that is killed anywhere leaves each pod the old or the new policy, and the next one completes" {
	local calls=(unlink rename openat flock bpf write) call number round=0 killed=0

	three_pods
	for call in "${calls[@]}"; do
		for number in 1 2 3 5 8 13 21; do
			((++round))
			rules 10 default "*" "$(allow "$round" tcp 80), $(allow 1000 udp 53)"
			lab "${STRACE[@]}" -o /dev/null -e "inject=$call:signal=KILL:when=$number" \
				"$RINGFENCE_DIRECTORY/ringfencectl" policy reload >/dev/null 2>&1 || ((++killed))
			for name in web db; do
				judged_by "$name" $((round - 1)) "$round"
			done
			run -0 ctl policy reload
			for name in web db; do
				judged_by "$name" "$round"
				succeeds CHECK "$name" "$own"
			done
			expect policies 1 "$(lab find "$RUN/policies" -type f | wc -l)"
		done
	done
	[ "$killed" -ge 20 ] || fail "only $killed were killed"
	reaches friend tcp 10.88.0.4 80
}

# judged_by POD RULE...: one of these; 0: by none but its own
judged_by() {
	local name=$1 found

	found=$(ctl policy show "$(policy_id "$name")" --json |
		jq '[.ingress.rules[].id | select(. < 1000 and . != 90)] | .[0] // 0')
	for rule in "${@:2}"; do
		[ "$found" != "$rule" ] || return 0
	done
	fail "$name is judged by rule $found, not by one of ${*:2}"
}

@test "ADD, DEL and reload at once: each pod has the policy of what is in the directory at the end" {
	local round

	three_pods
	for round in 1 2 3 4; do
		rules 10 default "*" "$(allow "$round" tcp 80)"
		together <<-END
			added_again web
			ctl policy reload
			deleted_and_added db
			ctl policy reload
		END
		run -0 ctl policy reload --verbose
		[[ $output == *"0 failed"* ]]
		for name in web db; do
			judged_by "$name" "$round"
			succeeds CHECK "$name" "$own"
		done
	done
}

added_again() {
	ringfence ADD "$1" < <(config "$1" "$own") >/dev/null
}

deleted_and_added() {
	ringfence DEL "$1" < <(config "$1" "$own") >/dev/null && added_again "$1"
}

@test "an ADD that has read the documents before they change does not miss the reload" {
	local adding

	three_pods
	rules 10 default "*" "$(allow 1 tcp 80)"
	pod late 9
	# Behind the documents, and before the pod is entered, it opens what is pinned.
	stopping bpf
	call ADD late "${STOPPING[@]}" < <(config late "$own") 3>&- 4>&- &
	adding=$!
	within 30 has_stopped
	lab test ! -e "$RUN/attachments/net/late:eth0.json"
	rules 10 default "*" "$(allow 2 tcp 80)"
	reload 0 "2 changed, 0 unchanged, 0 failed"
	go_on
	wait "$adding"
	succeeds CHECK late "$own"
	judged_by late 2
	reload 0 "0 changed, 3 unchanged, 0 failed"
}

@test "a pod that is added again, with another configuration, while it is reloaded keeps that one" {
	local reloading

	three_pods
	# An attachment's lock comes behind its record and the documents. What is opened last before the first one, of a reload that changes
	# nothing as of one that does:
	lab "${STRACE[@]}" -o "$LAB_DIRECTORY/calls" -P "$RUN/lock" -e trace=openat,fcntl "$RINGFENCE_DIRECTORY/ringfencectl" policy reload
	rules 10 default "*" "$(allow 1 tcp 80)"
	NUMBER=$(awk '/fcntl/ { exit } { count++ } END { print count + 0 }' "$LAB_DIRECTORY/calls") stopping openat -P "$RUN/lock"
	lab "${STOPPING[@]}" "$RINGFENCE_DIRECTORY/ringfencectl" policy reload >"$BATS_TEST_TMPDIR/report" 2>&1 3>&- 4>&- &
	reloading=$!
	within 30 has_stopped
	succeeds ADD web "$(policy "$(allow 91 tcp 91)")"
	succeeds ADD db "$(policy "$(allow 91 tcp 91)")"
	go_on
	wait "$reloading"
	expect report "0 changed, 2 unchanged, 0 failed" "$(tail -n 1 "$BATS_TEST_TMPDIR/report")"
	for name in web db; do
		succeeds CHECK "$name"
		expect rules "1 91" "$(ctl policy show "$(policy_id "$name")" --json |
			jq -r '[.ingress.rules[].id] | sort | join(" ")')"
	done
}

@test "a pod that is removed while it is reloaded is gone, and no failure" {
	local reloading shared record

	three_pods
	rules 10 default "*" "$(allow 1 tcp 80)"
	succeeds ADD web "$(policy "$(allow 91 tcp 91)")"
	shared=$(lab jq -r .policy "$RUN/attachments/net/web:eth0.json")
	# Behind what opens its record for the last time, before the file of its configuration
	record=$RUN/attachments/net/web:eth0.json
	lab "${STRACE[@]}" -o "$LAB_DIRECTORY/calls" -P "$record" -P "$RUN/configured/$shared.json" -e trace=openat \
		"$RINGFENCE_DIRECTORY/ringfencectl" policy reload --dry-run
	NUMBER=$(awk '/configured/ { exit } { count++ } END { print count + 0 }' "$LAB_DIRECTORY/calls") stopping openat -P "$record"
	lab "${STOPPING[@]}" "$RINGFENCE_DIRECTORY/ringfencectl" policy reload >"$BATS_TEST_TMPDIR/reloaded" 2>&1 3>&- 4>&- &
	reloading=$!
	within 30 has_stopped
	succeeds DEL web
	lab test ! -e "$RUN/configured/$shared.json"
	go_on
	wait "$reloading" || fail "$(<"$BATS_TEST_TMPDIR/reloaded")"
	expect sum "1 changed, 0 unchanged, 0 failed" "$(tail -n 1 "$BATS_TEST_TMPDIR/reloaded")"
}
