#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# ringfencectl policy reload: the policies of running pods are made again from configuration and policyDir. Each test has its
# own host.

setup() {
	load helpers.bash
	warm_host
}

teardown() {
	stop_host
}

DIRECTORY=/etc/ringfence/policy.d

document() { # NAME [<TEXT]: in the usual directory
	lab sh -c "mkdir -p '$DIRECTORY' && cat >'$DIRECTORY/$1.json'"
}

# rules NAME NAMESPACE POD RULES
rules() {
	document "$1" <<<"{\"selector\": {\"namespace\": \"$2\", \"pod\": \"$3\"}, \"ingress\": {\"rules\": [$4]}}"
}

# What the configuration says where a test does not: TCP 90 only
own="$(
	load helpers.bash
	policy "$(allow 90 tcp 90)"
)"

# pods NAME...: each with a number of its own, added with FILTER, or with $own
pods() {
	local name

	for name; do
		pod "$name" "$((++last_pod))"
		succeeds ADD "$name" "${FILTER:-$own}"
	done
}

# A host with the pods web and db, and friend who is not restricted.
three_pods() {
	last_pod=3
	pod friend 3
	serve_all web db
}

serve_all() {
	pods "$@"
	for name; do
		serve "$name" tcp 80
	done
}

policy_id() { # POD: that it is judged under, by the kernel
	local key word

	key=$(printf '%08x' "$(record_value "$1" podId)")
	word=$(lab "$TOOLS/kernel" maps "$PINS/maps" |
		awk -v key="${key:6:2}${key:4:2}${key:2:2}${key:0:2}" '$1 == "pod_state" && $2 == key { print $3 }')
	# The upper half of the first 64 bits, of which the lowest byte comes first.
	echo $((16#${word:14:2}${word:12:2}${word:10:2}${word:8:2}))
}

reload() { # STATUS LAST-LINE [ARGUMENT...]
	local expected=$1 last=$2

	shift 2
	run "-$expected" ctl policy reload "$@"
	expect "last line of $output" "$last" "${lines[-1]}"
}

@test "a document that is added, changed or removed changes the pods that it is for, and no other" {
	local db

	three_pods
	db=$(policy_id db)
	reaches_not friend tcp 10.88.0.4 80
	rules 10-web default "w*" "$(allow 1 tcp 80)"
	reload 0 "1 changed, 1 unchanged, 0 failed"
	expect line "default/web: changed: 10-web" "${lines[0]}"
	reaches friend tcp 10.88.0.4 80
	reaches_not friend tcp 10.88.0.5 80
	rules 10-web default "w*" "$(allow 1 tcp 81)"
	reload 0 "1 changed, 1 unchanged, 0 failed"
	reaches_not friend tcp 10.88.0.4 80
	rules 10-web default "w*" "$(allow 1 tcp 80)"
	rules 20-web default "web" "$(allow 2 tcp 90)"
	reload 0 "1 changed, 1 unchanged, 0 failed"
	expect line "default/web: changed: 10-web+20-web" "${lines[0]}"
	reaches friend tcp 10.88.0.4 80
	lab rm -r "$DIRECTORY"
	reload 0 "1 changed, 1 unchanged, 0 failed"
	reaches_not friend tcp 10.88.0.4 80
	expect "policy of db" "$db" "$(policy_id db)"
	for name in web db; do
		succeeds CHECK "$name" "$own"
	done
}

@test "a selector that is made wider or narrower is followed" {
	three_pods
	rules 10 default "web" "$(allow 1 tcp 80)"
	reload 0 "1 changed, 1 unchanged, 0 failed"
	rules 10 default "*" "$(allow 1 tcp 80)"
	reload 0 "1 changed, 1 unchanged, 0 failed"
	expect line "default/db: changed: 10" "${lines[0]}"
	reaches friend tcp 10.88.0.5 80
	expect "one policy" "$(policy_id web)" "$(policy_id db)"
	rules 10 default "db" "$(allow 1 tcp 80)"
	reload 0 "1 changed, 1 unchanged, 0 failed"
	reaches_not friend tcp 10.88.0.4 80
	reaches friend tcp 10.88.0.5 80
	rules 10 other "*" "$(allow 1 tcp 80)"
	reload 0 "1 changed, 1 unchanged, 0 failed"
	reaches_not friend tcp 10.88.0.5 80
}

@test "what the configuration said when the pod was added stays a part of its policy" {
	three_pods
	serve web tcp 90
	rules 10 default "*" "$(allow 1 tcp 80)"
	reload 0 "2 changed, 0 unchanged, 0 failed"
	reaches friend tcp 10.88.0.4 90
	# Added with a document in force already, and without a policy.
	pod late 9
	serve late tcp 80
	serve late tcp 82
	succeeds ADD late
	lab rm "$DIRECTORY/10.json"
	reload 0 "3 changed, 0 unchanged, 0 failed"
	reaches friend tcp 10.88.0.9 82
	reaches friend tcp 10.88.0.4 90
	reaches_not friend tcp 10.88.0.4 80
}

@test "a live connection that is still allowed loses nothing, and its session goes on" {
	local before after

	three_pods
	rules 10 default "*" "$(allow 1 tcp 80)"
	reload 0 "2 changed, 0 unchanged, 0 failed"
	dial live friend 10.88.0.4 80
	exchange live
	before=$(packets_of_session)
	for id in 2 3 4; do
		rules 10 default "*" "$(allow "$id" tcp 80)"
		reload 0 "2 changed, 0 unchanged, 0 failed"
		exchange live
	done
	after=$(packets_of_session)
	[ "$after" -gt "$before" ] || fail "the session began anew: $before, then $after packets"
	run -0 ctl session list default/web
	[[ $output == *"rule 4"* ]]
}

packets_of_session() {
	ctl session list default/web --json | jq -e '.[] | select(.to == "10.88.0.4:80") | .packets'
}

@test "a live connection that is no longer allowed stops at its next packet, and new ones follow the new policy" {
	three_pods
	serve web tcp 81
	rules 10 default "*" "$(allow 1 tcp 80)"
	reload 0 "2 changed, 0 unchanged, 0 failed"
	dial live friend 10.88.0.4 80
	exchange live
	rules 10 default "*" "$(allow 1 tcp 81)"
	reload 0 "2 changed, 0 unchanged, 0 failed"
	run ! exchange live
	reaches_not friend tcp 10.88.0.4 80
	reaches friend tcp 10.88.0.4 81
}

@test "a broken document changes nothing for the pods of its directory, and is named once" {
	local before

	three_pods
	lab mkdir -p /etc/other
	FILTER="$own | .policyDir = \"/etc/other\"" pods elsewhere
	rules 10 default "*" "$(allow 1 tcp 80)"
	document 20 <<-'END'
		{"ingress": {
		  "rules": [{"id": 1, "action": "allow", "peers": ["10.88.0.300"]}]}}
	END
	before=$(snapshot)
	reload 1 "0 changed, 1 unchanged, 2 failed"
	expect lines 2 "${#lines[@]}"
	[[ $output == *"2 pods of $DIRECTORY stay as they are: policy document $DIRECTORY/20.json: line 2: ingress.rules[0].peers[0]: \"10.88.0.300\""* ]]
	unchanged "$before"
	lab rm "$DIRECTORY/20.json"
	reload 0 "2 changed, 1 unchanged, 0 failed"
}

@test "a directory that was asked for and is gone is an error, the usual one need not be there" {
	local before

	three_pods
	lab mkdir -p /etc/other
	FILTER="$own | .policyDir = \"/etc/other\"" pods elsewhere
	lab rmdir /etc/other
	before=$(snapshot)
	reload 1 "0 changed, 2 unchanged, 1 failed"
	[[ $output == *"1 pod of /etc/other stays as it is: policyDir: read directory /etc/other: No such file or directory"* ]]
	unchanged "$before"
}

@test "documents that conflict for one pod leave that one as it is, and change the others" {
	three_pods
	rules 10 default "*" "$(allow 1 tcp 80)"
	rules 20 default "web" "$(allow 1 tcp 81)"
	reload 1 "1 changed, 0 unchanged, 1 failed"
	[[ $output == *"default/db: changed: 10"* ]]
	[[ $output == *"default/web: rule id 1 stands for different rules in $DIRECTORY/10.json and in $DIRECTORY/20.json"* ]]
	reaches_not friend tcp 10.88.0.4 80
	reaches friend tcp 10.88.0.5 80
	succeeds CHECK web "$own"
}

@test "what does not fit leaves the policy as it is, with the numbers" {
	local before

	stop_host
	start_host
	last_pod=3
	FILTER="$own | .maps = {peers: 10}" pods web
	rules 10 default "*" '{"id": 1, "action": "allow", "peers": ["10.0.0.1", "10.0.0.3", "10.0.0.5", "10.0.0.7", "10.0.0.9",
		"10.0.0.11", "10.0.0.13"]}'
	before=$(snapshot)
	for option in --dry-run --verbose; do
		reload 1 "0 $([ $option = --verbose ] || echo "would be ")changed, 0 unchanged, 1 failed" $option
		[[ $output == *"default/web: map peers is too small: the policy needs "*" entries, "*" of 10 are in use"* ]]
		unchanged "$before"
	done
	rules 10 default "*" '{"id": 1, "action": "allow", "peers": ["10.0.0.1", "10.0.0.3", "10.0.0.5", "10.0.0.7", "10.0.0.9",
		"10.0.0.11", "10.0.0.13", "10.0.0.15", "10.0.0.17", "10.0.0.19", "10.0.0.21"]}'
	reload 1 "0 would be changed, 0 unchanged, 1 failed" --dry-run
	[[ $output == *"default/web: the policy needs "*" entries in peers, the map holds 10"* ]]
	unchanged "$before"
}

