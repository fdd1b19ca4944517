# SPDX-License-Identifier: Apache-2.0
#
# What the tests of this directory are written with: a host of their own (scripts/lab.sh), pods on it, the plugin called as
# a runtime calls it, packets, and a picture of everything that ringfence can leave behind.
# shellcheck shell=bash disable=SC2016 # what stands in single quotes is for jq, or for the shell in the lab

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
# The sanitized programs; test/run.sh sets the sanitizers' options.
RINGFENCE_DIRECTORY=${RINGFENCE_DIRECTORY:-$(dirname "${RINGFENCE:-$ROOT/build/sanitize/ringfence}")}
TOOLS=${TOOLS:-$ROOT/build/test/cni} # kernel.c, no_tcx.c
RUN=/run/ringfence
PATIENCE=120 # seconds: a plugin that hangs is a failure, and must not hang the tests
SLOWNESS=10 # so many times what an idle machine needs is waited for what shall come
# LeakSanitizer cannot work in a process that is traced.
# shellcheck disable=SC2034 # warm.bats
STRACE=(env "ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0" strace -qq -f)

# shellcheck source=scripts/lab.sh
. "$ROOT/scripts/lab.sh"
# shellcheck source=scripts/pins.sh
. "$ROOT/scripts/pins.sh"

fail() {
	printf '%s\n' "$@" >&2
	return 1
}

# expect WHAT EXPECTED ACTUAL
expect() {
	[ "$2" = "$3" ] || fail "$1:" "expected: $2" "     got: $3"
}

# within SECONDS COMMAND...: until it succeeds; so many on an idle machine, longer on one that others use
within() {
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * SLOWNESS * 1000000))

	shift
	until "$@"; do
		((${EPOCHREALTIME/[.,]/} < end)) || return 1
		sleep 0.02
	done
}

# The host: a bridge, to which pods are connected. Background processes must not hold bats' own descriptors.
start_host() {
	[ -x "$RINGFENCE_DIRECTORY/ringfence" ] || fail "no $RINGFENCE_DIRECTORY/ringfence: make test-build LEVEL=cni"
	lab_start 3>&- 4>&-
	export LAB_DIRECTORY LAB_PID LAB_SUPERVISOR
	lab ip -batch - <<-END
		link add rf0 type bridge
		address add 10.88.0.1/24 dev rf0
		address add fd00:88::1/64 dev rf0 nodad
		link set rf0 up
	END
}

stop_host() {
	lab_stop
}

# Programs and maps are loaded, with nothing in them: the state from which most tests compare.
warm_host() { # [FILTER]
	start_host
	pod warmer 250
	succeeds ADD warmer "${1:-.}"
	succeeds DEL warmer
}

# pod NAME NUMBER: with eth0, which has the addresses of that number
pod() {
	lab_pod "$1"
	interface "$1" eth0 "$2"
}

# interface POD NAME NUMBER: a veth to the bridge. Its CNI result is kept for config().
interface() {
	lab ip -batch - <<-END
		link add v$3 type veth peer name $2 netns $1
		link set v$3 master rf0 up
	END
	lab ip -n "$1" -batch - <<-END
		address add 10.88.0.$3/24 dev $2
		address add fd00:88::$(printf %x "$3")/64 dev $2 nodad
		link set $2 up
	END
	# Without jq, as config() and allow(): it takes 20 ms of CPU to start.
	printf '{"cniVersion":"1.0.0","interfaces":[{"name":"rf0"},{"name":"%s"},{"name":"%s","sandbox":"/run/netns/%s"}],' "v$3" "$2" "$1" \
		>"$LAB_DIRECTORY/$1-$2.result"
	printf '"ips":[{"interface":2,"address":"10.88.0.%d/24","gateway":"10.88.0.1"},{"interface":2,"address":"fd00:88::%x/64"}],"dns":{}}\n' \
		"$3" "$3" >>"$LAB_DIRECTORY/$1-$2.result"
}

# host_interface POD [INTERFACE]
host_interface() {
	jq -r '.interfaces[1].name' "$LAB_DIRECTORY/$1-${2:-eth0}.result"
}

# addresses POD [INTERFACE]: IPv4, then IPv6
addresses() {
	jq -r '.ips[].address | sub("/.*"; "")' "$LAB_DIRECTORY/$1-${2:-eth0}.result"
}

# The ways to attach that this kernel has
modes() {
	! lab "$TOOLS/kernel" tcx || echo tcx
	echo clsact
}

