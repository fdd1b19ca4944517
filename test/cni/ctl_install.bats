#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# ringfencectl install and uninstall: the list of plugins that runtimes use has ringfence, and is else as it was.

setup() {
	load helpers.bash
	start_host
	CONFLISTS=/etc/cni/net.d
	lab mkdir -p "$CONFLISTS"
}

teardown() {
	stop_host
}

# conflist NAME [FILTER]: a list of bridge and portmap, changed by the jq filter
conflist() {
	jq -n '{cniVersion: "1.0.0", name: "net", plugins: [{type: "bridge", bridge: "rf0", ipam: {type: "host-local",
		subnet: "10.88.0.0/24"}}, {type: "portmap", capabilities: {portMappings: true}}]} | '"${2:-.}" |
		lab tee "$CONFLISTS/$1" >/dev/null
}

copy() { # NAME: as the file is now, in $BATS_TEST_TMPDIR
	lab cat "$CONFLISTS/$1" >"$BATS_TEST_TMPDIR/$1"
}

is_copy() { # NAME
	lab cat "$CONFLISTS/$1" | cmp - "$BATS_TEST_TMPDIR/$1"
}

types() { # NAME
	lab jq -r '[.plugins[].type] | join(" ")' "$CONFLISTS/$1"
}

install() {
	run --separate-stderr -0 ctl install --bin-dir "$RINGFENCE_DIRECTORY" "$@"
}

@test "install adds ringfence as the last plugin of the active list, uninstall gives the very file back" {
	conflist 10-net.conflist
	conflist 20-other.conflist
	copy 10-net.conflist
	copy 20-other.conflist
	install
	# shellcheck disable=SC2154 # bats sets it
	expect stderr "" "$stderr"
	[[ $output == "$CONFLISTS/10-net.conflist: ringfence is in it;"* ]]
	expect types "bridge portmap ringfence" "$(types 10-net.conflist)"
	is_copy 20-other.conflist
	run -0 ctl uninstall
	[[ $output == "$CONFLISTS/10-net.conflist: ringfence is not in it any more"* ]]
	is_copy 10-net.conflist
}

@test "a pod that is added by the list after install is under its policy" {
	conflist 10-net.conflist '.plugins |= .[:1]'
	jq -n '{ingress: {}}' >"$BATS_TEST_TMPDIR/closed.json"
	install --policy "$BATS_TEST_TMPDIR/closed.json"
	lab_pod web
	lab cat "$CONFLISTS/10-net.conflist" >"$BATS_TEST_TMPDIR/list"
	chain ADD web "$BATS_TEST_TMPDIR/list" >/dev/null
	run -0 ctl pod list
	[[ $output == *default/web* ]]
	chain DEL web "$BATS_TEST_TMPDIR/list"
}

@test "the active list is the first by name among *.conflist, *.conf and *.json; other files and directories are none" {
	conflist 30-net.conflist
	lab mkdir "$CONFLISTS/05-directory.conflist"
	lab sh -c "echo x | tee $CONFLISTS/00-net.conflist.bak $CONFLISTS/01-conflist >$CONFLISTS/02.txt"
	conflist 20-Z.conflist
	conflist 20-a.conflist
	install
	expect types "bridge portmap ringfence" "$(types 20-Z.conflist)"
	expect types "bridge portmap" "$(types 20-a.conflist)"
}

@test "a list can be named, and the directory can be another" {
	conflist 10-net.conflist
	conflist 20-other.conflist
	install "$CONFLISTS/20-other.conflist"
	expect types "bridge portmap" "$(types 10-net.conflist)"
	expect types "bridge portmap ringfence" "$(types 20-other.conflist)"
	lab cp -r "$CONFLISTS" /run/lists
	install --directory /run/lists
	expect types "bridge portmap" "$(types 10-net.conflist)"
	expect types "bridge portmap ringfence" "$(lab jq -r '[.plugins[].type] | join(" ")' /run/lists/10-net.conflist)"
}

