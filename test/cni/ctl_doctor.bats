#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# ringfencectl doctor: nothing to say of a node that is sound, and each fault with the way to mend it, which then does; gc and
# version. On a host of their own.

setup() {
	load helpers.bash
	load others.bash
	LIST=/etc/cni/net.d/10-net.conflist
}

teardown() {
	stop_host
}

# A node as it should be: the plugin, a list that has it, a pod under its policy.
sound_host() { # [FILTER]
	warm_host "${1:-.}"
	conflist
	pod web 2
	succeeds ADD web "$(policy "$(allow 1 tcp 80)")"
}

conflist() { # [FILTER]
	lab mkdir -p "${LIST%/*}"
	jq -n '{cniVersion: "1.0.0", name: "net", plugins: [{type: "bridge"}, {type: "ringfence"}]} | '"${1:-.}" |
		lab tee "$LIST" >/dev/null
}

doctor() { # [OPTION...]
	ctl doctor --bin-dir "$RINGFENCE_DIRECTORY" "$@"
}

# Nothing to say, and nothing changed
is_sound() {
	run -0 doctor
	[[ $output == *$'\n0 faults, 0 warnings' ]] || fail "$output"
	! grep -vE '^ok |^0 faults' <<<"$output"
}

# finds LEVEL CHECK TEXT [FIX]: just one finding that is not ok, which says that, and exit status 1 for a fault; all stays as it is
finds() {
	local before rows

	before=$(snapshot)
	run -"$([ "$1" = fault ] && echo 1 || echo 0)" doctor --json
	rows=$(jq -c '.[] | select(.level != "ok")' <<<"$output")
	expect "findings ($rows)" "$1 $2" "$(jq -r '"\(.level) \(.check)"' <<<"$rows")"
	[[ $(jq -r .finding <<<"$rows") == *"$3"* ]] || fail "$rows"
	[[ $(jq -r .fix <<<"$rows") == *"${4:-}"* ]] || fail "$rows"
	unchanged "$before"
	# The same for people
	run doctor
	[[ $output == *"$1"*"$2"*"$3"* ]] || fail "$output"
}

@test "a sound node: each check is ok, exit status 0, and nothing has changed" {
	sound_host
	before=$(snapshot)
	is_sound
	unchanged "$before"
	run -0 doctor --json
	expect checks "bpffs conflists kernel leftovers maps pins plugin pods policies" "$(jq -r '.[].check' <<<"$output" | sort | xargs)"
	expect "nothing to mend" '[null]' "$(jq -c 'map(.why, .fix) | unique' <<<"$output")"
}

@test "where nothing was loaded yet it works too, and mounts and makes nothing" {
	start_host
	conflist
	is_sound
	lab umount /sys/fs/bpf
	finds warning bpffs "no bpffs is mounted" "mount -t bpf bpffs /sys/fs/bpf"
	lab test ! -e "$RUN"
	run -0 ctl gc
	lab test ! -e "$RUN"
}

@test "the host's bpffs: mounted over, of others, read-only, something else over it" {
	sound_host
	lab chmod 1777 /sys/fs/bpf
	finds warning bpffs "/sys/fs/bpf is of user 0 with mode 1777" "chmod 0700 /sys/fs/bpf"
	lab chmod 0700 /sys/fs/bpf
	lab mount -t bpf -o mode=0700 bpffs /sys/fs/bpf
	run -0 doctor
	[[ $output == *"warning  bpffs "*"mounted over another mount"*"umount /sys/fs/bpf"* ]]
	lab umount /sys/fs/bpf
	lab mount -t tmpfs tmpfs /sys/fs/bpf
	run -1 doctor
	[[ $output == *"fault    bpffs "*"is mounted over the bpffs"* ]]
	lab umount /sys/fs/bpf
	lab mount -o remount,ro /sys/fs/bpf
	run -1 doctor
	[[ $output == *"fault    bpffs "*"read-only"*"remount,rw"* ]]
}

