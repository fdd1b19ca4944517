#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Which verb is meant, what each needs in environment and input, and what the answer looks like. Nothing here attaches
# anything but one valid ADD, so all tests share a host.

setup_file() {
	load helpers.bash
	start_host
	pod web 2
}

teardown_file() {
	load helpers.bash
	stop_host
}

setup() {
	load helpers.bash
}

newest=1.1.0
all_versions='["0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]'

answers_version() { # EXPECTED
	expect "exit status" 0 "$status"
	expect "cniVersion" "$1" "$(jq -sr 'if length == 1 then .[0].cniVersion else "not one document" end' "$OUT")"
	expect "supportedVersions" "$all_versions" "$(jq -c .supportedVersions "$OUT")"
}

# The verb

@test "no command: about text with the versions on stderr, nothing on stdout, exit status 0" {
	for command in CNI_IGNORED=1 CNI_COMMAND=; do
		call_bare "$command" </dev/null
		expect "exit status" 0 "$status"
		[ ! -s "$OUT" ]
		grep -qE '^ringfence [0-9]+\.[0-9]+\.[0-9]+, ABI [0-9]+: a chained CNI plugin' "$ERR"
		grep -q '0.3.0 0.3.1 0.4.0 1.0.0 1.1.0' "$ERR"
	done
}

@test "an unknown command is 4: lower case too, and a line break in it does not break the answer" {
	for command in add Add DELETE ' ADD' $'A\nDD' 'A"D'; do
		call_bare CNI_COMMAND="$command" </dev/null
		was_failure 4
		says CNI_COMMAND
	done
}

# VERSION

@test "VERSION with empty stdin answers with the newest version" {
	call_bare CNI_COMMAND=VERSION </dev/null
	answers_version "$newest"
}

@test "VERSION with stdin left open does not hang" {
	mkfifo "$BATS_TEST_TMPDIR/open"
	exec {open}<>"$BATS_TEST_TMPDIR/open"
	call_bare CNI_COMMAND=VERSION timeout 30 <&"$open"
	answers_version "$newest"
	echo '{"cniVersion": "0.4.0"}' >&"$open"
	call_bare CNI_COMMAND=VERSION timeout 30 <&"$open"
	answers_version 0.4.0
}

@test "VERSION with stdin closed answers" {
	call_bare CNI_COMMAND=VERSION <&-
	answers_version "$newest"
}

@test "VERSION echoes a supported version of the input, and else says the newest" {
	for version in 0.3.0 0.3.1 0.4.0 1.0.0 1.1.0; do
		call_bare CNI_COMMAND=VERSION <<<"{\"cniVersion\": \"$version\"}"
		answers_version "$version"
	done
	for input in '{"cniVersion": "9.9.9"}' '{"cniVersion": 1}' '{}' '{' 'null'; do
		call_bare CNI_COMMAND=VERSION <<<"$input"
		answers_version "$newest"
	done
}

@test "VERSION does not mind dummy values in the rest of the environment" {
	call_bare CNI_COMMAND=VERSION CNI_CONTAINERID=-x CNI_NETNS=/nowhere CNI_IFNAME=a/b CNI_PATH=dummy <<<'{"cniVersion": "1.0.0"}'
	answers_version 1.0.0
}

# Environment

@test "what is missing in the environment is 4, and all of it is named" {
	call_bare CNI_COMMAND=ADD </dev/null
	was_failure 4
	says "CNI_CONTAINERID, CNI_NETNS, CNI_IFNAME"
	call_bare CNI_COMMAND=ADD CNI_NETNS=/run/netns/web </dev/null
	was_failure 4
	says ": CNI_CONTAINERID, CNI_IFNAME"
	call_bare CNI_COMMAND=CHECK </dev/null
	was_failure 4
	says "CNI_CONTAINERID, CNI_NETNS, CNI_IFNAME"
	call_bare CNI_COMMAND=DEL </dev/null
	was_failure 4
	says ": CNI_CONTAINERID, CNI_IFNAME"
}

@test "an empty CNI_NETNS is missing for ADD and CHECK" {
	for verb in ADD CHECK; do
		fails 4 "$verb" web . CNI_NETNS=
		says ": CNI_NETNS"
	done
}

@test "DEL without CNI_NETNS is fine" {
	succeeds DEL web . CNI_NETNS=
	call_bare CNI_COMMAND=DEL CNI_CONTAINERID=web CNI_IFNAME=eth0 < <(config web)
	was_success DEL
}