@test "a directory beside a list that is named is refused, and changes nothing" {
	conflist 10-net.conflist
	copy 10-net.conflist
	for verb in install uninstall; do
		run -2 ctl "$verb" --directory /run "$CONFLISTS/10-net.conflist"
		[[ $output == *"--directory "*" give one of them"* ]] || fail "$output"
		is_copy 10-net.conflist
	done
}

@test "again, it says so and does not touch the file, with exit status 0" {
	conflist 10-net.conflist
	install --mode audit
	copy 10-net.conflist
	before=$(lab stat -c '%i %y %z' "$CONFLISTS/10-net.conflist")
	for options in "" "--mode audit"; do
		# shellcheck disable=SC2086 # words
		install $options
		expect output "$CONFLISTS/10-net.conflist: ringfence is in it already, in mode audit" "$output"
	done
	expect "the file" "$before" "$(lab stat -c '%i %y %z' "$CONFLISTS/10-net.conflist")"
	run -1 ctl install --mode enforce
	[[ $output == *'with another value of "mode"'*"ringfencectl uninstall $CONFLISTS/10-net.conflist"* ]]
	is_copy 10-net.conflist
	ctl uninstall
	before=$(lab stat -c '%i %y %z' "$CONFLISTS/10-net.conflist")
	run -0 ctl uninstall
	expect output "$CONFLISTS/10-net.conflist: ringfence is not in it" "$output"
	expect "the file" "$before" "$(lab stat -c '%i %y %z' "$CONFLISTS/10-net.conflist")"
}

@test "again with the mode that it has by default, it is there already" {
	conflist 10-net.conflist
	install
	install --mode enforce
	expect output "$CONFLISTS/10-net.conflist: ringfence is in it already" "$output"
	ctl uninstall
	install --mode enforce
	install
	expect output "$CONFLISTS/10-net.conflist: ringfence is in it already" "$output"
}

@test "--policy, --mode and --policy-dir become the entry's keys, and are read as the plugin reads them" {
	conflist 10-net.conflist
	copy 10-net.conflist
	lab mkdir /run/documents
	jq -n '{name: "web", ingress: {rules: [{id: 1, action: "allow", protocol: "tcp", ports: ["80"]}]}}' \
		>"$BATS_TEST_TMPDIR/web.json"
	install --policy "$BATS_TEST_TMPDIR/web.json" --mode audit --policy-dir /run/documents
	expect entry "$(jq -c --slurpfile web "$BATS_TEST_TMPDIR/web.json" -n \
		'{type: "ringfence", mode: "audit", policyDir: "/run/documents", policy: $web[0]}')" \
		"$(lab jq -c '.plugins[-1]' "$CONFLISTS/10-net.conflist")"
	ctl uninstall
	is_copy 10-net.conflist
	echo '{"ingres": {}}' >"$BATS_TEST_TMPDIR/typo.json"
	echo '{"ingress": ' >"$BATS_TEST_TMPDIR/cut.json"
	echo '{"selector": {"pod": "x"}}' >"$BATS_TEST_TMPDIR/selector.json"
	while IFS=: read -r options fault; do
		# shellcheck disable=SC2086 # words
		run -1 ctl install $options
		[[ $output == *"$fault"* ]] || fail "$options: $output"
		is_copy 10-net.conflist
	done <<-END
		--policy $BATS_TEST_TMPDIR/typo.json:policy.ingres: unknown key
		--policy $BATS_TEST_TMPDIR/cut.json:cut.json: not valid JSON
		--policy $BATS_TEST_TMPDIR/selector.json:policy.selector
		--policy $BATS_TEST_TMPDIR/none.json:none.json: No such file
		--mode strict:mode: "strict"
		--policy-dir documents:policyDir
		--policy-dir /run/none:/run/none: No such file
	END
}

@test "a broken document of the node, which would fail every ADD, is said before anything changes" {
	conflist 10-net.conflist
	copy 10-net.conflist
	lab mkdir -p /etc/ringfence/policy.d
	lab sh -c 'echo "{\"ingress\":\n {\"defalt\": 1}}" >/etc/ringfence/policy.d/x.json'
	run -1 ctl install
	[[ $output == *"/etc/ringfence/policy.d/x.json: line 2: ingress.defalt"* ]]
	is_copy 10-net.conflist
}

