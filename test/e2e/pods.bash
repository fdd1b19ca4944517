# SPDX-License-Identifier: Apache-2.0
#
# What containerd.bats and containerd2.bats show. The policy of each network lets the pod `allowed` reach TCP 8080 and 9000
# and UDP 9000 of every pod, and nobody else anything.
# Each test starts its pods, on the network by whose name its title begins, and removes them.
# shellcheck shell=bash disable=SC2119,SC2154 # what bats' run sets; functions whose arguments may be left out

# shellcheck source=test/e2e/helpers.bash
. "$BATS_TEST_DIRNAME/helpers.bash"

setup_file() {
	LACKING=$(lacking)
	export LACKING
	[ -z "$LACKING" ] || return 0
	prepare_host
	start_host
}

teardown_file() {
	if [ -n "${SUPERVISOR:-}" ]; then
		stop_host
	fi
}

setup() {
	[ -z "$LACKING" ] || skip "$LACKING"
	ATTACH=${BATS_TEST_DESCRIPTION%%:*}
	case $ATTACH in
	tcx) NETWORK=1 ;;
	clsact) NETWORK=2 ;;
	esac
	start_pods "$ATTACH" allowed denied server >"$BATS_TEST_TMPDIR/pods.json"
	SERVER_ADDRESSES=("10.86.$NETWORK.$SERVER" "fd00:86:$NETWORK::$SERVER")
	expect "addresses of the server" "${SERVER_ADDRESSES[*]}" \
		"$(jq -r '.server.addresses | join(" ")' "$BATS_TEST_TMPDIR/pods.json")"
	within 10 serves server
}

teardown() {
	[ -z "$LACKING" ] || return 0
	if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
		complaints >&2
	fi
	stop_pods
}

page_is_fetched() {
	local address

	for address in "${SERVER_ADDRESSES[@]}"; do
		run in_pod allowed sh -c "printf 'GET /page HTTP/1.0\r\n\r\n' | nc -w 60 $address 8080"
		expect "status of the fetch from $address" 0 "$status"
		expect "page from $address" "a page of the server" "${lines[-1]}"
	done
}

denied_connections_time_out() {
	local address

	for address in "${SERVER_ADDRESSES[@]}"; do
		run in_pod denied transfer tcp-connect "$address" 8080 1000
		expect "denied pod to $address" "timed out" "$output"
	done
}

unnamed_port_is_closed() {
	local address

	for address in "${SERVER_ADDRESSES[@]}"; do
		run in_pod server transfer tcp-connect "$address" 8081 10000
		expect "server itself to $address 8081" connected "$output"
		run in_pod allowed transfer tcp-connect "$address" 8081 1000
		expect "allowed pod to $address 8081" "timed out" "$output"
	done
}

server_opens_nothing() {
	run in_pod server transfer tcp-connect "10.86.$NETWORK.$ALLOWED" 8080 1000
	expect "server to the allowed pod" "timed out" "$output"
	run in_pod server transfer tcp-connect "fd00:86:$NETWORK::$ALLOWED" 8080 1000
	expect "server to the allowed pod" "timed out" "$output"
}

# payload_arrives PROTOCOL
payload_arrives() {
	local address

	for address in "${SERVER_ADDRESSES[@]}"; do
		in_pod server sh -c "transfer $1-receive 9000 | sha256sum" >"$BATS_TEST_TMPDIR/received" 3>&- &
		in_pod allowed sh -c "exec transfer $1-send $address 9000 </payload"
		wait "$!"
		expect "checksum over $1 to $address" "$(<"$DIR/payload.sha256")  -" \
			"$(<"$BATS_TEST_TMPDIR/received")"
	done
}

denied_datagrams_do_not_arrive() {
	local address

	for address in "${SERVER_ADDRESSES[@]}"; do
		in_pod server transfer udp-receive 9000 >"$BATS_TEST_TMPDIR/received" 3>&- &
		run in_pod denied sh -c "echo denied | transfer udp-send $address 9000 1500"
		expect "denied pod to $address" "send: timed out" "$output"
		in_pod allowed sh -c "echo allowed | transfer udp-send $address 9000"
		wait "$!"
		expect "what arrived at $address" allowed "$(<"$BATS_TEST_TMPDIR/received")"
	done
}

# sees_denials EVENTS PORT ADDRESS: the monitor is at work when it prints what is denied now
sees_denials() {
	in_pod denied transfer tcp-connect "$3" "$2" 100 || true
	grep -q ":$2: default-deny" "$1"
}

are_reported() { # EVENTS: of the service, by both addresses
	local address

	for address in "${SERVER_ADDRESSES[@]}"; do
		grep -qE "> \[?$address\]?:8080: default-deny" "$1" || return
	done
}

denials_are_counted_and_reported() {
	local events=$BATS_TEST_TMPDIR/events before address peer

	start_monitor "$events" 3>&-
	within 10 sees_denials "$events" 8081 "${SERVER_ADDRESSES[0]}"
	before=$(packets e2e/server ingress default-deny)
	page_is_fetched
	denied_connections_time_out
	within 10 are_reported "$events"
	stop_monitor

	expect "connections counted as allowed" 2 "$(packets e2e/server ingress rule-allow)"
	[ "$(packets e2e/server ingress default-deny)" -ge $((before + 2)) ] ||
		fail "denied connections are not counted" "$(ctl stats e2e/server)"
	for address in "${SERVER_ADDRESSES[@]}"; do
		peer=${address%"$SERVER"}$DENIED
		grep -E "deny e2e/server ingress tcp \[?$peer\]?:[0-9]+ > \[?$address\]?:8080: default-deny" \
			"$events" || fail "no event of $peer to $address" "$(<"$events")"
	done
	for address in "${SERVER_ADDRESSES[@]}"; do
		peer=${address%"$SERVER"}$ALLOWED
		if grep -E "ingress tcp \[?$peer\]?:" "$events"; then
			fail "what was allowed is reported as denied"
		fi
	done
}

nothing_is_left_of_pods() {
	local map

	page_is_fetched
	denied_connections_time_out
	expect "veths with pods" 3 "$(veths | wc -l)"
	expect "records with pods" 3 "$(files_below /run/ringfence/attachments | wc -l)"
	expect "addresses with pods" 6 "$(entries pods)"
	expect "pod states with pods" 3 "$(pod_states)"
	for map in interfaces half_open peers services; do
		[ "$(entries "$map")" -gt 0 ] || fail "no entry of $map with pods"
	done
	case $ATTACH in
	tcx) expect "link pins with pods" 6 "$(files_below "$PINS/links" | wc -l)" ;;
	clsact) expect "clsact qdiscs with pods" 3 "$(traffic_control | grep -c 'qdisc clsact')" ;;
	esac

	stop_pods
	nothing_is_left
}

refused_policy_starts_no_pod() {
	run start_pods "$ATTACH-refused" refused
	[ "$status" -ne 0 ] || fail "the pod was started"
	[[ $output == *'policy.ingress.rules[0].peers[0]'* ]] || fail "the place is not named: $output"
	expect "veths, those of the other pods" 3 "$(veths | wc -l)"
	expect "records, those of the other pods" 3 "$(files_below /run/ringfence/attachments | wc -l)"
	expect "addresses, those of the other pods" 6 "$(entries pods)"
}
