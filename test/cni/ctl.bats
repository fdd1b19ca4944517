#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# ringfencectl on running pods: what it shows is what is so, and what it changes changes traffic.

setup() {
	load helpers.bash
	warm_host
}

teardown() {
	stop_host
}

closed="$(
	load helpers.bash
	policy "$(allow 7 tcp 80 10.88.0.3 fd00:88::3)"
) | .policy.name = \"web\""

# document NAME RULES: a policy document that selects the pod web
document() {
	jq -n --argjson rules "[$2]" '{name: "changed", selector: {namespace: "default", pod: "we?"},
		ingress: {default: "deny", rules: $rules}}' >"$BATS_TEST_TMPDIR/$1.json"
}

web_and_friend() {
	pod web 2
	pod friend 3
	serve web tcp 80
	succeeds ADD web "$closed"
	succeeds ADD friend
}

@test "session list names the rule that allows a flow" {
	web_and_friend
	reaches friend tcp 10.88.0.2 80
	run -0 ctl session list default/web
	[[ $output == *"default/web"*ingress*tcp*10.88.0.3:*" 10.88.0.2:80 "*"rule 7 (web)"* ]]
	[[ $output != *"default/friend"* ]]
}

@test "stats counts by pod, direction and reason, and knows a pod by its container's id" {
	web_and_friend
	reaches friend tcp 10.88.0.2 80
	reaches_not friend tcp 10.88.0.2 81
	[ "$(packets web ingress rule-allow)" = 1 ]
	[ "$(packets web ingress default-deny)" -ge 1 ]
	[ "$(packets web egress session)" -ge 1 ]
	run -0 ctl stats web
	[[ $output == *rule-allow* ]]
	[[ $output != *default/friend* ]]
}

@test "pressure shows each map with what lives in it, and how full that is" {
	web_and_friend
	dial live friend 10.88.0.2 80
	exchange live
	run -0 ctl pressure
	expect lines 12 "${#lines[@]}"
	[[ ${lines[0]} == MAP*USED*MAX*BYTES*PERCENT*LEVEL ]]
	for map in sessions half_open fragments pods interfaces pinholes peers services rule_counters; do
		grep -qE "^$map +[0-9]+ +[0-9]+ +[0-9]+ +0  normal$" <<<"$output"
	done
	# One connection, as each of the two pods sees it, and two pods with two addresses each.
	expect sessions 2 "$(used sessions)"
	expect interfaces 2 "$(used interfaces)"
	expect pods 4 "$(used pods)"
	# A pod that leaves takes its sessions along, also out of the count.
	succeeds DEL web "$closed"
	expect sessions 1 "$(used sessions)"
	expect pods 2 "$(used pods)"
}

used() { # MAP: as pressure shows it
	ctl pressure | awk -v map="$1" '$1 == map { print $2 }'
}

@test "pressure shows what each map takes, which is the kernel's own number where it has one" {
	web_and_friend
	run -0 ctl --json pressure
	# Of a trie, at most: a node for each entry, and one less between them.
	peers=$(map_size peers) services=$(map_size services)
	expect "bytes of tries" "$(((2 * peers - 1) * 96)) $(((2 * services - 1) * 64))" \
		"$(jq -r '[.[] | select(.map == "peers" or .map == "services").bytes] | join(" ")' <<<"$output")"
	jq -e '.[-1].map == "total" and .[-1].bytes == ([.[:-1][].bytes] | add)' <<<"$output"
	lab bpftool -j map show pinned "$PINS/maps/denies" | jq -e '.bytes_memlock > 0' ||
		skip "this kernel has no account of maps (Linux 6.4)"
	for map in sessions half_open fragments pods interfaces pinholes; do
		expect "bytes of $map" "$(lab bpftool -j map show pinned "$PINS/maps/$map" | jq .bytes_memlock)" \
			"$(jq --arg map "$map" '.[] | select(.map == $map).bytes' <<<"$output")"
	done
}

@test "policy apply: a live connection that is no longer allowed stops, a new one is judged anew" {
	web_and_friend
	dial live friend 10.88.0.2 80
	exchange live
	document closed ""
	run -0 ctl policy apply "$BATS_TEST_TMPDIR/closed.json"
	expect output "default/web: changed" "$output"
	is_cut live
	reaches_not friend tcp 10.88.0.2 80
	document open "$(allow 8 tcp 80)"
	ctl policy apply "$BATS_TEST_TMPDIR/open.json"
	reaches friend tcp 10.88.0.2 80
	expect policies 2 "$(lab find "$RUN/policies" -type f | wc -l)"
}