@test "a second reload changes nothing" {
	local before

	three_pods
	rules 10 default "w*" '{"id": 1, "action": "allow", "peers": ["10.2.0.0/16", "10.1.0.0/16"], "protocol": "tcp", "ports": ["90-99", "80"]}'
	reload 0 "1 changed, 1 unchanged, 0 failed"
	before=$(snapshot)
	reload 0 "0 changed, 2 unchanged, 0 failed"
	expect lines 1 "${#lines[@]}"
	reload 0 "0 changed, 2 unchanged, 0 failed" --verbose
	expect line "default/db: unchanged" "${lines[0]}"
	unchanged "$before"
	# Nor does a reload of what ADD has joined itself.
	succeeds ADD web "$own"
	reload 0 "0 changed, 2 unchanged, 0 failed"
}

@test "a dry run says what would change, and changes nothing" {
	local before

	three_pods
	rules 10 default "w*" "$(allow 1 tcp 80)"
	before=$(snapshot)
	reload 0 "1 would be changed, 1 unchanged, 0 failed" --dry-run
	expect line "default/web: changed: 10" "${lines[0]}"
	unchanged "$before"
	reload 0 "1 changed, 1 unchanged, 0 failed"
}

@test "what policy apply has replaced is put back" {
	three_pods
	echo '{"selector": {"pod": "*"}, "ingress": {"default": "allow"}}' >"$BATS_TEST_TMPDIR/open.json"
	ctl policy apply "$BATS_TEST_TMPDIR/open.json"
	reaches friend tcp 10.88.0.4 80
	reload 0 "2 changed, 0 unchanged, 0 failed"
	reaches_not friend tcp 10.88.0.4 80
}