@test "GC and STATUS need nothing of the environment, and CNI_PATH is never needed" {
	call_bare CNI_COMMAND=STATUS < <(config web '.cniVersion = "1.1.0"')
	was_success STATUS
	call_bare CNI_COMMAND=GC < <(config web '.cniVersion = "1.1.0" | .["cni.dev/valid-attachments"] = []')
	was_success GC
	call_bare CNI_COMMAND=GC CNI_CONTAINERID= CNI_NETNS= CNI_IFNAME= CNI_PATH= \
		< <(config web '.cniVersion = "1.1.0" | .["cni.dev/valid-attachments"] = []')
	was_success GC
}

@test "an invalid container id is 4" {
	for id in ../x -a some-%%x 'a b' a/b . .a $'a\nb' _a ä; do
		fails 4 ADD web . CNI_CONTAINERID="$id"
		says CNI_CONTAINERID
	done
	for verb in DEL CHECK; do
		fails 4 "$verb" web . CNI_CONTAINERID=../x
		says CNI_CONTAINERID
	done
}

@test "an invalid interface name is 4" {
	for name in 0123456789abcdef .. . a/b 'a b' a:b $'a\tb' $'a\nb'; do
		fails 4 ADD web . CNI_IFNAME="$name"
		says CNI_IFNAME
	done
	for verb in DEL CHECK; do
		fails 4 "$verb" web . CNI_IFNAME=..
		says CNI_IFNAME
	done
}

@test "an interface name of 15 bytes, of any bytes but those, is a name" {
	for name in 0123456789abcde ... -a ä a%sb "a'b"; do
		fails 100 ADD web ".prevResult.interfaces[2].name = \"$name\"" CNI_IFNAME="$name"
		says "find interface"
		succeeds DEL web . CNI_IFNAME="$name"
	done
}

@test "stdin that cannot be read is 5" {
	for verb in ADD DEL CHECK GC STATUS; do
		call "$verb" web </run
		was_failure 5
		call "$verb" web <&-
		was_failure 5
	done
}

@test "a pod name in CNI_ARGS that is none is 4 for ADD and CHECK, and does not keep DEL, GC and STATUS from working" {
	local name long

	long=$(printf 'x%.0s' {1..254})
	for name in "$long" $'a\nb' $'\xff' $'a\x7f'; do
		for verb in ADD CHECK; do
			fails 4 "$verb" web . CNI_ARGS="IgnoreUnknown=1;K8S_POD_NAME=$name;X=1"
			says "CNI_ARGS: K8S_POD_NAME is no name"
			fails 4 "$verb" web . CNI_ARGS="K8S_POD_NAME=x;K8S_POD_NAMESPACE=$name"
			says "CNI_ARGS: K8S_POD_NAMESPACE is no name"
		done
		succeeds DEL web . CNI_ARGS="K8S_POD_NAME=$name"
		succeeds STATUS web '.cniVersion = "1.1.0"' CNI_ARGS="K8S_POD_NAME=$name"
		succeeds GC web '.cniVersion = "1.1.0" | .["cni.dev/valid-attachments"] = []' CNI_ARGS="K8S_POD_NAME=$name"
	done
}

@test "CNI_ARGS in any form is taken: empty parts, no value, other keys, names in any script" {
	local arguments long

	long=$(printf 'x%.0s' {1..253})
	for arguments in '' ';' 'K8S_POD_NAME' 'K8S_POD_NAME=' '=;=x;K8S_POD_NAMES=y' 'K8S_POD_NAMESPACE=ä-日本;K8S_POD_NAME=a b;' "K8S_POD_NAME=$long"; do
		succeeds ADD web . CNI_ARGS="$arguments"
		succeeds CHECK web . CNI_ARGS="$arguments"
		succeeds DEL web . CNI_ARGS="$arguments"
	done
	succeeds ADD web . CNI_ARGS='K8S_POD_NAMESPACE=ä;K8S_POD_NAME=old;;K8S_POD_NAME=new'
	expect "pod" 'ä/new' "$(record_value web podNamespace)/$(record_value web podName)"
	succeeds DEL web
}

# Input

