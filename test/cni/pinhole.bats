#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# ringfencectl pinhole: exact flows above all rules, with real packets. Each test has its own host.

setup() {
	load helpers.bash
	load web.bash
	warm_host
}

teardown() {
	stop_host
}

# connects POD ADDRESS PORT FROM [SECONDS]: TCP, from that port, answered by the server
connects() {
	local patience=${5:-30}

	[[ $2 == *:* ]] && set -- "$1" "[$2]" "$3" "$4"
	[ "$(in_pod "$1" socat -t "$patience" -T "$patience" - "TCP:$2:$3,sourceport=$4,reuseaddr,connect-timeout=$patience" <<<ping 2>/dev/null)" = ping ]
}

connects_not() {
	! connects "$@" 1 || fail "$1 connects to $2 $3 from $4"
}

# asks POD ADDRESS PORT FROM: the same with UDP
asks() {
	[[ $2 == *:* ]] && set -- "$1" "[$2]" "$3" "$4"
	[ "$(in_pod "$1" timeout 10 socat -T 0.5 - "UDP:$2:$3,sourceport=$4,reuseaddr" <<<ping 2>/dev/null)" = ping ]
}

# pings POD ADDRESS IDENTIFIER [SECONDS]
pings() {
	in_pod "$1" ping -q -c 1 -W "${4:-30}" -e "$3" "$2" >/dev/null
}

@test "pinhole: a flow that the policy denies passes by its exact addresses and ports alone, each way and family" {
	web_with_friends
	ctl pinhole add default/web in tcp 10.88.0.4:40001 80
	connects stranger 10.88.0.2 80 40001
	connects_not stranger 10.88.0.2 80 40002
	connects_not stranger 10.88.0.2 81 40001
	run ! asks stranger 10.88.0.2 53 40001
	connects_not web 10.88.0.3 80 40003
	ctl pinhole add default/web egress tcp 10.88.0.3:80 40003
	connects web 10.88.0.3 80 40003
	ctl pinhole add default/web in udp '[fd00:88::4]:40004' 53
	within 3 asks stranger fd00:88::2 53 40004
	run ! asks stranger fd00:88::2 53 40005
	ctl pinhole add default/web in tcp '[fd00:88::4]:40006' 81
	connects stranger fd00:88::2 81 40006
	expect "counted in" 3 "$(packets web ingress pinhole-allow)"
	expect "counted out" 1 "$(packets web egress pinhole-allow)"
}

@test "pinhole: pings are by their identifier" {
	in_pod_ping=$(command -v ping) || skip "no ping"
	"$in_pod_ping" -V | grep -q iputils || skip "no ping -e"
	web_with_friends
	run ! pings stranger 10.88.0.2 7 1
	ctl pinhole add default/web in icmp 10.88.0.4:7
	pings stranger 10.88.0.2 7
	run ! pings stranger 10.88.0.2 8 1
	run ! pings web 10.88.0.4 7 1
	ctl pinhole add default/web out icmpv6 fd00:88::4 9
	pings web fd00:88::4 9
	run ! pings web fd00:88::4 10 1
}

# keep POD FROM: a connection to web from that port, which stays; say FROM WORD
keep() {
	mkfifo "$BATS_TEST_TMPDIR/$2"
	in_pod "$1" socat - "TCP:10.88.0.2:80,sourceport=$2" <"$BATS_TEST_TMPDIR/$2" >"$BATS_TEST_TMPDIR/$2.out" 2>/dev/null 3>&- 4>&- &
	exec {kept}>"$BATS_TEST_TMPDIR/$2"
	eval "kept_$2=$kept"
	say "$2" begin
	is_answered "$2" begin
}

say() {
	local fd=kept_$1

	echo "$2" >&"${!fd}"
}

is_answered() {
	within 5 grep -q "$2" "$BATS_TEST_TMPDIR/$1.out"
}

is_not_answered() {
	! SLOWNESS=1 within 2 grep -q "$2" "$BATS_TEST_TMPDIR/$1.out" || fail "$1 is answered"
}

are_listed() { # COUNT
	[ "$(ctl pinhole list --json | jq length)" = "$1" ]
}