@test "only the pods that are named are reloaded; a name that is nobody's changes nothing" {
	three_pods
	rules 10 default "*" "$(allow 1 tcp 80)"
	run -1 ctl policy reload default/web nobody
	[[ $output == *"no running pod is called nobody"* ]]
	reaches_not friend tcp 10.88.0.4 80
	reload 0 "1 changed, 0 unchanged, 0 failed" default/web
	reaches friend tcp 10.88.0.4 80
	reaches_not friend tcp 10.88.0.5 80
	reload 0 "1 changed, 1 unchanged, 0 failed" db default/web
	reload 0 "0 changed, 1 unchanged, 0 failed" net/web/eth0
	run -1 ctl policy reload net/web/eth1
}

@test "pods are also named by what their containers' ids begin with, as runtimes print it" {
	three_pods
	pod 0123456789abcdef 6
	succeeds ADD 0123456789abcdef
	reload 0 "0 changed, 1 unchanged, 0 failed" 0123456789
	run -1 ctl policy reload 0123456
}

@test "--json names each pod with its result, and each directory" {
	three_pods
	rules 10 default "*" "$(allow 1 tcp 80)"
	rules 20 default "web" "$(allow 1 tcp 81)"
	run -1 --separate-stderr ctl --json policy reload
	expect counts "1 0 1" "$(jq -r '"\(.changed) \(.unchanged) \(.failed)"' <<<"$output")"
	expect pods "default db net db eth0 changed 10 $DIRECTORY
default web net web eth0 failed null $DIRECTORY" \
		"$(jq -r '.pods[] | "\(.namespace) \(.name) \(.network) \(.container) \(.interface) \(.result) \(.policy) \(.policyDir)"' <<<"$output")"
	expect code 7 "$(jq '.pods[1].error.code' <<<"$output")"
	document 30 <<<'{"ingress": 5}'
	run -1 --separate-stderr ctl policy reload --json
	expect directory "$DIRECTORY 2 policy document $DIRECTORY/30.json: line 1: ingress: expected an object" \
		"$(jq -r '.policyDirs[0] | "\(.policyDir) \(.pods) \(.error.msg)"' <<<"$output" | cut -d, -f1)"
	expect results "failed failed" "$(jq -r '[.pods[].result] | join(" ")' <<<"$output")"
}