@test "what is not a JSON object is 6" {
	for input in '' '{' '[]' '{} x' '{"name": 5,}' "{'name': 5}" '"x"' 1 $'\xef\xbb\xbf{}' '{"a": "\u0000"}' '{"a": 1e400}' \
		'{"a": 01}' $'{"a": "\xff"}'; do
		call ADD web <<<"$input"
		was_failure 6
	done
	for verb in DEL CHECK GC STATUS; do
		call "$verb" web <<<'{} x'
		was_failure 6
	done
	call ADD web </dev/null
	was_failure 6
	says empty
}

@test "a key that is there twice is 6" {
	call ADD web <<<'{"cniVersion": "1.0.0", "name": "net", "policy": {"ingress": {}}, "policy": {}}'
	was_failure 6
	says policy
}

@test "null, and a name that is missing or invalid, are 7" {
	call ADD web <<<null
	was_failure 7
	for name in null '""' '"a/b"' '"../a"' '"-a"' '"a b"'; do
		for verb in ADD DEL CHECK; do
			fails 7 "$verb" web ".name = $name"
			says name
		done
		for verb in GC STATUS; do
			fails 7 "$verb" web ".name = $name | .cniVersion = \"1.1.0\" | .[\"cni.dev/valid-attachments\"] = []"
			says name
		done
	done
	fails 7 ADD web 'del(.name)'
	says name
}

@test "wrong types of name and cniVersion, and a malformed version, are 6" {
	fails 6 ADD web '.name = 5'
	says name
	fails 6 ADD web '.cniVersion = 1'
	says cniVersion
	fails 6 DEL web '.cniVersion = []'
	for version in one 1.0.0.0 v1.0.0 1.0.0-; do
		fails 6 ADD web ".cniVersion = \"$version\""
		says cniVersion
	done
}

@test "a version that is too new, too old or missing is 1, and the supported ones are named" {
	for version in 9.9.9 1.2.0 0.2.0 0.1.0; do
		for verb in ADD DEL CHECK; do
			fails 1 "$verb" web ".cniVersion = \"$version\""
			says "$version"
			says "0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0"
		done
	done
	fails 1 ADD web 'del(.cniVersion)'
	says 0.1.0
}

@test "a verb that is newer than the configuration's version is 1" {
	for version in 0.3.0 0.3.1; do
		fails 1 CHECK web ".cniVersion = \"$version\" | del(.prevResult)"
		says "CHECK is there since CNI 0.4.0"
	done
	for version in 0.3.1 0.4.0 1.0.0; do
		for verb in GC STATUS; do
			fails 1 "$verb" web ".cniVersion = \"$version\" | .[\"cni.dev/valid-attachments\"] = []"
			says "$verb is there since CNI 1.1.0"
		done
	done
}

@test "the error document is in the configuration's version" {
	for version in 0.3.1 0.4.0 1.0.0 1.1.0; do
		fails 7 ADD web ".cniVersion = \"$version\" | del(.prevResult)"
		expect "cniVersion" "$version" "$(jq -r .cniVersion "$OUT")"
	done
}

@test "what runtimes and other plugins put into the configuration is ignored" {
	succeeds ADD web '.args = {cni: {x: 1}} | .runtimeConfig = {portMappings: [], bandwidth: null, mac: "x"} | .dns = {nameservers: ["1.1.1.1"]}
		| .ipam = {type: "x"} | .ipMasq = true | .capabilities = {bandwidth: true} | .["cni.dev/whatever"] = [1] | .cniVersions = ["1.0.0"]
		| .disableCheck = false | .disableGC = true | .loadOnlyInlinedPlugins = true'
	succeeds CHECK web
	succeeds DEL web '.unknown = 1'
}

@test "a valid configuration of 2 MiB is taken" {
	config web '.args = {x: ("a" * 2097152)}' >"$BATS_TEST_TMPDIR/large"
	for verb in ADD CHECK DEL; do
		call "$verb" web <"$BATS_TEST_TMPDIR/large"
		was_success "$verb"
	done
}

@test "a configuration without end is refused" {
	call ADD web < <(head -c 70000000 /dev/zero | tr '\0' ' ')
	was_failure 5
}

@test "an answer that cannot be written is no success" {
	status=0
	config web | ringfence ADD web >/dev/full 2>"$BATS_TEST_TMPDIR/stderr" || status=$?
	expect "exit status" 1 "$status"
	grep -q stdout "$BATS_TEST_TMPDIR/stderr"
	succeeds DEL web
	status=0
	ringfence VERSION web </dev/null >/dev/full || status=$?
	expect "exit status" 1 "$status"
}
