# SPDX-License-Identifier: Apache-2.0
#
# Documents of a directory, pods that they are for, and a reload. Loaded behind helpers.bash.
# shellcheck shell=bash disable=SC2034,SC2154 # for those who load it; of bats

DIRECTORY=/etc/ringfence/policy.d

document() { # NAME [<TEXT]: in the usual directory
	lab sh -c "mkdir -p '$DIRECTORY' && cat >'$DIRECTORY/$1.json'"
}

# rules NAME NAMESPACE POD RULES
rules() {
	document "$1" <<<"{\"selector\": {\"namespace\": \"$2\", \"pod\": \"$3\"}, \"ingress\": {\"rules\": [$4]}}"
}

# What the configuration says where a test does not: TCP 90 only
own=$(policy "$(allow 90 tcp 90)")

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