@test "a pod that an earlier version has added keeps its policy, and must be added again" {
	three_pods
	rules 10 default "*" "$(allow 1 tcp 80)"
	forget_configuration web
	succeeds CHECK web "$own"
	reload 1 "1 changed, 0 unchanged, 1 failed"
	[[ $output == *"default/web: added by an earlier version"*"add the pod again"* ]]
	reaches_not friend tcp 10.88.0.4 80
	succeeds ADD web "$own"
	reaches friend tcp 10.88.0.4 80
	reload 0 "0 changed, 2 unchanged, 0 failed"
}

@test "a pod whose own policy is lost keeps what is in force" {
	three_pods
	rules 10 default "*" "$(allow 1 tcp 80)"
	lab sh -c "rm $RUN/configured/*.json"
	reload 1 "0 changed, 0 unchanged, 2 failed"
	[[ $output == *"default/web: read policy $RUN/configured/"*"No such file"* ]]
	reaches_not friend tcp 10.88.0.4 80
}

@test "pods with equal configurations share one file of it, which goes with the last" {
	local before

	before=$(snapshot)
	three_pods
	expect files 1 "$(lab find "$RUN/configured" -name '*.json' | wc -l)"
	succeeds ADD web "$(policy "$(allow 91 tcp 91)")"
	expect files 2 "$(lab find "$RUN/configured" -name '*.json' | wc -l)"
	succeeds DEL db
	expect files 1 "$(lab find "$RUN/configured" -name '*.json' | wc -l)"
	rules 10 default "*" "$(allow 1 tcp 80)"
	reload 0 "1 changed, 0 unchanged, 0 failed"
	succeeds DEL web
	lab ip link del v3
	lab ip link del v4
	lab ip link del v5
	unchanged "$before"
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
	call ADD late "${STRACE[@]}" -o "$BATS_TEST_TMPDIR/trace" -e trace=bpf -e inject=bpf:delay_enter=3000000:when=1 \
		< <(config late "$own") 3>&- 4>&- &
	adding=$!
	within 10 lab pgrep -x ringfence >/dev/null
	sleep 1
	lab test ! -e "$RUN/attachments/net/late:eth0.json"
	rules 10 default "*" "$(allow 2 tcp 80)"
	reload 0 "2 changed, 0 unchanged, 0 failed"
	wait "$adding"
	succeeds CHECK late "$own"
	judged_by late 2
	reload 0 "0 changed, 3 unchanged, 0 failed"
}

# many COUNT: attachments of one pod, which are called p-001 and so on
# shellcheck disable=SC2016 # the shell in the lab expands it
many() {
	local number

	lab_pod many
	for ((number = 1; number <= $1; number++)); do
		echo "link add m$number type veth peer name e$number netns many"
	done | lab ip -batch -
	lab env CNI_COMMAND=ADD CNI_NETNS=/run/netns/many CNI_PATH=/opt/cni/bin bash -c '
		for ((number = 1; number <= $1; number++)); do
			printf "{\"cniVersion\": \"1.0.0\", \"name\": \"net\", \"type\": \"ringfence\", \"attach\": \"clsact\", \"prevResult\": {
				\"cniVersion\": \"1.0.0\", \"interfaces\": [{\"name\": \"m%d\"}, {\"name\": \"e%d\", \"sandbox\": \"/run/netns/many\"}],
				\"ips\": [{\"interface\": 1, \"address\": \"10.99.0.%d/16\"}]}}" $number $number $number |
				CNI_CONTAINERID=many$number CNI_IFNAME=e$number \
				CNI_ARGS="K8S_POD_NAMESPACE=default;K8S_POD_NAME=$(printf p-%03d $number)" "$2" >/dev/null || exit
		done' many "$1" "$ROOT/build/static/ringfence"
}

