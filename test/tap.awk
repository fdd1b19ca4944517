# SPDX-License-Identifier: Apache-2.0
# Judges what one test program printed in TAP, as cmocka and bats write it:
#
#   awk -v name=NAME -v status=EXIT -v skips=FILE -v errors=FILE -f tap.awk OUTPUT
#
# Prints each failure with its output, appends the skipped tests with their reasons to `skips`, and ends
# with the line "PASSED FAILED SKIPPED". A program fails as such, whatever its tests say, when it
# printed no plan, ran fewer or more tests than planned, was killed or timed out, or exited with an
# error that no test explains (a sanitizer's report, for one). `errors` is its stderr, shown then.
#
# cmocka prints a plan for each group and numbers the tests of each from 1; a skipped test is
# "not ok N # SKIP name", its reason what the test printed last; a group that cannot be set up is
# "not ok 0". In bats' output the reason follows the name: "ok N name # skip reason".

function forget() { chunk = ""; last = "" }

function fail(what) {
	printf "FAIL %s: %s\n", name, what
	printf "%s", chunk
	failed++
	forget()
}

function skip(test, reason) {
	printf "%s: %s: %s\n", name, test, reason == "" ? "no reason given" : reason >> skips
	skipped++
	forget()
}

BEGIN { failed = passed = skipped = planned = ran = plans = 0; forget() }

/^1\.\.[0-9]+/ {
	plans++
	planned += substr($1, 4)
	if ($0 ~ /^1\.\.0 +# *[Ss][Kk][Ii][Pp]/) {
		sub(/^1\.\.0 +# *[A-Za-z]+ */, "")
		skip("all of it", $0)
	}
	failing = 0
	forget()
	next
}

/^(not )?ok [0-9]+/ {
	bad = /^not/
	sub(/^not /, "")
	number = $2
	test = $0
	sub(/^ok [0-9]+ *-? */, "", test)
	failing = 0
	if (number > 0)
		ran++
	if (test ~ /^# *SKIP/) {
		sub(/^# *SKIP */, "", test)
		sub(/^skip: */, "", last)
		skip(test, last)
	} else if (!bad && match(test, / # skip/)) {
		reason = substr(test, RSTART + RLENGTH)
		sub(/^ +/, "", reason)
		skip(substr(test, 1, RSTART - 1), reason)
	} else if (bad) {
		fail(test)
		failing = 1
	} else {
		passed++
		forget()
	}
	next
}

/^# (not )?ok - / { failing = 0; next } # cmocka's word on a group

failing && /^#/ { print; next }

{
	chunk = chunk $0 "\n"
	if ($0 != "")
		last = $0
}

END {
	if (status == 124)
		fail("timed out")
	else if (status > 128)
		fail("killed by signal " status - 128)
	else if (plans == 0)
		fail("printed no test plan, exit status " status)
	else if (ran != planned)
		fail(ran " tests ran of " planned " planned, exit status " status)
	else if (ran == 0 && skipped == 0)
		fail("no tests")
	else if (status == 99 || (status != 0 && failed == 0))
		fail("all tests ran, but the exit status is " status)
	if (failed > 0)
		while ((getline line < errors) > 0)
			print line
	print passed, failed, skipped
}