@test "--dry-run prints a diff that makes the change, and changes nothing" {
	lab sh -c "printf '{\"cniVersion\": \"1.0.0\", \"name\": \"net\",\r\n\"plugins\": [\r\n\t{\"type\": \"bridge\"}\r\n]}' >$CONFLISTS/10-net.conflist"
	copy 10-net.conflist
	before=$(lab stat -c '%i %y %z' "$CONFLISTS/10-net.conflist")
	install --dry-run
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/diff"
	is_copy 10-net.conflist
	expect "the file" "$before" "$(lab stat -c '%i %y %z' "$CONFLISTS/10-net.conflist")"
	expect "nothing else" 10-net.conflist "$(lab ls -A "$CONFLISTS")"
	install
	patch -s --binary "$BATS_TEST_TMPDIR/10-net.conflist" "$BATS_TEST_TMPDIR/diff"
	is_copy 10-net.conflist
	run -0 --separate-stderr ctl uninstall --dry-run
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/diff"
	ctl uninstall
	patch -s --binary "$BATS_TEST_TMPDIR/10-net.conflist" "$BATS_TEST_TMPDIR/diff"
	is_copy 10-net.conflist
}

@test "--json says which file, whether it has changed, the diff and the warnings" {
	conflist 10-net.conflist
	install --json --dry-run
	expect json "$CONFLISTS/10-net.conflist false true []" "$(jq -r '"\(.conflist) \(.changed) \(.diff | startswith("---")) \(.warnings)"' <<<"$output")"
	install --json
	expect json '{"conflist":"'"$CONFLISTS"'/10-net.conflist","changed":true,"diff":null,"warnings":[]}' "$output"
	install --json
	expect changed false "$(jq .changed <<<"$output")"
}

@test "owner, mode and extended attributes stay; a symbolic link stays one, and its target is changed" {
	conflist real
	lab mv "$CONFLISTS/real" /run/real.conflist
	lab ln -s /run/real.conflist "$CONFLISTS/10-net.conflist"
	lab chown 12:34 /run/real.conflist
	lab chmod 0640 /run/real.conflist
	lab python3 -c 'import os; os.setxattr("/run/real.conflist", "trusted.label", b"kept\0")'
	for verb in install uninstall; do
		ctl "$verb"
		expect link /run/real.conflist "$(lab readlink "$CONFLISTS/10-net.conflist")"
		expect "owner and mode" "12 34 640" "$(lab stat -c '%u %g %a' /run/real.conflist)"
		expect label "b'kept\\x00'" "$(lab python3 -c 'import os; print(os.getxattr("/run/real.conflist", "trusted.label"))')"
		expect "nothing else" 10-net.conflist "$(lab ls -A "$CONFLISTS")"
		[ "$verb" = uninstall ] || expect types "bridge portmap ringfence" "$(types 10-net.conflist)"
	done
	expect types "bridge portmap" "$(types 10-net.conflist)"
}

@test "a file without an access list does not get the one that its directory has for new files" {
	conflist 10-net.conflist
	lab chmod 0640 "$CONFLISTS/10-net.conflist"
	# Read and write for user 65534 (linux/posix_acl_xattr.h).
	lab python3 -c 'import os, struct, sys
entries = (1, 7, 0xffffffff), (2, 6, 65534), (4, 5, 0xffffffff), (16, 7, 0xffffffff), (32, 5, 0xffffffff)
os.setxattr(sys.argv[1], "system.posix_acl_default", struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries))' \
		"$CONFLISTS" || skip "no access lists here"
	for verb in install uninstall; do
		ctl "$verb"
		expect "access list after $verb" "[]" \
			"$(lab python3 -c 'import os, sys; print([name for name in os.listxattr(sys.argv[1]) if "acl" in name])' "$CONFLISTS/10-net.conflist")"
		expect "mode after $verb" 640 "$(lab stat -c %a "$CONFLISTS/10-net.conflist")"
	done
}

