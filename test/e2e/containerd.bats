#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Pods of a real containerd, whose conflist is bridge, host-local and ringfence: the policy of the network lets
# the pod `allowed` reach TCP 8080 and 9000 and UDP 9000 of every pod, and nobody else anything.
# Each behaviour is asked for with both ways to attach; each test starts its pods and removes them.

setup_file() {
	load helpers.bash
	LACKING=$(lacking)
	export LACKING
	[ -z "$LACKING" ] || return 0
	prepare_host
	start_host
}

teardown_file() {
	load helpers.bash
	if [ -n "${SUPERVISOR:-}" ]; then
		stop_host
	fi
}

setup() {
	[ -z "$LACKING" ] || skip "$LACKING"
	load helpers.bash
	ATTACH=${BATS_TEST_DESCRIPTION%%:*}
	case $ATTACH in
	tcx) NETWORK=1 ;;
	clsact) NETWORK=2 ;;
	esac
	start_pods "$ATTACH" allowed denied server >"$BATS_TEST_TMPDIR/pods.json"
	SERVER_ADDRESSES=("10.86.$NETWORK.$SERVER" "fd00:86:$NETWORK::$SERVER")
	expect "addresses of the server" "${SERVER_ADDRESSES[*]}" \
		"$(jq -r '.server.addresses | join(" ")' "$BATS_TEST_TMPDIR/pods.json")"
}

teardown() {
	[ -z "$LACKING" ] || return 0
	load helpers.bash
	if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
		complaints >&2
	fi
	stop_pods
}

page_is_fetched() {
	local address

	for address in "${SERVER_ADDRESSES[@]}"; do
		run in_pod allowed sh -c "printf 'GET /page HTTP/1.0\r\n\r\n' | nc -w 3 $address 8080"
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
		run in_pod server transfer tcp-connect "$address" 8081 1000
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

denials_are_counted_and_reported() {
	local events=$BATS_TEST_TMPDIR/events before address peer

	before=$(packets e2e/server ingress default-deny)
	start_monitor "$events" 3>&-
	page_is_fetched
	denied_connections_time_out
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

nothing_is_left() {
	local map

	page_is_fetched
	denied_connections_time_out
	expect "veths with pods" 3 "$(veths | wc -l)"
	expect "records with pods" 3 "$(files_below /run/ringfence/attachments | wc -l)"
	expect "addresses with pods" 6 "$(entries pods)"
	expect "pod states with pods" 3 "$(pod_states)"
	for map in interfaces sessions peers services; do
		[ "$(entries "$map")" -gt 0 ] || fail "no entry of $map with pods"
	done
	case $ATTACH in
	tcx) expect "link pins with pods" 6 "$(files_below "$PINS/links" | wc -l)" ;;
	clsact) expect "clsact qdiscs with pods" 3 "$(traffic_control | grep -c 'qdisc clsact')" ;;
	esac

	stop_pods
	expect "links" "" "$(veths)"
	expect "pins and records" "" "$(files_below "$PINS/links" /run/ringfence | grep -v '/lock$')"
	expect "traffic control" "" "$(traffic_control)"
	for map in pods interfaces sessions half_open peers services; do
		expect "entries of $map" 0 "$(entries "$map")"
	done
	expect "pod states" 0 "$(pod_states)"
}

refused_policy_starts_no_pod() {
	run start_pods "$ATTACH-refused" refused
	[ "$status" -ne 0 ] || fail "the pod was started"
	[[ $output == *'policy.ingress.rules[0].peers[0]'* ]] || fail "the place is not named: $output"
	expect "veths, those of the other pods" 3 "$(veths | wc -l)"
	expect "records, those of the other pods" 3 "$(files_below /run/ringfence/attachments | wc -l)"
	expect "addresses, those of the other pods" 6 "$(entries pods)"
}

@test "tcx: an allowed pod fetches a page over IPv4 and IPv6" { page_is_fetched; }
@test "tcx: a denied pod's connections time out" { denied_connections_time_out; }
@test "tcx: a port that no rule names is closed to the allowed pod too" { unnamed_port_is_closed; }
@test "tcx: the way back of a connection is not a way to open one" { server_opens_nothing; }
@test "tcx: a denied pod's datagrams do not arrive" { denied_datagrams_do_not_arrive; }
@test "tcx: 100 MB over TCP arrive whole" { payload_arrives tcp; }
@test "tcx: 100 MB over UDP arrive whole" { payload_arrives udp; }
@test "tcx: denials are counted, and reported as they happen" { denials_are_counted_and_reported; }
@test "tcx: a pod whose policy is refused does not start" { refused_policy_starts_no_pod; }
@test "tcx: nothing is left of pods that are gone" { nothing_is_left; }

@test "clsact: an allowed pod fetches a page over IPv4 and IPv6" { page_is_fetched; }
@test "clsact: a denied pod's connections time out" { denied_connections_time_out; }
@test "clsact: a port that no rule names is closed to the allowed pod too" { unnamed_port_is_closed; }
@test "clsact: the way back of a connection is not a way to open one" { server_opens_nothing; }
@test "clsact: a denied pod's datagrams do not arrive" { denied_datagrams_do_not_arrive; }
@test "clsact: 100 MB over TCP arrive whole" { payload_arrives tcp; }
@test "clsact: 100 MB over UDP arrive whole" { payload_arrives udp; }
@test "clsact: denials are counted, and reported as they happen" { denials_are_counted_and_reported; }
@test "clsact: a pod whose policy is refused does not start" { refused_policy_starts_no_pod; }
@test "clsact: nothing is left of pods that are gone" { nothing_is_left; }
