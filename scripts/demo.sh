#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# ringfence at work: three pods made by the real bridge and host-local plugins and the ringfence chain, on a host of their
# own (scripts/lab.sh). Each attempt is real traffic; each verdict is what the programs counted and reported.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell in the pod
set -uo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname "$HERE")
# shellcheck disable=SC2034 # scripts/lab.sh uses it
RINGFENCE_DIRECTORY=${RINGFENCE_DIRECTORY:-$ROOT/build}
CTL=$RINGFENCE_DIRECTORY/ringfencectl
# shellcheck source=scripts/lab.sh
. "$HERE/lab.sh"
# shellcheck source=scripts/pins.sh
. "$HERE/pins.sh"

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	BOLD=$'\e[1m' GREEN=$'\e[32m' RED=$'\e[31m' DIM=$'\e[2m' PLAIN=$'\e[0m'
else
	BOLD='' GREEN='' RED='' DIM='' PLAIN=''
fi
FAILURES=0

title() {
	printf '\n%s%s%s\n' "$BOLD" "$*" "$PLAIN"
}

# What is run is shown as it would be typed.
show() {
	printf '%s$ %s%s\n' "$DIM" "$*" "$PLAIN"
}

ctl() {
	show ringfencectl "$@"
	lab "$CTL" "$@"
}

# The list of plugins that the runtime has, without ringfence; and ringfence among the runtime's plugins, as after make install.
runtime() {
	mkdir -p "$HOST/etc/cni/net.d" "$HOST/etc/ringfence/policy.d" "$LAB_DIRECTORY/bin" "$LAB_DIRECTORY/bin.work"
	cp "$RINGFENCE_DIRECTORY/ringfence" "$LAB_DIRECTORY/bin/"
	lab mount -t overlay -o "lowerdir=$CNI_PLUGINS,upperdir=$LAB_DIRECTORY/bin,workdir=$LAB_DIRECTORY/bin.work" \
		overlay "$CNI_PLUGINS"
	cat >"$CONFLIST" <<-'END'
		{
		  "cniVersion": "1.0.0",
		  "name": "demo",
		  "plugins": [
		    {"type": "bridge", "bridge": "demo0", "isGateway": true, "ipam": {"type": "host-local",
		      "ranges": [[{"subnet": "10.88.0.0/24"}], [{"subnet": "fd00:88::/64"}]]}}
		  ]
		}
	END
	cp "$CONFLIST" "$LAB_DIRECTORY/before.conflist"
}

# document NAME <DOCUMENT: put it where ADD and policy reload read it.
document() {
	show cat "/etc/ringfence/policy.d/$1.json"
	tee "$HOST/etc/ringfence/policy.d/$1.json"
}

document_node() {
	document node <<-END
		{"ingress": {"default": "allow", "rules": [
		   {"id": 1, "action": "deny", "protocol": "tcp", "ports": ["8080"]}]}}
	END
}

