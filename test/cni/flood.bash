# SPDX-License-Identifier: Apache-2.0
#
# Both of web (10.88.0.2) and friend (10.88.0.3) send the other datagrams, while something happens of which none may
# get through. Loaded behind helpers.bash.
# shellcheck shell=bash

# flood [PAUSE]: as many as they can, or with that many seconds between two
flood() {
	SENDING=$LAB_DIRECTORY/sending
	touch "$SENDING" "$SENDING.web" "$SENDING.friend"
	send web 10.88.0.3 "$@"
	send friend 10.88.0.2 "$@"
}

calm() {
	rm -f "$SENDING"
}

# send POD ADDRESS [PAUSE]: datagrams, until calm() or eight minutes are over
send() {
	# shellcheck disable=SC2016
	in_pod "$1" timeout 480 bash -c '
		exec 9>"/dev/udp/$0/9" 8<> <(:)
		while [ -e "$1" ]; do
			for _ in {1..100}; do
				echo >&9
				[ -z "$3" ] || read -rt "$3" <&8
			done
			echo 100 >>"$1.$2"
		done
	' "$2" "$SENDING" "$1" "${3-}" 2>/dev/null 3>&- 4>&- &
}

sent() { # POD
	wc -l <"$SENDING.$1"
}

# How many datagrams have arrived, for whatever port
received() { # POD
	# shellcheck disable=SC2016 # awk's
	in_pod "$1" awk '/^Udp: [0-9]/ { print $2 + $3 }' /proc/net/snmp
}

arrives() { # POD
	local count

	count=$(received "$1")
	within 10 more_than "$count" received "$1"
}

more_than() { # NUMBER COMMAND...
	[ "$("${@:2}")" -gt "$1" ]
}

# none_arrives COMMAND...: while it runs and both send
none_arrives() {
	local pod
	local -A had=() sending=()

	for pod in web friend; do
		had[$pod]=$(received "$pod")
		sending[$pod]=$(sent "$pod")
	done
	"$@"
	for pod in web friend; do
		# What was sent in the last moment, too, has its fate.
		within 10 more_than $((sending[$pod] + 2)) sent "$pod" || fail "$pod sends nothing"
		expect "what $pod has received" "${had[$pod]}" "$(received "$pod")"
	done
}
