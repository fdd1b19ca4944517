#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What the shells offer for the words of ringfencectl, by the scripts that it prints, in real shells.

setup() {
	load helpers.bash
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	stop_host
}

# offers_bash WORD...: what bash completes the last word to, a line each; as readline cuts the words
offers_bash() {
	PATH=$RINGFENCE_DIRECTORY:$PATH bash -c '
		source <(ringfencectl completion bash)
		COMP_WORDS=(ringfencectl "$@") COMP_CWORD=$#
		_ringfencectl ringfencectl
		printf "%s\n" "${COMPREPLY[@]}"
	' bash "$@"
}

# The same of zsh, whose own functions only say what they were given.
offers_zsh() {
	PATH=$RINGFENCE_DIRECTORY:$PATH zsh -fc '
		compdef() { :; }
		_describe() { print -rl -- "${(@P)3}"; }
		compset() { print -r -- "compset $*"; }
		_files() { print -r -- "files $*"; }
		source <(ringfencectl completion zsh)
		words=(ringfencectl "$@") CURRENT=$(($# + 1))
		_ringfencectl
	' zsh "$@"
}

first() {
	sed 's/\([^\\]\):.*/\1/' | xargs
}

@test "the commands are offered, each noun once and no hidden one, then the verbs, then nothing that is not there" {
	run -0 offers_bash ""
	[[ " $(xargs <<<"$output") " == *" pod policy rule explain session "*" install uninstall doctor "*" help "* ]]
	[[ $output != *complete$'\n'* ]]
	expect "nouns once" "" "$(sort <<<"$output" | uniq -d)"
	expect p "pod policy pressure" "$(offers_bash p | grep -v '^pinhole' | xargs)"
	[[ " $(offers_bash policy "" | xargs) " == *" apply "* ]]
	expect app apply "$(offers_bash policy app)"
	expect nothing "" "$(offers_bash nothing "")"
	expect "help" "pod" "$(offers_bash help po | grep -x pod)"
	expect "behind help" apply "$(offers_bash help policy app)"
}

@test "every option of every command is offered, and every one that is offered is taken" {
	while read -r words; do
		# shellcheck disable=SC2086 # words
		for option in $(offers_bash $words --); do
			run "$RINGFENCE_DIRECTORY/ringfencectl" $words --help
			[[ $output == *"  $option "* || $output == *"  $option"$'\n'* ]] || fail "$words $option: $output"
			run "$RINGFENCE_DIRECTORY/ringfencectl" $words "$option" x --help
			expect "$words $option" 0 "$status"
		done
		# shellcheck disable=SC2086 # words
		expect "$words" "$("$RINGFENCE_DIRECTORY/ringfencectl" $words --help | sed -n 's/^  \(--[a-z-]*\) .*/\1/p' | sort | xargs)" \
			"$(offers_bash $words -- | sort | xargs)"
	done < <("$RINGFENCE_DIRECTORY/ringfencectl" --help | sed -n '/^Commands:/,/^$/p' |
		sed -n 's/^  \([a-z][a-z]*\( [a-z]*\)\{0,1\}\) .*/\1/p' | sed 's/ *$//')
	expect "with a beginning" "--directory --dry-run" "$(offers_bash install --d | sort | xargs)"
	expect "behind --" "" "$(offers_bash install -- --d | grep -e --d)"
}

@test "values are offered by what they are, also behind an equals sign" {
	expect mode "audit enforce" "$(offers_bash install --mode "" | sort | xargs)"
	expect "as bash cuts it" audit "$(offers_bash install --mode = a)"
	expect "just behind it" "audit enforce" "$(offers_bash install --mode = | sort | xargs)"
	expect "as one word" --mode=audit "$(offers_bash install --mode=a)"
	expect shell "bash zsh" "$(offers_bash completion "" | sort | xargs)"
	expect "one too many" "" "$(offers_bash completion bash "")"
	mkdir lists
	touch list.json "a b.json"
	expect file list.json "$(offers_bash policy apply list.)"
	expect "with a space" "a b.json" "$(offers_bash policy apply a)"
	expect conflist $'list.json\nlists' "$(offers_bash install l | sort)"
	expect directory lists "$(offers_bash install --directory l)"
	expect "a file behind an option" list.json "$(offers_bash install --policy = list.)"
}

@test "pods are offered by name" {
	warm_host
	pod web 2
	pod friend 3
	succeeds ADD web
	succeeds ADD friend
	expect pods "default/friend default/web" "$(ctl complete -- stats "" | sort | xargs)"
	expect "by its beginning" default/web "$(ctl complete -- session list default/w)"
	expect "the ends of a flow" "default/friend default/web" "$(ctl complete -- explain --from default/friend --to "" | sort | xargs)"
	expect "an address is none" "" "$(ctl complete -- pinhole del --address "")"
}

@test "zsh is offered the same, with what each is" {
	command -v zsh >/dev/null || skip "no zsh"
	expect nouns "$(offers_bash "" | xargs)" "$(offers_zsh "" | first)"
	[[ $(offers_zsh "") == *"doctor:look for faults"* ]]
	expect options "$(offers_bash install --d | xargs)" "$(offers_zsh install --d | first)"
	expect verbs apply "$(offers_zsh policy app | first)"
	expect values "--mode=audit" "$(offers_zsh install --mode=a)"
	[[ $(offers_zsh policy apply x) == *files* ]]
	[[ $(offers_zsh install --directory=x) == *'compset -P --*='*'files -/'* ]]
}

@test "the scripts are whole, and nothing is offered where ringfencectl says nothing" {
	"$RINGFENCE_DIRECTORY/ringfencectl" completion bash | bash -n
	! command -v zsh >/dev/null || "$RINGFENCE_DIRECTORY/ringfencectl" completion zsh | zsh -n
	run -2 "$RINGFENCE_DIRECTORY/ringfencectl" completion fish
	[[ $output == *"no completion for fish"* ]]
	RINGFENCE_DIRECTORY=/nowhere run offers_bash p
	[[ $output != *pod* ]]
}