@test "what an interrupted change has left is no list to runtimes, and the next one takes it away" {
	conflist 10-net.conflist
	copy 10-net.conflist
	# The rename is where the kill is.
	run -137 lab "${STRACE[@]}" -o /dev/null -e trace=renameat,renameat2,rename \
		-e inject=renameat,renameat2,rename:signal=KILL:when=1 "$RINGFENCE_DIRECTORY/ringfencectl" install
	is_copy 10-net.conflist
	expect files $'.10-net.conflist.ringfence-new\n10-net.conflist' "$(lab ls -A "$CONFLISTS")"
	install
	expect files 10-net.conflist "$(lab ls -A "$CONFLISTS")"
	expect types "bridge portmap ringfence" "$(types 10-net.conflist)"
}

@test "a file system that takes no more keeps the file as it was, and nothing beside it" {
	conflist 10-net.conflist
	copy 10-net.conflist
	for call in write fsync renameat fchown; do
		run -1 lab "${STRACE[@]}" -o /dev/null -P "$CONFLISTS/.10-net.conflist.ringfence-new" -P "$CONFLISTS" \
			-e "trace=$call" -e "inject=$call:error=ENOSPC:when=1" \
			"$RINGFENCE_DIRECTORY/ringfencectl" install
		[[ $output == *"10-net.conflist: No space left on device"* ]] || fail "$call: $output"
		is_copy 10-net.conflist
		expect files 10-net.conflist "$(lab ls -A "$CONFLISTS")"
	done
}

@test "several at once: one adds it, the others find it" {
	conflist 10-net.conflist
	for _ in 1 2 3 4 5 6; do
		echo ctl install --bin-dir "$RINGFENCE_DIRECTORY"
	done >"$BATS_TEST_TMPDIR/calls"
	together <"$BATS_TEST_TMPDIR/calls" >"$BATS_TEST_TMPDIR/said"
	expect types "bridge portmap ringfence" "$(types 10-net.conflist)"
	expect "who found it" 5 "$(grep -c already "$BATS_TEST_TMPDIR/said")"
}

@test "uninstall removes the entry as it stands, wherever and however often, and keeps other edits" {
	conflist 10-net.conflist
	install
	lab jq '.plugins |= [.[2] + {mode: "audit"}, .[0], .[2], .[1] + {new: 1}, .[2]]' "$CONFLISTS/10-net.conflist" >"$BATS_TEST_TMPDIR/edited"
	lab cp "$BATS_TEST_TMPDIR/edited" "$CONFLISTS/10-net.conflist"
	run -1 ctl install
	[[ $output == *"ringfence is in it 3 times"* ]]
	ctl uninstall
	expect list "$(jq -c 'del(.plugins[] | select(.type == "ringfence"))' "$BATS_TEST_TMPDIR/edited")" \
		"$(lab jq -c . "$CONFLISTS/10-net.conflist")"
}

@test "what cannot be chained is refused with the way to mend it, and stays as it is" {
	run -1 ctl install
	[[ $output == *"$CONFLISTS has no *.conflist"*"--directory"* ]]
	run -1 ctl install --directory /run/none
	[[ $output == *"/run/none: No such file"*"set up the network first"*"--directory"* ]]
	while IFS='|' read -r name text fault; do
		printf '%s' "$text" | lab tee "$CONFLISTS/$name" >/dev/null
		copy "$name"
		for verb in install uninstall; do
			run -1 ctl "$verb"
			[[ $output == *"$name: "*"$fault"* ]] || fail "$text: $output"
			is_copy "$name"
		done
		lab rm "$CONFLISTS/$name"
	done <<-'END'
		10-x.conf|{"cniVersion": "1.0.0", "name": "n", "type": "bridge"}|one plugin's configuration ("bridge")
		10-x.conflist|{"cniVersion": "1.0.0", "name": "n", "plugins": []}|no array of plugins
		10-x.conflist|// comment|not valid JSON: line 1
		10-x.conflist||not valid JSON
		10-x.json|{"cniVersion": "1.0.0", "plugins": [{"type": "bridge"}]}|name: 
	END
	for text in '{"name": "n", "plugins": [{"type": "bridge"}]}' '{"cniVersion": "0.2.0", "name": "n", "plugins": [{"type": "bridge"}]}'; do
		printf '%s' "$text" | lab tee "$CONFLISTS/10-x.conflist" >/dev/null
		run -1 ctl install
		[[ $output == *"10-x.conflist would be refused by ringfence"*cniVersion* ]]
	done
	conflist 10-x.conflist '.plugins = [{type: "ringfence"}]'
	run -1 ctl uninstall
	[[ $output == *"ringfence is the only plugin"* ]]
	lab rm "$CONFLISTS/10-x.conflist"
	lab mkfifo "$CONFLISTS/10-x.conflist"
	run -1 timeout 10 nsenter --target "$LAB_PID" --mount -- "$RINGFENCE_DIRECTORY/ringfencectl" install
	[[ $output == *"no regular file"* ]]
}

