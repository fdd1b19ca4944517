#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Stands in the plugin directory in the plugin's place, notes each call of the runtime in DIR/calls and passes it on to
# the plugin. A line when it begins and one when it ends; "-" is for what is empty or not set:
#
#   begin  ADD  CONTAINER  INTERFACE  NETNS  NAMESPACE/POD
#   0      ADD  CONTAINER  INTERFACE  NETNS  NAMESPACE/POD     (the exit status)
#
# While there is a file DIR/hold with a verb in it, a call of that verb waits behind its first line.
set -u

directory=$(dirname "$0")/..
HOLD_STEPS=600 # of 0.1 s

argument() { # NAME: of CNI_ARGS
	sed -n "s/.*\(^\|;\)$1=\([^;]*\).*/\2/p" <<<"${CNI_ARGS:-}"
}

note() {
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "${CNI_COMMAND:--}" "${CNI_CONTAINERID:--}" "${CNI_IFNAME:--}" "${CNI_NETNS:--}" \
		"$(argument K8S_POD_NAMESPACE)/$(argument K8S_POD_NAME)" >>"$directory/calls"
}

note begin
for ((step = 0; step < HOLD_STEPS; step++)); do
	[ "$(cat "$directory/hold" 2>/dev/null)" = "${CNI_COMMAND:-}" ] || break
	sleep 0.1
done
"$directory/ringfence"
status=$?
note "$status"
exit "$status"