@test "a kernel that interprets programs, has no BTF, or no TCX" {
	start_host
	conflist
	lab mount -t tmpfs tmpfs /proc/sys/net/core
	lab sh -c "echo 0 >/proc/sys/net/core/bpf_jit_enable"
	finds warning kernel "interpreted" "sysctl -w net.core.bpf_jit_enable=1"
	lab sh -c "echo 1 >/proc/sys/net/core/bpf_jit_enable"
	is_sound
	lab mount -t tmpfs tmpfs /sys/kernel/btf
	finds fault kernel "BTF" CONFIG_DEBUG_INFO_BTF
	lab umount /sys/kernel/btf
	run -0 lab env LD_PRELOAD="$TOOLS/no_tcx.so" ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0" \
		"$RINGFENCE_DIRECTORY/ringfencectl" doctor --bin-dir "$RINGFENCE_DIRECTORY"
	[[ $output == *"attached by clsact: this kernel has no TCX"* ]]
	! lab "$TOOLS/kernel" tcx || [[ $(doctor --json) == *"attached by TCX"* ]]
}

@test "a pin that is missing, and pins of another version" {
	sound_host
	lab mkdir -p "${PINS%/*}/v2/links" "${PINS%/*}/v2/maps"
	finds warning pins "a version with ABI 2 is pinned too, with 0 links" gc
	run -0 ctl gc
	expect "what gc has done" "removed abi v2" "$output"
	lab test ! -e "${PINS%/*}/v2"
	lab rm "$PINS/maps/pods"
	run -1 doctor
	[[ $output == *"fault    pins "*"pin $PINS/maps/pods is missing"*"fix: remove $PINS"* ]]
}

@test "a pod whose program was detached, by either way to attach, is named; added again it is sound" {
	sound_host
	for mode in $(modes); do
		succeeds ADD web ".attach = \"$mode\""
		is_sound
		if [ "$mode" = tcx ]; then
			lab sh -c "rm $PINS/links/*_from_pod"
			within 2 is_half_attached
		else
			lab tc filter del dev v2 ingress
		fi
		finds fault pods "default/web (v2): "
		succeeds ADD web ".attach = \"$mode\""
		is_sound
	done
}

is_half_attached() {
	[ "$(attached v2)" = egress ]
}

@test "audit, of pods and of the node: nobody takes that for protection" {
	sound_host
	ctl settings audit=all
	finds warning pods 'the setting audit is "all": no pod'"'"'s policy denies anything' "ringfencectl settings audit=pods"
	ctl settings audit=pods
	is_sound
	[[ $output == *"1 pod is under its policy"$'\n'* ]]
	succeeds DEL web
	succeeds ADD web "$(policy "$(allow 1 tcp 80)")"' | .mode = "audit"'
	is_sound
	[[ $output == *"1 pod is under its policy, 1 of them in mode audit: what would be denied passes"* ]]
}

@test "a pod whose entries are gone from the maps, or that is judged under a policy that is gone" {
	sound_host
	lab sh -c "rm $RUN/policies/*/*.policy"
	finds fault pods "default/web (v2): policy "
	succeeds ADD web "$(policy "$(allow 1 tcp 80)")"
	is_sound
	# Its record says another address than the maps know.
	lab sed -i 's/10\.88\.0\.2/10.88.0.77/' "$RUN/attachments/net/web:eth0.json"
	finds fault pods "default/web (v2): map pods does not lead from 10.88.0.77"
}

@test "a record that is broken names its file; a pod without record, too" {
	sound_host
	lab cp "$RUN/attachments/net/web:eth0.json" /run/kept
	lab sh -c "echo broken >'$RUN/attachments/net/web:eth0.json'"
	finds fault pods "record $RUN/attachments/net/web:eth0.json" "delete the pod"
	lab rm "$RUN/attachments/net/web:eth0.json"
	finds warning pods "at ifindex $(lab cat /sys/class/net/v2/ifindex) has no record" gc
	lab mkdir -p "$RUN/attachments/net"
	lab cp /run/kept "$RUN/attachments/net/web:eth0.json"
	is_sound
}