@test "the conversion that is said for a single plugin makes a list that can be installed to" {
	lab sh -c "echo '{\"cniVersion\": \"1.0.0\", \"name\": \"n\", \"type\": \"bridge\", \"bridge\": \"b0\"}' >$CONFLISTS/10-x.conf"
	run -1 ctl install
	filter=$(sed -n "s/.*jq '\\(.*\\)' FILE.*/\\1/p" <<<"$output")
	lab sh -c "jq '$filter' $CONFLISTS/10-x.conf >$CONFLISTS/10-x.conflist && rm $CONFLISTS/10-x.conf"
	install
	expect list '{"cniVersion":"1.0.0","name":"n","plugins":[{"type":"bridge","bridge":"b0"},{"type":"ringfence"}]}' \
		"$(lab jq -c . "$CONFLISTS/10-x.conflist")"
}

@test "a plugin that is not there, a chain without veth and a name that is no list's are warned of" {
	conflist 10-net.conflist '.plugins[0].type = "macvlan"'
	run --separate-stderr -0 ctl install --bin-dir /run
	[[ $stderr == *"warning: the plugin is not in /run"* ]]
	[[ $stderr == *"warning: no plugin of $CONFLISTS/10-net.conflist is known to give pods a veth"* ]]
	expect types "macvlan portmap ringfence" "$(types 10-net.conflist)"
	conflist 05-net.conf
	install
	[[ $stderr == *"warning: runtimes take $CONFLISTS/05-net.conf for one plugin's configuration"* ]]
}

@test "another's change meanwhile is not lost: it is refused, and can be tried again" {
	conflist 10-net.conflist
	stopping fsync -P "$CONFLISTS/.10-net.conflist.ringfence-new"
	lab "${STOPPING[@]}" "$RINGFENCE_DIRECTORY/ringfencectl" install >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- 4>&- &
	installing=$!
	within 30 has_stopped
	lab tee "$CONFLISTS/10-net.conflist" >/dev/null <<<'{"cniVersion": "1.0.0", "name": "theirs", "plugins": [{"type": "ptp"}]}'
	go_on
	status=0
	wait "$installing" || status=$?
	expect "exit status" 1 "$status"
	[[ $(<"$BATS_TEST_TMPDIR/said") == *"was changed by somebody else meanwhile; try again"* ]] || fail "$(<"$BATS_TEST_TMPDIR/said")"
	expect types ptp "$(types 10-net.conflist)"
	install
	expect types "ptp ringfence" "$(types 10-net.conflist)"
}

@test "what is printed as JSON is UTF-8, also of a file whose name is not" {
	conflist $'10-\xff.conflist'
	install --json
	jq -e '.changed and (.conflist | test("10-.*\\.conflist"))' <<<"$output"
	iconv -f UTF-8 -t UTF-8 <<<"$output" >/dev/null || fail "no UTF-8"
	run -1 ctl doctor --json
	iconv -f UTF-8 -t UTF-8 <<<"$output" >/dev/null || fail "no UTF-8"
}