@test "pinhole: a live connection ends when its pinhole expires or is deleted" {
	web_with_friends
	ctl pinhole add default/web in tcp 10.88.0.4:40001 80 --for 8
	keep stranger 40001
	ctl pinhole add default/web in tcp 10.88.0.4:40002 80
	keep stranger 40002
	within 10 are_listed 1
	say 40001 late
	say 40002 late
	is_answered 40002 late
	is_not_answered 40001 late
	run -0 ctl explain --from 10.88.0.4:40002 --to 10.88.0.2:80/tcp
	[[ $output == *"which a pinhole allows: it goes on"* ]] || fail "$output"
	expect "by no policy" "[null,true]" "$(ctl explain --from 10.88.0.4:40002 --to 10.88.0.2:80/tcp --json |
		jq -c '.legs[-1].session | [.policyId, .goesOn]')"
	ctl pinhole del default/web in tcp 10.88.0.4:40002 80
	say 40002 later
	is_not_answered 40002 later
	[ "$(packets web ingress default-deny)" -ge 2 ]
	expect "left" '[]' "$(ctl pinhole list --json)"
}

@test "pinhole: --deny ends a live connection that the policy allows, and no other" {
	web_with_friends
	keep friend 40001
	keep friend 40002
	ctl pinhole add default/web in tcp 10.88.0.3:40001 80 --deny --rule 77
	say 40001 late
	say 40002 late
	is_answered 40002 late
	is_not_answered 40001 late
	[ "$(packets web ingress pinhole-deny)" -ge 1 ]
}

@test "pinhole: both ways are two; each address of the peer's family, or the one that is named" {
	pod web 2
	in_pod web ip address add 10.88.0.22/24 dev eth0
	succeeds ADD web '.prevResult.ips += [{interface: 2, address: "10.88.0.22/24"}]'
	ctl pinhole add default/web both udp 10.88.0.4:5000 53
	expect "both ways, two addresses" "egress 10.88.0.2
egress 10.88.0.22
ingress 10.88.0.2
ingress 10.88.0.22" "$(ctl pinhole list --json | jq -r '.[] | "\(.direction) \(.address)"' | sort)"
	ctl pinhole del default/web both udp 10.88.0.4:5000 53
	expect "after del" '[]' "$(ctl pinhole list --json)"
	ctl pinhole add default/web in udp 10.88.0.4:5000 53 --address 10.88.0.22
	expect "one address" 10.88.0.22 "$(ctl pinhole list --json | jq -r '.[].address')"
	ctl_fails 1 "has no address 10.88.0.23" pinhole add default/web in udp 10.88.0.4:5000 53 --address 10.88.0.23
	ctl_fails 2 "not of the peer's family" pinhole add default/web in udp 10.88.0.4:5000 53 --address fd00:88::2
}

@test "pinhole: the list says what there is, of whom and how long; adding again replaces" {
	pod web 2
	pod other 3
	succeeds ADD web
	succeeds ADD other
	ctl pinhole add default/web in tcp 10.88.0.4:40001 80 --for 1h --rule 7
	ctl pinhole add default/other out 47 10.88.0.4 --deny
	ctl pinhole list --json | jq -e 'length == 2'
	ctl pinhole list default/web --json | jq -e 'length == 1 and (.[0] |
		.pod == "default/web" and .direction == "ingress" and .protocol == "tcp" and .peer == "10.88.0.4" and
		.peerPort == 40001 and .address == "10.88.0.2" and .podPort == 80 and .verdict == "allow" and .rule == 7 and
		.expiresInSeconds <= 3600 and .expiresInSeconds > 3500)'
	ctl pinhole list default/other --json | jq -e '.[0] | .protocol == "47" and .verdict == "deny" and .direction == "egress" and
		[.rule, .peerPort, .podPort, .expiresInSeconds] == [null, null, null, null]'
	ctl pinhole list | grep -q '^default/web  *ingress  *tcp  *10.88.0.4  *40001  *10.88.0.2  *80  *allow  *7  *35[0-9][0-9]$'
	ctl pinhole add default/web in tcp 10.88.0.4:40001 80 --deny
	ctl pinhole list default/web --json | jq -e 'length == 1 and .[0].verdict == "deny" and .[0].expiresInSeconds == null'
}