@test "what others have before ringfence at a pod's interface" {
	sound_host
	lab "$TOOLS/kernel" xdp v2
	finds warning interfaces '"foreign_xdp" is called before ringfence' "ip link set dev v2 xdp off"
	lab ip link set dev v2 xdp off
	is_sound
	foreign_program
	if lab "$TOOLS/kernel" tcx; then
		foreign_tcx ingress
		is_sound
		foreign_tcx egress first
		finds fault interfaces 'is called before ringfence' BPF_F_AFTER
	fi
}

@test "a filter before ringfence's" {
	sound_host
	succeeds ADD web '.attach = "clsact"'
	is_sound
	foreign_program
	foreign_filter ingress 1 0x1
	finds fault interfaces 'is called before ringfence' "priority"
}

@test "leftovers of pods and loads are found, and gc removes what doctor finds; --dry-run only says it" {
	sound_host
	empty=$(
		succeeds DEL web
		snapshot
	)
	succeeds ADD web "$(policy "$(allow 1 tcp 80)")"
	policy=$(record_value web policyId)
	lab ip link del v2
	lab mkdir -p "$RUN/policies/4294967295" "${PINS%/*}/loading/maps"
	run -0 doctor
	[[ $output == *"entry in the maps of container web, interface eth0 is left"*gc* ]]
	[[ $output == *"$RUN/policies/4294967295 is left"*gc* && $output == *"/loading is left"* ]]
	before=$(snapshot)
	run -0 ctl gc --dry-run
	expect "what gc would do" $'would remove files /sys/fs/bpf/ringfence/loading
would remove files /run/ringfence/policies/4294967295\nwould remove pod net/web:eth0\nwould remove policy '"$policy" "$(sort <<<"$output" | sort -k3,3 -k4,4r)"
	unchanged "$before"
	run -0 ctl gc --json
	expect "what gc has done" '[["files","/run/ringfence/policies/4294967295",true],["files","/sys/fs/bpf/ringfence/loading",true],["pod","net/web:eth0",true],["policy","'"$policy"'",true]]' \
		"$(jq -c 'map([.kind, .name, .removed]) | sort' <<<"$output")"
	run -0 ctl gc
	expect "nothing is left" "nothing to remove" "$output"
	is_sound
	expect "all that is left" "$(grep -v "^v2@" <<<"$empty")" "$(snapshot)"
}

@test "gc removes a record whose interface is gone, and a policy that nobody has" {
	sound_host
	lab cp "$RUN/attachments/net/web:eth0.json" /run/kept
	policy=$(lab sh -c "cd $RUN/policies/*; ls")
	lab cp -r "$RUN/policies" /run/kept-policies
	succeeds DEL web
	lab mkdir -p "$RUN/attachments/net"
	lab sh -c "cp /run/kept '$RUN/attachments/net/web:eth0.json'; cp /run/kept-policies/*/* $RUN/policies/*/"
	run -0 ctl gc
	expect "what gc has done" "removed policy ${policy%%-*}" "$output"
	lab ip link del v2
	run -0 ctl gc
	expect "what gc has done" "removed record net/web:eth0" "$output"
	lab test ! -e "$RUN/attachments/net/web:eth0.json"
	run -0 ctl gc
	expect "what gc has done" "nothing to remove" "$output"
}

@test "gc leaves alone what runs" {
	sound_host
	before=$(snapshot)
	run -0 ctl gc
	expect "what gc has done" "nothing to remove" "$output"
	unchanged "$before"
	serve web tcp 80
	reaches_not web tcp 10.88.0.1 80
}