needs_tcx() {
	lab "$TOOLS/kernel" tcx || skip "this kernel has no TCX (Linux 6.6)"
}

# The plugin

# config POD [FILTER]: what the runtime writes to stdin, changed by the jq filter. IFNAME: as elsewhere, instead of eth0.
config() {
	local result=$LAB_DIRECTORY/$1-${IFNAME:-eth0}.result

	if [ "${2:-.}" = . ]; then
		printf '{"cniVersion":"1.0.0","name":"net","type":"ringfence","prevResult":%s}\n' "$(<"$result")"
	else
		jq -c -n --slurpfile result "$result" '{cniVersion: "1.0.0", name: "net", type: "ringfence", prevResult: $result[0]} | '"$2"
	fi
}

# policy RULES [DIRECTION]: a filter for config(); nothing else is let through
policy() {
	echo ".policy = {${2:-ingress}: {default: \"deny\", rules: [$1]}}"
}

# allow ID PROTOCOL PORT [PEER...]: a rule
allow() {
	local id=$1 protocol=$2 port=$3 peers=""

	shift 3
	[ $# = 0 ] || peers=$(printf ',"%s"' "$@")
	printf '{"id":%s,"action":"allow","protocol":"%s","ports":["%s"]%s}\n' "$id" "$protocol" "$port" \
		"${peers:+,\"peers\":[${peers#,}]}"
}

# stopping SYSCALL [OPTION-OF-STRACE...]: what "${STOPPING[@]}" runs in the lab is stopped behind its first such call, or that of
# NUMBER=, until go_on
stopping() {
	rm -f "$LAB_DIRECTORY/stopped"
	# shellcheck disable=SC2034 # for those who load this
	STOPPING=("${STRACE[@]}" -o "$LAB_DIRECTORY/stopped" "${@:2}" -e "trace=$1" -e "inject=$1:signal=STOP:when=${NUMBER:-1}")
}

has_stopped() {
	grep -qs "stopped by SIGSTOP" "$LAB_DIRECTORY/stopped"
}

go_on() {
	lab kill -CONT "$(sed -n '1s/ .*//p' "$LAB_DIRECTORY/stopped")"
}

# ringfence VERB POD [VARIABLE=VALUE...] [COMMAND...] <configuration; COMMAND (strace, …) then runs the plugin.
ringfence() {
	local verb=$1 pod=$2

	shift 2
	plugin "$verb" "$pod" ringfence CNI_IFNAME="${IFNAME:-eth0}" timeout -k 5 "$PATIENCE" env "$@"
}

# The same, for the assertions below: $status and the files $OUT and $ERR.
call() {
	OUT=$BATS_TEST_TMPDIR/stdout ERR=$BATS_TEST_TMPDIR/stderr
	status=0
	ringfence "$@" >"$OUT" 2>"$ERR" || status=$?
}

# With no variable of CNI and nothing else of the environment but those given.
call_bare() {
	OUT=$BATS_TEST_TMPDIR/stdout ERR=$BATS_TEST_TMPDIR/stderr
	status=0
	lab timeout -k 5 "$PATIENCE" env -i ASAN_OPTIONS="${ASAN_OPTIONS:-}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-}" "$@" \
		"$RINGFENCE_DIRECTORY/ringfence" >"$OUT" 2>"$ERR" || status=$?
}

# succeeds VERB POD [FILTER [VARIABLE=VALUE...]]
succeeds() {
	call "$1" "$2" "${@:4}" < <(config "$2" "${3:-.}")
	was_success "$1"
}

was_success() { # VERB
	[ "$status" = 0 ] || fail "$1: exit status $status" "$(<"$OUT")" "$(<"$ERR")"
	[ "$1" = ADD ] || [ ! -s "$OUT" ] || fail "$1 wrote to stdout:" "$(<"$OUT")"
}

# fails CODE VERB POD [FILTER [VARIABLE=VALUE...]]
fails() {
	call "$2" "$3" "${@:5}" < <(config "$3" "${4:-.}")
	was_failure "$1"
}

# The one error document on stdout, exit status 1, and a line for humans on stderr.
was_failure() { # CODE
	local code message details

	expect "exit status" 1 "$status" || fail "$(<"$OUT")" "$(<"$ERR")"
	{ read -r code && read -r message && read -r details; } < <(jq -rs '
		if length == 1 and (.[0] | keys == ["cniVersion", "code", "details", "msg"]) and .[0].msg != ""
		then .[0].code, .[0].msg, "details: \(.[0].details)" else empty end' "$OUT") ||
		fail "not one error document:" "$(<"$OUT")"
	expect "code of $(<"$OUT")" "$1" "$code"
	said=$message$'\n'$details
	grep -qF "ringfence: $message" "$ERR" || fail "stderr does not say it:" "$(<"$ERR")"
}

# The error's message, or its details, have this text.
says() {
	[[ $said == *"$1"* ]] || fail "no \"$1\" in:" "$said"
}

# ringfencectl
ctl() {
	lab "$RINGFENCE_DIRECTORY/ringfencectl" "$@"
}

# ctl_fails STATUS TEXT WORD...: with that exit status, and it says the text
ctl_fails() {
	local expected=$1 text=$2 status=0 output

	shift 2
	output=$(ctl "$@" 2>&1) || status=$?
	expect "exit status of $*" "$expected" "$status"
	[[ $output == *"$text"* ]] || fail "no \"$text\" in:" "$output"
}

# packets POD DIRECTION REASON: how many were counted
packets() {
	ctl stats "default/$1" | awk -v direction="$2" -v reason="$3" \
		'$2 == direction && $4 == reason { sum += $5 } END { print sum + 0 }'
}

# State

# Everything that an attachment leaves somewhere: files, pins, map entries, programs, filters and qdiscs, links. Not: counters,
# token buckets, and the last ids that were given, which are never given twice.
snapshot() {
	lab bash -c '
		run=$1 pins=$2 kernel=$3
		export LC_ALL=C
		for directory in "$run" "$pins"; do
			[ ! -e "$directory" ] || find "$directory" -printf "%y %m %p\n"
		done | sort
		[ ! -e "$run" ] || grep -rI "" "$run" | sort
		find "$run" -name "*.policy*" -exec cksum {} + 2>/dev/null | sort # has binary parts
		"$kernel" maps "$pins/maps" | grep -Ev "^(identifiers|census|census_turns|buckets) " | sort
		"$kernel" hooks
		tc qdisc show | grep -E "clsact|ingress"
		for link in $(ls /sys/class/net); do
			for hook in ingress egress; do
				tc filter show dev "$link" "$hook" 2>/dev/null | sed "s/^/$link $hook /"
			done
		done
		ip -br link show type veth | cut -d" " -f1 | sort
		true
	' snapshot "$RUN" "$PINS" "$TOOLS/kernel"
}

# unchanged SNAPSHOT: all is as it was. A kernel detaches a TCX link some milliseconds after its last reference went.
unchanged() {
	local before=$1

	within 2 is_unchanged || fail "changed:" "$(diff <(echo "$before") <(snapshot))"
}

is_unchanged() {
	[ "$(snapshot)" = "$before" ]
}

# refuses CODE POD FILTER TEXT [VARIABLE=VALUE...]: ADD fails with the code, says the text, and has changed nothing. A test that
# changes nothing itself may take the snapshot once, into UNCHANGED.
refuses() {
	local before

	before=${UNCHANGED:-$(snapshot)}
	fails "$1" ADD "$2" "$3" "${@:5}"
	says "$4"
	unchanged "$before"
}

record() { # POD [NETWORK]
	lab cat "$RUN/attachments/${2:-net}/$1:${IFNAME:-eth0}.json"
}

record_value() { # POD KEY
	record "$1" | jq -r --arg key "$2" '.[$key]'
}

# forget_configuration POD: its record is as a version wrote it that did not keep what the configuration said
forget_configuration() {
	lab sh -c 'jq "del(.policy, .policyDir, .antiSpoof, .hostAccess, .etherTypes)" "$1" >/run/record && cat /run/record >"$1" &&
		rm /run/record' forget "$RUN/attachments/net/$1:eth0.json"
}

# map_size MAP: how many entries it has (of an array: that are not zero)
map_size() {
	lab "$TOOLS/kernel" maps "$PINS/maps" | grep -c "^$1 " || true
}

# The hooks of an interface of the host at which ringfence has a program, by either way: "egress" and "ingress", a line each
attached() {
	local hook

	{
		lab "$TOOLS/kernel" hooks | awk -v link="$1" '$1 == link && $4 ~ /^rf_/ { print $3 }'
		for hook in egress ingress; do
			lab tc filter show dev "$1" "$hook" 2>/dev/null |
				awk -v hook="$hook" '/ handle 0x/ && / rf_(to|from)_pod / { print hook }'
		done
	} | sort
}

is_attached() {
	[ "$(attached "$1")" = $'egress\ningress' ]
}

is_detached() {
	[ -z "$(attached "$1")" ]
}

# Packets

# serve POD tcp|udp PORT: sends back what it gets, until the host ends
serve() {
	local pod=$1 protocol=$2 port=$3

	# UDP-LISTEN would lose what comes while it makes its next socket.
	in_pod "$pod" socat "${protocol^^}6-$([ "$protocol" = udp ] && echo RECVFROM || echo LISTEN):$port,fork,reuseaddr,ipv6only=0" \
		PIPE 2>/dev/null 3>&- 4>&- &
	within 10 listens "$pod" "$protocol" "$port"
}

listens() {
	in_pod "$1" ss -Hln "--$2" "sport = :$3" | grep -q .
}

# answers POD tcp|udp ADDRESS PORT: the server there answers the pod
answers() {
	in_pod "$1" timeout 30 bash -c '
		exec 9<>"/dev/$0/$1/$2" || exit
		[ "$0" = tcp ] && patience=30 || patience=0.3
		# A datagram may find the server just busy with another one.
		until echo ping >&9 && [ "$(timeout $patience head -n 1 <&9)" = ping ]; do
			[ "$0" = udp ] || exit
		done
	' "$2" "$3" "$4" 2>/dev/null
}

reaches() {
	answers "$@" || fail "$1 does not reach $2 $3 $4"
}

# reaches_not POD tcp|udp ADDRESS PORT: no answer comes. Its time begins when the pod has sent something, which tests count on.
reaches_not() {
	local peer=$3:$4

	[[ $3 != *:* ]] || peer=[$3]:$4
	[ "$2" = udp ] || peer+=,connect-timeout=0.4
	[ "$(in_pod "$1" timeout "$PATIENCE" socat -t 0.4 - "${2^^}:$peer" 2>/dev/null <<<ping)" != ping ] || fail "$1 reaches $2 $3 $4"
}

# together: runs the commands of stdin, a line each, at once; fails if one of them does.
together() {
	local -a command processes=()
	local process result=0

	while read -ra command; do
		"${command[@]}" &
		processes+=($!)
	done
	for process in "${processes[@]}"; do
		wait "$process" || result=1
	done
	return "$result"
}

# dial NAME POD ADDRESS PORT: opens a TCP connection that stays, for exchange()
dial() {
	local pipe=$BATS_TEST_TMPDIR/$1

	mkfifo "$pipe.in"
	in_pod "$2" bash -c '
		exec 9<>"/dev/tcp/$0/$1" || exit
		while read -r patience line; do
			echo "$line" >&9
			read -r -t "$patience" reply <&9 && [ "$reply" = "$line" ] && echo "$line" || echo lost
		done
	' "$3" "$4" <"$pipe.in" >"$pipe.out" 3>&- 4>&- &
	exec {dialled}>"$pipe.in"
	eval "dialled_$1=$dialled count_$1=0"
}

# exchange NAME [SECONDS]: a line goes there and comes back
exchange() {
	local pipe=$BATS_TEST_TMPDIR/$1 fd=dialled_$1 count=count_$1 patience=${2:-30}

	eval "count_$1=$((${!count} + 1))"
	echo "$patience ${!count}" >&"${!fd}"
	SLOWNESS=1 within $((patience + 30)) has_lines "$pipe.out" "${!count}" || return 1
	[ "$(tail -n 1 "$pipe.out")" = "${!count}" ]
}

# is_cut NAME: nothing comes back any more
is_cut() {
	! exchange "$1" 2 || fail "the connection $1 goes on"
}

# is_settled POD: all that its connections have sent is acknowledged. A last acknowledgement that comes late is a packet, too.
is_settled() {
	! in_pod "$1" ss -Htin state established | grep -q 'unacked:'
}

has_lines() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}

# holds_no_lock_while_printing WORD...: ringfencectl, whose output is more than a pipe holds, and whom nobody reads on
holds_no_lock_while_printing() {
	# shellcheck disable=SC2016 # for the shell in the lab
	lab bash -c '
		mkfifo /run/pipe
		exec 9<>/run/pipe
		"$0" "${@:2}" >&9 &
		for ((step = 0; step < 2000; step++)); do
			! read -r -t 0 -u 9 || break
			sleep 0.05
		done
		kill -0 $! && flock -w 10 "$1" true
		status=$?
		kill $!
		exit "$status"
	' "$RINGFENCE_DIRECTORY/ringfencectl" "$RUN/lock" "$@" 3>&- 4>&- || fail "$* holds the lock while it prints"
}
