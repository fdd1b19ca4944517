#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The test runner itself: that a failure of any kind is counted, shown and leads to an exit status.

setup() {
	RUN=$BATS_TEST_DIRNAME/../run.sh
	ROOT=$BATS_TEST_TMPDIR/tree
	mkdir -p "$ROOT/test/unit" "$ROOT/test/cni" "$ROOT/build/sanitize/test/unit"
	unset ONLY TEST_TIMEOUT TEST_JOBS
}

# program NAME: a unit test that is this shell script (standard input).
program() {
	touch "$ROOT/test/unit/$1_test.c"
	{ echo '#!/bin/sh' && cat; } >"$ROOT/build/sanitize/test/unit/$1_test"
	chmod +x "$ROOT/build/sanitize/test/unit/$1_test"
}

run_level() { # LEVEL [VARIABLE=VALUE...]
	local level=$1
	shift
	run env TEST_ROOT="$ROOT" LEVEL="$level" "$@" "$RUN"
	echo "$output"
	last=${lines[${#lines[@]} - 1]}
}

@test "all pass: two groups of a program are added up" {
	program good <<-'END'
		printf '1..2\nok 1 - a\nok 2 - b\n# ok - first\n1..1\nok 1 - c\n# ok - second\n'
	END
	run_level unit
	[ "$status" = 0 ]
	[ "$last" = "3 passed, 0 failed" ]
}

@test "a failing test is shown with its output" {
	program bad <<-'END'
		printf '1..3\nok 1 - a\nheard before\nnot ok 2 - b\n# 0x1 != 0x2\n# b.c:9: error: Failure!\nok 3 - c\n# not ok - all\n'
		echo 'said on stderr' >&2
		exit 1
	END
	run_level unit
	[ "$status" = 1 ]
	[ "$last" = "2 passed, 1 failed" ]
	[[ $output == *"FAIL unit/bad_test: b"* ]]
	[[ $output == *"heard before"* ]]
	[[ $output == *"# 0x1 != 0x2"* ]]
	[[ $output == *"said on stderr"* ]]
}

@test "skipped tests of cmocka are named with their reasons" {
	program skips <<-'END'
		printf '1..2\nok 1 - a\nskip: no such thing here\nnot ok 2 # SKIP b\n# ok - all\n'
	END
	run_level unit
	[ "$status" = 0 ]
	[ "$last" = "1 passed, 0 failed, 1 skipped" ]
	[[ $output == *"unit/skips_test: b: no such thing here"* ]]
}

@test "skipped tests of bats are named with their reasons" {
	# bats would take a line that begins with @test for one of this file.
	sed 's/^TEST/@test/' >"$ROOT/test/cni/some.bats" <<-'END'
		TEST "works" { true; }
		TEST "cannot" { skip "needs a newer moon"; }
		TEST "breaks" { echo "the output of it"; false; }
	END
	run_level cni
	[ "$status" = 1 ]
	[ "$last" = "1 passed, 1 failed, 1 skipped" ]
	[[ $output == *"cni/some: cannot: needs a newer moon"* ]]
	[[ $output == *"the output of it"* ]]
}

@test "programs that wait run at once, and each is counted" {
	local name

	for name in one other; do
		sed -e 's/^TEST/@test/' -e "s/SELF/$name/" >"$ROOT/test/cni/$name.bats" <<-END
			TEST "waits for the rest" {
				touch "$BATS_TEST_TMPDIR/met-SELF"
				timeout 200 sh -c 'until [ "\$(ls -d $BATS_TEST_TMPDIR/met-* | wc -l)" = 2 ]; do sleep 0.1; done'
			}
		END
	done
	run_level cni TEST_JOBS=2
	[ "$last" = "2 passed, 0 failed" ]
	run_level cni TEST_JOBS=1 ONLY=one
	[ "$last" = "1 passed, 0 failed" ]
}

# lint: what it runs here instead of scripts/lint.sh (standard input)
lint() {
	mkdir "$ROOT/scripts"
	{ echo '#!/bin/sh' && cat; } >"$ROOT/scripts/lint.sh"
	chmod +x "$ROOT/scripts/lint.sh"
}

@test "programs of several levels run at once, and lint takes no place among them" {
	meet="timeout 200 sh -c 'until [ \"\$(ls -d $BATS_TEST_TMPDIR/met-* | wc -l)\" = 3 ]; do sleep 0.1; done'"
	lint <<-END
		touch $BATS_TEST_TMPDIR/met-lint && $meet && printf '1..1\nok 1 - a\n'
	END
	program one <<-END
		touch $BATS_TEST_TMPDIR/met-one && $meet && printf '1..1\nok 1 - a\n'
	END
	sed 's/^TEST/@test/' >"$ROOT/test/cni/other.bats" <<-END
		TEST "waits for the rest" { touch $BATS_TEST_TMPDIR/met-other && $meet; }
	END
	run_level "lint unit cni" TEST_JOBS=2
	[ "$last" = "3 passed, 0 failed" ]
	[[ $output == *"unit took "* && $output == *"cni took "* && $output == *"lint took "* ]]
}

@test "a bats file that is tagged as alone runs when all else has ended" {
	lint <<-END
		sleep 1
		touch $BATS_TEST_TMPDIR/ended-lint
		printf '1..1\nok 1 - a\n'
	END
	program one <<-END
		sleep 0.5
		touch $BATS_TEST_TMPDIR/ended-one
		printf '1..1\nok 1 - a\n'
	END
	for name in measures "measures too"; do
		sed -e 's/^TEST/@test/' >"$ROOT/test/cni/${name/ /_}.bats" <<-END
			# bats file_tags=alone
			TEST "$name" {
				[ -e $BATS_TEST_TMPDIR/ended-lint ]
				[ -e $BATS_TEST_TMPDIR/ended-one ]
				mkdir $BATS_TEST_TMPDIR/alone
				sleep 0.2
				rmdir $BATS_TEST_TMPDIR/alone
			}
		END
	done
	run_level "lint unit cni" TEST_JOBS=9
	[ "$last" = "4 passed, 0 failed" ]
}

@test "a program that is killed is a failure" {
	program crash <<-'END'
		printf '1..2\nok 1 - a\n'
		kill -SEGV $$
	END
	run_level unit
	[ "$status" = 1 ]
	[ "$last" = "1 passed, 1 failed" ]
	[[ $output == *"killed by signal 11"* ]]
}

@test "fewer tests than planned are a failure" {
	program short <<-'END'
		printf '1..3\nok 1 - a\n'
	END
	run_level unit
	[ "$status" = 1 ]
	[ "$last" = "1 passed, 1 failed" ]
	[[ $output == *"1 tests ran of 3 planned"* ]]
}

@test "a group that cannot be set up is a failure" {
	program group <<-'END'
		printf '1..2\nnot ok 0 - g [  FAILED  ] GROUP SETUP\n# ok - g\n'
	END
	run_level unit
	[ "$status" = 1 ]
	[[ $output == *"GROUP SETUP"* ]]
}

@test "no plan is a failure" {
	program silent <<-'END'
		exit 0
	END
	run_level unit
	[ "$status" = 1 ]
	[ "$last" = "0 passed, 1 failed" ]
}

@test "a sanitizer's report after good tests is a failure" {
	program leak <<-'END'
		printf '1..1\nok 1 - a\n'
		echo 'ERROR: LeakSanitizer: detected memory leaks' >&2
		exit 99
	END
	run_level unit
	[ "$status" = 1 ]
	[ "$last" = "1 passed, 1 failed" ]
	[[ $output == *"LeakSanitizer"* ]]
}

@test "LeakSanitizer works where the tests run" {
	cat >"$BATS_TEST_TMPDIR/leak.c" <<-'END'
		#include <stdio.h>
		#include <stdlib.h>
		int main(void)
		{
			for (int i = 0; i < 10; i++) {
				char *volatile lost = malloc(77);
				(void)lost;
			}
			puts("1..1\nok 1 - leaks");
			return fflush(stdout);
		}
	END
	touch "$ROOT/test/unit/leak_test.c"
	gcc -fsanitize=address,undefined -o "$ROOT/build/sanitize/test/unit/leak_test" "$BATS_TEST_TMPDIR/leak.c"
	run_level unit
	[ "$status" = 1 ]
	[ "$last" = "1 passed, 1 failed" ]
	[[ $output == *"detected memory leaks"* ]]
}

@test "a program that hangs is ended and is a failure" {
	program hang <<-'END'
		echo 1..1
		sleep 60
	END
	run_level unit TEST_TIMEOUT=1
	[ "$status" = 1 ]
	[[ $output == *"timed out"* ]]
}

@test "a test that was not built is a failure" {
	program good <<-'END'
		printf '1..1\nok 1 - a\n'
	END
	touch "$ROOT/test/unit/lost_test.c"
	run_level unit
	[ "$status" = 1 ]
	[ "$last" = "1 passed, 1 failed" ]
	[[ $output == *"1 programs of 2 are built"* ]]
}

@test "a level without tests is a failure, and so is one that does not exist" {
	run_level unit
	[ "$status" = 1 ]
	[ "$last" = "0 passed, 1 failed" ]
	run_level moon
	[ "$status" = 1 ]
}

@test "an interrupt ends the test that runs and lets it clean up" {
	program long <<-END
		trap 'touch $BATS_TEST_TMPDIR/cleaned; exit 1' TERM
		touch $BATS_TEST_TMPDIR/started
		sleep 60 &
		wait
	END
	TEST_ROOT=$ROOT LEVEL=unit "$RUN" 3>&- &
	runner=$!
	for _ in $(seq 600); do
		[ -e "$BATS_TEST_TMPDIR/started" ] && break
		sleep 0.1
	done
	kill -TERM "$runner"
	run_status=0
	wait "$runner" || run_status=$?
	[ "$run_status" = 130 ]
	[ -e "$BATS_TEST_TMPDIR/cleaned" ]
}