# document_web ACTION PEER...
document_web() {
	local peers

	peers=$(printf ', "%s"' "${@:2}")
	document web <<-END
		{"selector": {"namespace": "default", "pod": "web"},
		 "ingress": {"default": "deny", "rules": [
		   {"id": 1001, "action": "$1", "peers": [${peers#, }], "protocol": "tcp", "ports": ["80"]}]}}
	END
}

add() {
	lab_pod "$1" || return 1
	chain ADD "$1" "$CONFLIST" >"$LAB_DIRECTORY/$1.result" || {
		cat "$LAB_DIRECTORY/$1.result"
		return 1
	}
	printf '  %-8s %s\n' "$1" "$(jq -r '[.ips[].address] | join("  ")' "$LAB_DIRECTORY/$1.result")"
}

# web answers each line that it gets on that port.
serve() {
	in_pod web ncat -l -k "$1" --sh-exec 'while read -r line; do echo "web got: $line"; done' 2>/dev/null &
}

# say SECONDS POD ADDRESS PORT [OPTION...]: one line there and, if it gets through, one line back; with more options of ncat.
say() {
	in_pod "$2" timeout "$1.2" bash -c '
		printf "hello\n" | ncat --no-shutdown "${@:4}" -i "$1" "$2" "$3" 2>/dev/null | head -n 1' say "$1" "${@:3}"
}

# address_of POD PEER: that of the peer's family.
address_of() {
	jq -r --arg peer "$2" '[.ips[].address | sub("/.*"; "") | select(contains(":") == ($peer | contains(":")))][0]' \
		"$LAB_DIRECTORY/$1.result"
}

# event LINES PATTERN: the first line of monitor with it behind so many lines.
event() {
	tail -n "+$(($1 + 1))" "$LAB_DIRECTORY/events" | grep -m 1 -e "$2" | sed 's/^/      /'
}

# attempt EXPECTED POD ADDRESS PORT [SOURCE [SOURCE-PORT]]: make it, and print what became of it, and why.
attempt() {
	local expected=$1 pod=$2 address=$3 port=$4 source=${5:-} source_port=${6:-} answer verdict colour=$GREEN before from to seconds

	from=${source:-$(address_of "$pod" "$address")}
	before=$(wc -l <"$LAB_DIRECTORY/events")
	# What should be allowed may only be late, on a machine that is busy.
	for seconds in 1 2 4 8; do
		answer=$(say "$seconds" "$pod" "$address" "$port" ${source:+-s "$source"} ${source_port:+-p "$source_port"})
		[ "$expected:$answer" = allowed: ] || break
	done
	sleep 0.1
	verdict=allowed
	if [ -z "$answer" ]; then
		verdict=denied
		colour=$RED
	fi
	to=$address
	[[ $address != *:* ]] || to=[$address]
	printf '  %-6s -> %-16s %s%s%s\n' "$pod" "$to:$port${source:+ as $source${source_port:+:$source_port}}" \
		"$colour" "$verdict" "$PLAIN"
	event "$before" " tcp \[\?$from\]\?:"
	[ "$verdict" = "$expected" ] || {
		printf '      %sexpected: %s%s\n' "$RED" "$expected" "$PLAIN"
		FAILURES=$((FAILURES + 1))
	}
}

# A connection that says a line twice a second, and notes each answer.
live_connection() {
	in_pod client bash -c '
		for i in $(seq 1 80); do echo "line $i"; sleep 0.25; done |
			ncat --no-shutdown 10.88.0.3 80' >"$LAB_DIRECTORY/live" 2>/dev/null &
}

answers() {
	wc -l <"$LAB_DIRECTORY/live"
}

# No more answers come; what has come shortly before may be noted late.
stops() {
	for _ in 1 2 3; do
		answers=$(answers)
		sleep 1.2
		[ "$(answers)" != "$answers" ] || return 0
	done
	return 1
}

count_entries() {
	lab bpftool --json map dump pinned "$PINS/maps/$1" | jq length
}

prove_nothing_left() {
	local what left=0 number

	for what in pods interfaces sessions half_open peers services pinholes rule_counters; do
		number=$(count_entries "$what")
		printf '  map %-13s %s entries\n' "$what" "$number"
		left=$((left + number))
	done
	number=$(lab find "$PINS/links" /run/ringfence/attachments /run/ringfence/policies /run/ringfence/configured \
		! -type d 2>/dev/null | wc -l)
	printf '  pinned links, attachment records, policies: %s\n' "$number"
	left=$((left + number))
	number=$(lab tc qdisc show | grep -c clsact)
	printf '  qdiscs: %s\n' "$number"
	number=$((left + number))
	[ "$number" = 0 ] || FAILURES=$((FAILURES + 1))
}

# checked COMMAND...: what must succeed
checked() {
	"$@" || {
		printf '  %sthat should have succeeded%s\n' "$RED" "$PLAIN"
		FAILURES=$((FAILURES + 1))
	}
}

finish() {
	trap - EXIT INT TERM
	lab_stop
}
trap finish EXIT
trap 'exit 130' INT TERM

lab_start || exit 1
HOST=/proc/$LAB_PID/root
CONFLIST=$HOST/etc/cni/net.d/10-demo.conflist
checked runtime

title "1. Into the network: one more entry in the runtime's list of plugins"
checked ctl install --dry-run
checked ctl install

title "2. A policy for every pod, and one for web: both are in force before ADD returns"
document_node
document_web allow 10.88.0.2 fd00:88::2
checked ctl policy lint /etc/ringfence/policy.d
if ! add client || ! add web || ! add other; then
	exit 1
fi
show "ringfencectl monitor & # its lines stand below what they are about"
lab "$CTL" monitor >"$LAB_DIRECTORY/events" 2>/dev/null &
serve 80
serve 8080
# Let duplicate address detection end, and the servers listen.
sleep 2
checked ctl pod list

title "3. web accepts TCP 80 from client only"
for address in 10.88.0.3 fd00:88::3; do
	attempt allowed client "$address" 80
	attempt denied other "$address" 80
done
attempt denied client 10.88.0.3 8080
checked ctl session list default/web
checked ctl rule list default/web
ctl explain --from default/client --to default/web:8080/tcp
checked test $? = 4 # denied

title "4. other takes client's address"
in_pod other ip address add 10.88.0.2/32 dev eth0
attempt denied other 10.88.0.3 80 10.88.0.2
in_pod other ip address del 10.88.0.2/32 dev eth0

title "5. The policy changes under a live connection"
live_connection
sleep 0.5
checked ctl top --flows default/web --count 1
printf '  %s answers so far; now the rule is turned around\n' "$(answers)"
before=$(wc -l <"$LAB_DIRECTORY/events")
document_web deny 10.88.0.0/24
checked ctl policy reload
sleep 0.3
if stops; then
	printf '  %sthe live connection has stopped%s: %s answers, and no more\n' "$RED" "$PLAIN" "$answers"
else
	printf '  expected it to stop\n'
	FAILURES=$((FAILURES + 1))
fi
event "$before" 'rule-deny 1001'

title "6. What can be changed without a policy"
checked ctl pinhole add default/web in tcp 10.88.0.4:40000 80 --for 1m
attempt allowed other 10.88.0.3 80 10.88.0.4 40000
checked ctl session list default/web --port 40000
attempt denied other 10.88.0.3 80
checked ctl settings audit=all
attempt allowed other 10.88.0.3 80
checked ctl settings audit=pods

title "7. What was counted"
checked ctl stats default/web --direction ingress
checked ctl pressure

title "8. The pods go; nothing is left"
for pod in other web client; do
	chain DEL "$pod" "$CONFLIST" || FAILURES=$((FAILURES + 1))
done
# TCX links are let go of by the kernel shortly after their pins.
sleep 0.2
prove_nothing_left
checked ctl uninstall
checked cmp "$CONFLIST" "$LAB_DIRECTORY/before.conflist"

if [ "$FAILURES" = 0 ]; then
	title "All as it should be."
else
	title "$FAILURES of the above were not as they should be."
	exit 1
fi