@test "policy apply: a live connection that is still allowed does not notice" {
	web_and_friend
	dial live friend 10.88.0.2 80
	exchange live
	for id in 11 12 13; do
		document open "$(allow $id tcp 80)"
		ctl policy apply "$BATS_TEST_TMPDIR/open.json"
		exchange live
	done
	run -0 ctl session list default/web
	[[ $output == *"rule 13 (changed)"* ]]
}

@test "policy apply: a rule that rejects, logs and marks holds at once" {
	web_and_friend
	reaches friend tcp 10.88.0.2 80
	document mixed '{"id": 21, "action": "reject", "log": true, "protocol": "tcp", "ports": ["80"]},
		{"id": 22, "action": "log", "qos": {"dscp": "EF"}}'
	ctl policy apply "$BATS_TEST_TMPDIR/mixed.json"
	reaches_not friend tcp 10.88.0.2 80
	[ "$(packets web ingress rule-reject)" -ge 1 ]
	serve web tcp 82
	reaches friend tcp 10.88.0.2 82
	run -0 ctl session list default/web
	[[ $output == *" 10.88.0.2:82 "*"rule 22 (changed)"* ]]
}

@test "policy apply: the same document again changes nothing" {
	web_and_friend
	document open "$(allow 8 tcp 80)"
	ctl policy apply "$BATS_TEST_TMPDIR/open.json"
	before=$(snapshot)
	run -0 ctl policy apply "$BATS_TEST_TMPDIR/open.json"
	expect output "default/web: unchanged" "$output"
	unchanged "$before"
}

@test "policy apply: what cannot be swept is no failure, as the pod has changed, and goes with the next sweep" {
	local before

	before=$(snapshot)
	web_and_friend
	document open "$(allow 8 tcp 80)"
	run -0 lab "${STRACE[@]}" -o /dev/null -e inject=unlink,unlinkat:error=EIO \
		"$RINGFENCE_DIRECTORY/ringfencectl" policy apply "$BATS_TEST_TMPDIR/open.json"
	expect output "default/web: changed" "$output"
	expect policies 3 "$(lab find "$RUN/policies" -type f | wc -l)"
	succeeds CHECK web "$closed"
	reaches friend tcp 10.88.0.2 80
	succeeds DEL web "$closed"
	expect policies 1 "$(lab find "$RUN/policies" -type f | wc -l)"
	succeeds DEL friend
	lab ip link del v2
	lab ip link del v3
	unchanged "$before"
}

@test "policy apply: it is done for all pods, also where nobody reads what it prints" {
	local name last_pod=1

	for name in wea broken web; do
		pod "$name" "$((++last_pod))"
		succeeds ADD "$name"
	done
	lab sh -c "echo '{' >'$RUN/attachments/net/broken:eth0.json'"
	document open "$(allow 8 tcp 80)"
	# shellcheck disable=SC2016 # for the shell in the lab
	lab bash -c '
		mkfifo /run/pipe
		exec 9<>/run/pipe 8>/run/pipe 9>&-
		"$0" policy apply "$1" >&8 2>/dev/null
	' "$RINGFENCE_DIRECTORY/ringfencectl" "$BATS_TEST_TMPDIR/open.json" || true
	expect policies "changed changed" "$(ctl pod list --json 2>/dev/null | jq -r '[.[].policy] | join(" ")')"
}

@test "policy apply: a document that is broken, or chooses nobody, changes nothing and says why" {
	web_and_friend
	before=$(snapshot)
	document broken '{"id": 1, "action": "allow", "peers": ["10.0.0.1/8"]}'
	run -1 ctl policy apply "$BATS_TEST_TMPDIR/broken.json"
	[[ $output == *"broken.json: line "*": ingress.rules[0].peers[0]: "* ]]
	echo '{"ingress": ' >"$BATS_TEST_TMPDIR/cut.json"
	run -1 ctl policy apply "$BATS_TEST_TMPDIR/cut.json"
	[[ $output == *cut.json* ]]
	run -1 ctl policy apply "$BATS_TEST_TMPDIR/none.json"
	[[ $output == *"none.json: No such file"* ]]
	echo '{"selector": {"pod": "nobody"}, "ingress": {}}' >"$BATS_TEST_TMPDIR/nobody.json"
	run -1 ctl policy apply "$BATS_TEST_TMPDIR/nobody.json"
	[[ $output == *"chooses none of the running pods"* ]]
	unchanged "$before"
}

@test "a pod that is not there is named, with exit status 1" {
	for command in "stats default/nobody" "session list default/nobody"; do
		# shellcheck disable=SC2086 # words
		run -1 ctl $command
		[[ $output == *"no pod default/nobody"* ]]
	done
}

