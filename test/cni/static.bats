#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The programs of `make static` and `make install`: they run on a host that has none of our libraries.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
}

# each COMMAND...: runs it with the path of each static program as $program.
each() {
	local program
	for program in build/static/ringfence build/static/ringfencectl; do
		echo "# $program"
		"$@" || return 1
	done
}

headers() { # OPTION PATTERN: readelf says it
	readelf -W "$1" "$program" | grep -Eq -- "$2"
}

no_headers() {
	! headers "$@"
}

@test "static: no interpreter, no library" {
	each no_headers -l INTERP
	each no_headers -d NEEDED
}

@test "position independent, full RELRO, stack not executable" {
	each headers -h 'Type: +DYN'
	each headers -d 'FLAGS_1.* PIE'
	each headers -l GNU_RELRO
	each headers -d 'BIND_NOW|FLAGS_1.* NOW'
	each headers -l 'GNU_STACK.* RW +0x'
	each no_headers -d TEXTREL
}

has_symbol() { # PATTERN: in the program before it was stripped
	nm "$program.unstripped" | grep -Eq "$1"
}

@test "stack protector and fortified functions" {
	each has_symbol ' __stack_chk_fail$'
	each has_symbol ' __[a-z]*printf_chk$'
}

no_tree() {
	! grep -qF -- "$PWD/" "$program"
}

@test "stripped, and no path of the build in it" {
	each no_headers -S '\.(symtab|debug_info)'
	each no_tree
}

in_empty_root() {
	local root=$BATS_TEST_TMPDIR/${program##*/}
	install -D -m 755 "$program" "$root/program"
	env -i "$(command -v chroot)" "$root" /program "$@" >"$root.out" 2>"$root.err"
}

@test "the plugin runs with nothing around it: about text on stderr, nothing on stdout" {
	[ "$(id -u)" = 0 ] || skip "chroot needs root"
	program=build/static/ringfence
	in_empty_root
	grep -q ringfence "$BATS_TEST_TMPDIR/ringfence.err"
	[ ! -s "$BATS_TEST_TMPDIR/ringfence.out" ]
}

@test "ringfencectl runs with nothing around it" {
	[ "$(id -u)" = 0 ] || skip "chroot needs root"
	program=build/static/ringfencectl
	in_empty_root --help
	grep -q ringfencectl "$BATS_TEST_TMPDIR/ringfencectl.out"
}

@test "make install puts the programs and the manual under DESTDIR, make uninstall removes them" {
	local root=$BATS_TEST_TMPDIR/root
	local directories=(CNI_BIN_DIR=/usr/libexec/cni SBINDIR=/usr/sbin MANDIR=/usr/share/man BASH_COMPLETION_DIR=/usr/share/bash ZSH_COMPLETION_DIR=/usr/share/zsh)
	make -s install DESTDIR="$root" "${directories[@]}"
	run find "$root" -type f -printf '%m /%P\n'
	[ "$(sort <<<"$output")" = $'644 /usr/share/bash/ringfencectl\n644 /usr/share/man/man8/ringfence.8\n644 /usr/share/man/man8/ringfencectl.8
644 /usr/share/zsh/_ringfencectl\n755 /usr/libexec/cni/ringfence\n755 /usr/sbin/ringfencectl' ]
	cmp build/static/ringfence "$root/usr/libexec/cni/ringfence"
	cmp man/ringfence.8 "$root/usr/share/man/man8/ringfence.8"
	cmp man/ringfencectl.8 "$root/usr/share/man/man8/ringfencectl.8"
	build/static/ringfencectl completion bash | cmp - "$root/usr/share/bash/ringfencectl"
	build/static/ringfencectl completion zsh | cmp - "$root/usr/share/zsh/_ringfencectl"
	make -s uninstall DESTDIR="$root" "${directories[@]}"
	[ -z "$(find "$root" -type f)" ]
}

@test "make install without variables means /opt/cni/bin, /usr/local/sbin and /usr/local/share/man" {
	local root=$BATS_TEST_TMPDIR/root
	env -u CNI_BIN_DIR -u SBINDIR -u MANDIR make -s install DESTDIR="$root"
	[ -x "$root/opt/cni/bin/ringfence" ]
	[ -x "$root/usr/local/sbin/ringfencectl" ]
	[ -f "$root/usr/local/share/man/man8/ringfence.8" ]
	[ -f "$root/usr/local/share/man/man8/ringfencectl.8" ]
	[ -f "$root/usr/local/share/bash-completion/completions/ringfencectl" ]
	[ -f "$root/usr/local/share/zsh/site-functions/_ringfencectl" ]
}