@test "200 pods under 20 documents are reloaded in seconds, and only those whose documents have changed" {
	local start number

	many 200
	for ((number = 0; number < 10; number++)); do
		rules "1$number" default "p-??$number" "$(allow "1$number" tcp 80)"
		rules "2$number" default "p-?$number?" "$(allow "2$number" tcp 81)"
	done
	start=${EPOCHREALTIME/[.,]/}
	reload 0 "200 changed, 0 unchanged, 0 failed"
	reload 0 "0 changed, 200 unchanged, 0 failed"
	rules 13 default "p-??3" "$(allow 13 tcp 82)"
	reload 0 "20 changed, 180 unchanged, 0 failed"
	expect first "default/p-003: changed: 13+20" "${lines[0]}"
	# Sanitized, and on a machine that others use; as they are released, it is 0.2 s each.
	((${EPOCHREALTIME/[.,]/} - start < 30000000)) || fail "it took more than 30 s"
}

@test "a pod that is added again, with another configuration, while it is reloaded keeps that one" {
	local reloading

	three_pods
	rules 10 default "*" "$(allow 1 tcp 80)"
	# The first lock of an attachment comes behind its record and the documents.
	lab "${STRACE[@]}" -o /dev/null -e trace=fcntl -e inject=fcntl:delay_enter=3000000:when=1 \
		"$RINGFENCE_DIRECTORY/ringfencectl" policy reload >"$BATS_TEST_TMPDIR/report" 2>&1 3>&- 4>&- &
	reloading=$!
	within 10 lab pgrep -x ringfencectl >/dev/null
	sleep 1
	succeeds ADD web "$(policy "$(allow 91 tcp 91)")"
	succeeds ADD db "$(policy "$(allow 91 tcp 91)")"
	wait "$reloading"
	expect report "0 changed, 2 unchanged, 0 failed" "$(tail -n 1 "$BATS_TEST_TMPDIR/report")"
	for name in web db; do
		succeeds CHECK "$name"
		expect rules "1 91" "$(ctl policy show "$(policy_id "$name")" --json |
			jq -r '[.ingress.rules[].id] | sort | join(" ")')"
	done
}

@test "a pod that is not in force as it was added is a failure, with the reason, and not passed over as gone" {
	three_pods
	rules 10 default "*" "$(allow 1 tcp 80)"
	# shellcheck disable=SC2046 # four bytes
	lab bpftool map delete pinned "$PINS/maps/interfaces" key hex $(printf '%08x' "$(record_value web ifindex)" | sed 's/\(..\)\(..\)\(..\)\(..\)/\4 \3 \2 \1/')
	for option in --dry-run --verbose; do
		reload 1 "1 $([ $option = --verbose ] || echo "would be ")changed, 0 unchanged, 1 failed" $option
		[[ $output == *"default/web: map interfaces does not lead from ifindex"* ]] || fail "$output"
		rules 10 default "*" "$(allow 1 tcp 80)"
	done
}

@test "a pod that is removed while it is reloaded is gone, and no failure" {
	local reloading shared

	three_pods
	rules 10 default "*" "$(allow 1 tcp 80)"
	succeeds ADD web "$(policy "$(allow 91 tcp 91)")"
	shared=$(lab jq -r .policy "$RUN/attachments/net/web:eth0.json")
	lab "${STRACE[@]}" -o /dev/null -P "$RUN/configured/$shared.json" -e trace=openat -e inject=openat:delay_enter=3000000:when=1 \
		"$RINGFENCE_DIRECTORY/ringfencectl" policy reload >"$BATS_TEST_TMPDIR/reloaded" 2>&1 3>&- 4>&- &
	reloading=$!
	within 10 lab pgrep -x ringfencectl >/dev/null
	sleep 1
	succeeds DEL web
	lab test ! -e "$RUN/configured/$shared.json"
	wait "$reloading" || fail "$(<"$BATS_TEST_TMPDIR/reloaded")"
	expect sum "1 changed, 0 unchanged, 0 failed" "$(tail -n 1 "$BATS_TEST_TMPDIR/reloaded")"
}