@test "words that end too early print how they may go on, with exit status 2; help is 0" {
	for command in "" "pod" "pod --json"; do
		# shellcheck disable=SC2086 # words
		run -2 ctl $command
		[[ $output == *"Usage: ringfencectl"* ]]
	done
	for command in "--help" "help" "-h"; do
		run -0 ctl "$command"
		[[ $output == *"policy apply FILE"* ]]
	done
	for command in "policy --help" "help policy"; do
		# shellcheck disable=SC2086 # words
		run -0 ctl $command
		[[ $output == *"policy apply FILE"* && $output != *"pod list "* ]]
	done
	for command in "pressure --help" "help pressure" "--help pressure" "pressure x -h"; do
		# shellcheck disable=SC2086 # words
		run -0 ctl $command
		[[ $output == *"ringfencectl pressure"*--json* ]]
	done
}

@test "wrong words and options are named, with exit status 2" {
	while IFS=: read -r words fault; do
		# shellcheck disable=SC2086 # words
		run -2 ctl $words
		[[ $output == *"ringfencectl: $fault"* ]] || fail "$words: $output"
	done <<-END
		pods:no command pods
		pod shows x:no command pod shows
		monitor 2:"2" is one word too many
		completion bash --json:no option --json
		--json completion zsh:no option --json
		session list --port x:--port "x" is no port
		help pods:no command pods
		policy apply:policy apply needs FILE
		stats a b:"b" is one word too many
		pressure a:"a" is one word too many
		pressure -- --json:"--json" is one word too many
		pressure --jason:no option --jason
		--jason pressure:no option --jason
		pressure --json=yes:no option --json=yes
		pressure -x:no option -x
		session list -xyz:no option -x
		-xyz session list:no option -x
		pressure --js:no option --js
		--js pressure:no option --js
		session list --sor age:no option --sor
		session list --sor=age:no option --sor=age
		session list --sort:option --sort needs a value
	END
}

@test "who has the words wrong is told where the right ones stand" {
	while IFS=: read -r words help; do
		# shellcheck disable=SC2086 # words
		run -2 ctl $words
		[[ $output == *$'\n'"$help"* ]] || fail "$words: $output"
	done <<-END
		pods:  see ringfencectl --help
		--nothing:  see ringfencectl --help
		pod show:  see ringfencectl pod show --help
		pressure x:  see ringfencectl pressure --help
		session list --nothing:  see ringfencectl session list --help
		session flush:  see ringfencectl session flush --help
		explain --from 10.0.0.1:  see ringfencectl explain --help
		stats --direction x:  one of: ingress, egress
	END
	for words in "help pod x" "pod x --help" "help x"; do
		# shellcheck disable=SC2086 # words
		run -2 ctl $words
		[[ $output == "ringfencectl: no command "*x* ]] || fail "$words: $output"
	done
}

@test "what cannot be written is exit status 1: a disk that is full, a stdout that is closed" {
	local words target program=$RINGFENCE_DIRECTORY/ringfencectl document=$BATS_TEST_TMPDIR/open.json

	web_and_friend
	document open "$(allow 8 tcp 80)"
	for words in "pod list" "pod list --json" "pod show default/web" "policy list" "policy show default/web" "policy lint $document" \
		"policy compile $document" "policy apply $document" "policy reload" "rule list" "session list" "session list --count" \
		"session flush --all" "stats" "stats --json" "top --count 1" "pressure" "pinhole list" "settings" "settings audit" \
		"explain --from 10.88.0.3 --to 10.88.0.2:80/tcp" "doctor" "doctor --json" "gc" "gc --json" "version" "version --json" \
		"completion bash" "complete -- p" "--help" "pod --help" "stats --help"; do
		for target in /dev/full "&-"; do
			run -1 lab sh -c "exec '$program' $words >$target"
			[[ $output == *"ringfencectl: write to stdout: "* ]] || fail "$words: $output"
		done
	done
}

@test "nothing that is opened takes the place of a standard stream that is closed" {
	local calls=$BATS_TEST_TMPDIR/calls

	run -1 lab "${STRACE[@]}" -o "$calls" -e trace=openat sh -c "exec '$RINGFENCE_DIRECTORY/ringfencectl' gc <&- >&- 2>&-"
	grep -q "\"$RUN/lock\".* = [0-9]" "$calls"
	run ! grep -E "\"$RUN/.* = [012]$" "$calls"
}