@test "pinhole: what is no exact flow of a running pod is refused, and changes nothing" {
	local before

	pod web 2
	succeeds ADD web
	before=$(snapshot)
	ctl_fails 2 '"up" is none of in (ingress), out (egress) and both' pinhole add default/web up tcp 10.88.0.4:1 80
	ctl_fails 2 "the pod's port is missing" pinhole add default/web in tcp 10.88.0.4:1
	ctl_fails 2 "a pinhole is for one address" pinhole add default/web in tcp 10.88.0.0/24:1 80
	ctl_fails 2 "the echoes of one identifier" pinhole add default/web in icmp 10.88.0.4
	ctl_fails 2 '--for "ever" is no time from 1 to 31536000 seconds' pinhole add default/web in tcp 10.88.0.4:1 80 --for ever
	ctl_fails 2 '--rule "-1" is no number from 0 to 4294967295' pinhole add default/web in tcp 10.88.0.4:1 80 --rule=-1
	ctl_fails 1 "no pod default/none" pinhole add default/none in tcp 10.88.0.4:1 80
	ctl_fails 1 "no such pinhole" pinhole del default/web in tcp 10.88.0.4:1 80
	ctl_fails 1 "no pod default/none" pinhole list default/none
	ctl_fails 2 "needs POD" pinhole add default/web in tcp
	unchanged "$before"
}

start_over_with_maps() { # FILTER
	lab rm -r "$PINS"
	pod web 2
	succeeds ADD web "$1"
}

@test "pinhole: a full map refuses more with its numbers, until some expire" {
	local i

	start_over_with_maps '.maps = {pinholes: 3}'
	for i in 1 2; do
		ctl pinhole add default/web in tcp "10.88.0.4:$i" 80 --for 8
	done
	ctl_fails 1 "map pinholes is too small: 2 of 3 entries are in use, 2 more are needed" pinhole add default/web both tcp 10.88.0.4:3 80
	ctl_fails 1 "maps.pinholes" pinhole add default/web both tcp 10.88.0.4:3 80
	within 10 are_listed 0
	ctl pinhole add default/web both tcp 10.88.0.4:3 80
	expect "entries" 2 "$(map_size pinholes)"
}

@test "pinhole: they go with their pod, and the next one with its address has none" {
	local before

	pod web 2
	pod friend 3
	serve web tcp 80
	before=$(snapshot)
	succeeds ADD web "$WEB_POLICY"
	ctl pinhole add default/web both tcp 10.88.0.3:40001 81
	expect "entries" 2 "$(map_size pinholes)"
	# Another ADD is for the same pod.
	succeeds ADD web "$WEB_POLICY"
	expect "entries after ADD again" 2 "$(map_size pinholes)"
	succeeds DEL web
	unchanged "$before"
	succeeds ADD web "$WEB_POLICY"
	expect "of the next pod" '[]' "$(ctl pinhole list --json)"
}

# many_pinholes COUNT: as many copies of the one that is there, each from a port of its own
many_pinholes() {
	# shellcheck disable=SC2016 # for the shell in the lab
	lab bash -c 'set -o pipefail
		bpftool -j map dump pinned "$0" | jq -r --arg map "$0" --argjson count "$1" ".[0] as {\$key, \$value} | range(\$count) |
			\"map update pinned \(\$map) key \(\$key[:34] | join(\" \")) \(. / 256 | floor) \(. % 256) \" +
			\"\(\$key[36:] | join(\" \")) value \(\$value | join(\" \"))\"" |
			bpftool batch file - >/dev/null' "$PINS/maps/pinholes" "$1"
	expect "entries" "$1" "$(map_size pinholes)"
}

@test "pinhole list: no lock is held while somebody reads what is printed" {
	pod web 2
	succeeds ADD web
	ctl pinhole add default/web in tcp 10.88.0.4:1 80
	many_pinholes 2000
	holds_no_lock_while_printing pinhole list
}
