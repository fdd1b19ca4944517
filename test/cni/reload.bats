#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# ringfencectl policy reload: the policies of running pods are made again from configuration and policyDir. Each test has its
# own host.

# shellcheck disable=SC2034,SC2154 # reload.bash
setup() {
	load helpers.bash
	load reload.bash
	warm_host
}

teardown() {
	stop_host
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
	is_cut live
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
	expect line "default/web: would be changed: 10" "${lines[0]}"
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
		"$(jq -r '.policyDirs[0] | "\(.policyDir) \(.podCount) \(.error.msg)"' <<<"$output" | cut -d, -f1)"
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

take_time() { # $spent: seconds of CPU of all processes that have ended
	times >"$BATS_TEST_TMPDIR/times"
	spent=$(awk 'NR == 2 { gsub(/[ms]/, " "); print int(60 * ($1 + $3) + $2 + $4) }' "$BATS_TEST_TMPDIR/times")
}

@test "200 pods under 20 documents are reloaded in seconds, and only those whose documents have changed" {
	local number before

	many 200
	for ((number = 0; number < 10; number++)); do
		rules "1$number" default "p-??$number" "$(allow "1$number" tcp 80)"
		rules "2$number" default "p-?$number?" "$(allow "2$number" tcp 81)"
	done
	take_time
	before=$spent
	reload 0 "200 changed, 0 unchanged, 0 failed"
	reload 0 "0 changed, 200 unchanged, 0 failed"
	rules 13 default "p-??3" "$(allow 13 tcp 82)"
	reload 0 "20 changed, 180 unchanged, 0 failed"
	expect first "default/p-003: changed: 13+20" "${lines[0]}"
	# Sanitized; as it is released, it is 0.2 s each. What others of the machine take does not count.
	take_time
	((spent - before < 20)) || fail "it took $((spent - before)) s of CPU"
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
