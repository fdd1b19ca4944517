#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What the first ADD does and the later ones do not; what pods share; and that large policies and maps work.

setup() {
	load helpers.bash
	start_host
}

teardown() {
	stop_host
}

open="$(
	load helpers.bash
	policy "$(allow 1 tcp 80)"
)"

# commands FILE: the commands of bpf(2) in a trace, each once
commands() {
	grep -o 'bpf(BPF_[A-Z_]*' "$1" | sort -u
}

@test "the first ADD loads programs and maps, a later one only opens them" {
	pod one 1
	pod two 2
	call ADD one "${STRACE[@]}" -e trace=bpf -o "$LAB_DIRECTORY/first" < <(config one "$open")
	was_success ADD
	call ADD two "${STRACE[@]}" -e trace=bpf -o "$LAB_DIRECTORY/later" < <(config two "$open")
	was_success ADD
	commands "$LAB_DIRECTORY/first" | grep BPF_PROG_LOAD
	commands "$LAB_DIRECTORY/later" | grep BPF_OBJ_GET
	run commands "$LAB_DIRECTORY/later"
	[[ $output != *BPF_PROG_LOAD* ]]
	[[ $output != *BPF_MAP_CREATE* ]]
	[[ $output != *BPF_BTF_LOAD* ]]
}

@test "pods with equal policies share one, and it goes with the last of them" {
	for number in 1 2 3; do
		pod "pod$number" "$number"
	done
	succeeds ADD pod1 "$open"
	entries=$(map_size services)
	# The order of keys is not the policy.
	succeeds ADD pod2 "$open | .policy.ingress.rules[0] |= (to_entries | reverse | from_entries)"
	expect policies 1 "$(lab find "$RUN/policies" -type f | wc -l)"
	expect services "$entries" "$(map_size services)"
	succeeds ADD pod3 "$open | .policy.name = \"another\""
	expect policies 2 "$(lab find "$RUN/policies" -type f | wc -l)"
	succeeds DEL pod3
	succeeds DEL pod1
	expect policies 1 "$(lab find "$RUN/policies" -type f | wc -l)"
	expect services "$entries" "$(map_size services)"
	succeeds DEL pod2
	expect policies 0 "$(lab find "$RUN/policies" -type f | wc -l)"
	expect services 0 "$(map_size services)"
	expect peers 0 "$(map_size peers)"
}

@test "another size of a map is reported later, and ADD succeeds" {
	pod one 1
	pod two 2
	succeeds ADD one '.maps = {sessions: 5000, peers: 300}'
	succeeds ADD two '.maps = {sessions: 6000, peers: 300}'
	grep 'maps.sessions is 5000 .* not 6000' "$ERR"
	run ! grep maps.peers "$ERR"
}

# rules COUNT: a filter for config(), with a rule a port, each for a /24 of its own of 200
rules() {
	echo ".policy = {ingress: {rules: [range($1) | {
		id: (. + 1), action: (if . % 2 == 0 then \"allow\" else \"deny\" end), protocol: \"tcp\",
		ports: [\"\(1000 + .)\"], peers: [\"10.88.0.0/16\", \"10.\(. % 200).\(. / 200 | floor).0/24\"]}]}}"
}

@test "ten thousand rules are taken, and decide" {
	pod web 2
	pod friend 3
	serve web tcp 1000
	serve web tcp 9999
	serve web tcp 10998
	succeeds ADD web "$(rules 10000)"
	reaches friend tcp 10.88.0.2 1000
	reaches_not friend tcp 10.88.0.2 9999
	reaches friend tcp 10.88.0.2 10998
	[ "$(map_size services)" -ge 10000 ]
	succeeds DEL web
	expect services 0 "$(map_size services)"
	expect peers 0 "$(map_size peers)"
}

@test "a map that is too small for the policy refuses with the numbers, and nothing is left" {
	pod web 2
	pod other 3
	succeeds ADD other '.maps = {services: 500, peers: 100}'
	refuses 103 web "$(rules 1000)" "500"
	says maps.
	refuses 103 web ".policy = {ingress: {rules: [{id: 1, action: \"allow\", peers: [range(200) | \"10.0.\(.).0/24\"]}]}}" \
		"the map holds 100"
}

@test "what other policies hold counts: a map that is full refuses with the numbers, and they stay" {
	pod web 2
	pod other 3
	pod third 4
	serve other tcp 1000
	succeeds ADD other "$(rules 200) | .maps = {services: 500}"
	refuses 103 web "$(rules 201)" "in use"
	says "of 500"
	reaches third tcp 10.88.0.3 1000
}

@test "a session map of a million entries is made, and works" {
	pod web 2
	pod friend 3
	serve web tcp 80
	succeeds ADD web "$open | .maps = {sessions: 1000000}"
	expect entries 1000000 "$(lab bpftool --json map show pinned "$PINS/maps/sessions" | jq .max_entries)"
	reaches friend tcp 10.88.0.2 80
	run -0 ctl session list default/web
	[[ $output == *"10.88.0.2:80"* ]]
	succeeds DEL web
	expect sessions 0 "$(map_size sessions)"
}