@test "lists: none, not called, twice, at the wrong place, with a key that is wrong, one plugin's, broken" {
	sound_host
	lab rm "$LIST"
	finds warning conflists "has no *.conflist"
	while IFS=';' read -r filter text fix; do
		conflist "$filter"
		finds fault conflists "$text" "$fix"
	done <<-END
		.plugins |= .[:1];$LIST, which runtimes use, does not call ringfence;ringfencectl install $LIST
		.plugins[2] = .plugins[1];$LIST has ringfence several times;
		.plugins |= reverse;$LIST has ringfence before bridge, which makes the interface;ringfencectl uninstall
		.plugins[1].polici = {};$LIST: plugins[1]: polici: unknown key;
		.plugins[1].policyDir = "/run/none";/run/none: No such file;make the directory
		.plugins |= .[1:];$LIST: no plugin is before ringfence;
	END
	conflist '.plugins[0].type = "tuning"'
	finds warning conflists "no plugin before ringfence is known to give pods a veth"
	lab sh -c "echo '{' >$LIST"
	finds fault conflists "$LIST: not valid JSON"
	conflist
	lab sh -c "echo '{\"cniVersion\": \"1.0.0\", \"name\": \"n\", \"type\": \"bridge\"}' >${LIST%/*}/99-other.conf"
	is_sound
	lab sh -c "echo '{\"cniVersion\": \"1.0.0\", \"name\": \"n\", \"type\": \"ringfence\"}' >${LIST%/*}/99-other.conf"
	finds fault conflists 'one plugin'"'"'s configuration ("ringfence")' plugins
	lab mv "${LIST%/*}/99-other.conf" "${LIST%/*}/.10-net.conflist.ringfence-new"
	finds warning leftovers "is left of a change of the list" "rm ${LIST%/*}/.10-net.conflist.ringfence-new"
}

@test "the fix that doctor says for a list mends it" {
	sound_host
	conflist '.plugins |= reverse'
	run -1 doctor --json
	fix=$(jq -r '.[] | select(.level == "fault") | .fix' <<<"$output")
	PATH=$RINGFENCE_DIRECTORY:$PATH lab sh -c "$fix" 2>/dev/null
	is_sound
}

@test "a policy document that is broken, with its line" {
	sound_host
	lab mkdir -p /etc/ringfence/policy.d
	lab sh -c 'printf "{\"ingress\": {\n\"rules\": [{}]}}" >/etc/ringfence/policy.d/shop.json'
	finds fault policies "/etc/ringfence/policy.d/shop.json: line 2: ingress.rules[0]"
}

@test "each broken document is named, also of directories that only running pods were added with; many are counted" {
	sound_host
	lab mkdir -p /etc/ringfence/policy.d /etc/net.policies
	succeeds ADD web '.policyDir = "/etc/net.policies"'
	is_sound
	lab sh -c 'echo "{}" >/etc/net.policies/a.json'
	for file in /etc/net.policies/b /etc/ringfence/policy.d/c /etc/ringfence/policy.d/d; do
		lab sh -c "echo '[' >$file.json"
	done
	run -1 doctor
	for file in /etc/net.policies/b /etc/ringfence/policy.d/c /etc/ringfence/policy.d/d; do
		expect "how often $file is named" 1 "$(grep -cE "^fault +policies +policy document $file.json: not valid JSON" <<<"$output")"
	done
	[[ $output == *"fix: mend or remove it; ringfencectl policy lint /etc/net.policies "*$'\n3 faults, 0 warnings' ]] || fail "$output"
	lab sh -c "rm /etc/ringfence/policy.d/* && cd /etc/net.policies && tee $(echo {10..39}.json) <b.json >/dev/null"
	run -1 doctor
	[[ $output == *"/etc/net.policies/29.json"*"11 more documents in /etc/net.policies are broken"*$'\n21 faults, 0 warnings' ]] || fail "$output"
	[[ $output != *"/etc/net.policies/30.json"* ]]
	lab rm -r /etc/net.policies
	finds fault policies "policyDir: read directory /etc/net.policies: No such file" "make the directory"
}