@test "without the rights it says which, and that root has them; version does not say that nothing is loaded" {
	web_and_friend
	lab install -m 0755 "$RINGFENCE_DIRECTORY/ringfencectl" /run/ringfencectl
	powerless=(lab setpriv --reuid 65534 --regid 65534 --clear-groups /run/ringfencectl)
	for words in "pod list" gc "session flush --all"; do
		# shellcheck disable=SC2086 # words
		run -1 "${powerless[@]}" $words
		[[ $output == *"denied"*"run it as root: CAP_SYS_ADMIN and CAP_NET_ADMIN are missing"* ]] || fail "$output"
	done
	run -0 "${powerless[@]}" version
	[[ $output == *"what is loaded is not known: "*"denied"* && $output != *"nothing is loaded"* ]] || fail "$output"
}

@test "a record that cannot be read is told once, with the way to mend it; its pod is not called gone" {
	web_and_friend
	reaches friend tcp 10.88.0.2 80
	file=$RUN/attachments/net/web:eth0.json
	for damage in "truncate -s 0 $file" "echo '{}' >$file" "rm $file; mkdir $file"; do
		lab sh -c "$damage"
		for words in "policy list" "session list" "explain --from 10.88.0.3 --to 10.88.0.2:80/tcp"; do
			# shellcheck disable=SC2086 # words
			run -0 ctl $words
			expect "how often" 1 "$(grep -c "record $file" <<<"$output")"
			[[ $output == *"ringfencectl doctor says how to mend it"* && $output == *"(no record)"* && $output != *"(gone)"* ]] || fail "$output"
		done
		run -1 ctl stats default/web
		[[ $output == *"record $file"*"no pod default/web"* ]] || fail "$output"
	done
}

@test "where the records are gone, what the maps hold is shown all the same" {
	web_and_friend
	lab rm -r "$RUN/attachments"
	run -0 ctl pod list
	expect lines 1 "${#lines[@]}"
	run -0 ctl policy list
	[[ $output == *"(no record)"* ]] || fail "$output"
	run -0 ctl pinhole list
}

@test "what is no record, nor a network's directory, is passed over" {
	web_and_friend
	document open "$(allow 8 tcp 80)"
	lab touch "$RUN/attachments/stray.json" "$RUN/attachments/net/stray.txt"
	run -0 ctl policy apply "$BATS_TEST_TMPDIR/open.json"
	expect output "default/web: changed" "$output"
	run -0 ctl policy reload
	run -0 ctl pod list
	expect lines 3 "${#lines[@]}"
	run -0 ctl gc
}

@test "a policy whose file is gone is told, with what holds and how to have it back" {
	web_and_friend
	lab sh -c "rm $RUN/policies/*/$(record_value web policyId)-*"
	run -1 ctl policy list
	[[ $output == "ringfencectl: policy $(record_value web policyId): its file is gone"*"default/friend"*"1 document could not be read"*"is added again"* ]] || fail "$output"
	run -1 ctl explain --from 10.88.0.3 --to 10.88.0.2:80/tcp
	[[ $output == *"the document of default/web, which could confirm it, cannot be read"*"is added again"* ]] || fail "$output"
	[[ $output != *"DIFFER"* && $output != *"please report"* ]] || fail "$output"
	succeeds ADD web "$closed"
	run -0 ctl policy list
	[[ $output == *" web "*"default/web"* ]] || fail "$output"
}

@test "the name of a pod without namespace is no option" {
	run -1 ctl stats -/nobody --json
	[[ $output == *"no pod -/nobody"* ]]
	run -2 ctl pressure -/nobody
	[[ $output == *'"-/nobody" is one word too many'* ]]
}

@test "--json stands anywhere, and gives what a program can read" {
	for command in "--json pressure" "pressure --json"; do
		# shellcheck disable=SC2086 # words
		run -0 ctl $command
		expect "maps" sessions "$(jq -r '.[] | select(.map == "sessions") | .map' <<<"$output")"
	done
}

@test "where output and errors go to one place, an error comes behind what was printed before it" {
	web_and_friend
	document open "$(jq -c .policy.ingress.rules[0] < <(config web "$closed"))"
	pod broken 5
	succeeds ADD broken
	lab sh -c "echo '{' >'$RUN/attachments/net/broken:eth0.json'"
	run -1 ctl policy apply "$BATS_TEST_TMPDIR/open.json"
	expect "lines of the change, of the whole" "changed kept" \
		"$(grep -oE 'default/web: changed|kept the earlier policy' <<<"$output" | sed 's/.* changed/changed/; s/kept.*/kept/' | xargs)"
}

@test "with nothing loaded it says so, with exit status 3" {
	lab rm -r "$PINS"
	run -3 ctl pod list
	[[ $output == *"nothing is loaded"* ]]
}
