# SPDX-License-Identifier: Apache-2.0
#
# The pod that most tests are about, and its neighbours. Loaded behind helpers.bash.
# shellcheck shell=bash

# web accepts TCP 80 and UDP 53 of the pod with number 3 (`friend`), and opens nothing itself.
WEB_POLICY="$(
	policy "$(allow 1 tcp 80 10.88.0.3 fd00:88::3), $(allow 2 udp 53 10.88.0.3 fd00:88::3)"
) | .policy.egress = {default: \"deny\"}"

web_with_friends() { # [FILTER]
	pod web 2
	pod friend 3
	pod stranger 4
	serve web tcp 80
	serve web tcp 81
	serve web udp 53
	serve friend tcp 80
	succeeds ADD web "$WEB_POLICY${1:+ | $1}"
}

policy_holds() {
	local address

	{
		for address in $(addresses web); do
			echo reaches friend tcp "$address" 80
			echo reaches friend udp "$address" 53
			echo reaches_not friend tcp "$address" 81
			echo reaches_not stranger tcp "$address" 80
			echo reaches_not stranger udp "$address" 53
		done
		for address in $(addresses friend); do
			echo reaches_not web tcp "$address" 80
		done
	} >"$BATS_TEST_TMPDIR/attempts"
	together <"$BATS_TEST_TMPDIR/attempts"
}

# gone LINK: the host has no such link (any more)
gone() {
	lab test ! -e "/sys/class/net/$1"
}