@test "the plugin: not there, of another version, hanging, others can change it" {
	sound_host
	run -1 ctl doctor --bin-dir /run
	[[ $output == *"fault    plugin      the plugin is not in /run"*"make install"* ]]
	lab mkdir /run/bin
	for script in 'echo "ringfence 0.0.1, ABI 2: text" >&2|warning  plugin      /run/bin/ringfence is ringfence 0.0.1, ABI 2; ringfencectl is ' \
		'echo "ringfence 9.0.0: text" >&2|warning  plugin      /run/bin/ringfence is ringfence 9.0.0; ringfencectl is ' \
		'exec sleep 1000|fault    plugin      /run/bin/ringfence does not say its version' \
		'echo other >&2|fault    plugin      /run/bin/ringfence does not say its version: other'; do
		lab sh -c "printf '#!/bin/sh\n%s\n' '${script%%|*}' >/run/bin/ringfence; chmod 755 /run/bin/ringfence"
		run timeout 120 nsenter --target "$LAB_PID" --mount --net --pid -- "$RINGFENCE_DIRECTORY/ringfencectl" doctor --bin-dir /run/bin
		[[ $output == *"${script#*|}"* ]] || fail "$output"
	done
	lab chmod 777 /run/bin/ringfence
	run -1 ctl doctor --bin-dir /run/bin
	[[ $output == *"fault    plugin      others than root can change /run/bin/ringfence"*"chmod 0755 /run/bin/ringfence"* ]]
}

@test "a map that is full, with the key that sizes it" {
	sound_host '.maps = {pods: 1}'
	finds fault maps "entries" "maps.pods"
}

@test "without capabilities it says so, and what it can" {
	sound_host
	run -1 lab setpriv --bounding-set=-sys_admin,-net_admin,-bpf --inh-caps=-all "$RINGFENCE_DIRECTORY/ringfencectl" doctor
	[[ $output == *"fault    kernel      CAP_SYS_ADMIN and CAP_NET_ADMIN are missing"* ]]
	[[ $output == *"conflists"* ]]
}

@test "a lock that somebody holds does not hang it" {
	sound_host
	lab flock "$RUN/lock" sleep 200 3>&- 4>&- &
	holder=$!
	within 5 lab sh -c "! flock -n $RUN/lock true"
	run -1 timeout 180 nsenter --target "$LAB_PID" --mount --net --pid -- "$RINGFENCE_DIRECTORY/ringfencectl" doctor
	kill "$holder"
	expect "how often it waits" 1 "$(grep -c "was not free" <<<"$output")"
	[[ $output == *"lock $RUN/lock was not free for 20 s"*"conflists"* ]] || fail "$output"
}

@test "version: of ringfencectl, of what is loaded and of the kernel" {
	start_host
	version=$(sed -n 's/^#define RF_VERSION "\(.*\)"/\1/p' "$ROOT/netconf/version.h")
	run -0 ctl version
	expect lines "ringfencectl $version, ABI ${PINS##*v}, build $(ctl version --json | jq -r .build)|nothing is loaded|Linux $(uname -r) $(uname -m)" "${lines[0]}|${lines[1]}|${lines[2]}"
	expect json "null" "$(ctl version --json | jq .loaded)"
	pod web 2
	succeeds ADD web
	run -0 ctl version
	[[ ${lines[1]} == "pinned is build $(ctl version --json | jq -r .build)" && ${lines[2]} == "program "*" rf_to_pod, loaded $(date +%Y)-"* ]]
	run -0 ctl version --json
	expect json "$version ${PINS##*v} rf_to_pod,rf_from_pod,rf_explain $(uname -r)" \
		"$(jq -r '"\(.version) \(.abi) \([.loaded.programs[].name] | join(",")) \(.kernel)"' <<<"$output")"
	expect "when" true "$(jq --argjson now "$(date +%s)" '[.loaded.programs[].loadedAt | sub("[.][0-9]{9}Z$"; "Z") | fromdate] | all($now - . < 300 and . <= $now + 1)' <<<"$output")"
	lab rm "$PINS/progs/rf_to_pod"
	run -0 ctl version
	[[ $output == *"pin $PINS/progs/rf_to_pod is missing"* ]]
	run -0 --separate-stderr ctl version --json
	expect "what is wrong" "pin $PINS/progs/rf_to_pod is missing" "$(jq -r .error <<<"$output")"
}
