#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The file system of pins: not mounted, read-only, mounted over, not ours. Each test has its own host.

setup() {
	load helpers.bash
	load web.bash
	warm_host
	pod web 2
}

teardown() {
	stop_host
}

STATUS_1_1='.cniVersion = "1.1.0"'

# refused TEXT: ADD (101) and STATUS (50) say it, and change nothing
refused() {
	refuses 101 web "$WEB_POLICY" "$1"
	fails 50 STATUS web "$STATUS_1_1"
	says "$1"
}

mounts() {
	lab grep -c ' /sys/fs/bpf ' /proc/self/mountinfo
}

@test "ADD mounts bpffs where there is none, for root only" {
	lab umount /sys/fs/bpf
	fails 50 STATUS web "$STATUS_1_1"
	says "no bpffs is mounted"
	says "mount -t bpf bpffs /sys/fs/bpf"
	succeeds ADD web "$WEB_POLICY"
	succeeds CHECK web "$WEB_POLICY"
	succeeds STATUS web "$STATUS_1_1"
	expect "file system" "bpf_fs 1700" "$(lab stat -f -c %T /sys/fs/bpf) $(lab stat -c %a /sys/fs/bpf)"
}

@test "ADD mounts bpffs on another file system than sysfs, and below a read-only one" {
	lab umount /sys/fs/bpf
	lab mount -o remount,ro /sys
	succeeds ADD web "$WEB_POLICY"
	succeeds DEL web
	lab umount /sys/fs/bpf
	lab mount -t tmpfs tmpfs /sys/fs/bpf
	succeeds ADD web "$WEB_POLICY"
	succeeds CHECK web "$WEB_POLICY"
}

@test "first calls that are parallel mount bpffs and load once" {
	local before number

	lab umount /sys/fs/bpf
	before=$(mounts || true)
	for number in 3 4 5 6; do
		pod "pod$number" "$number"
	done
	for number in 3 4 5 6; do
		echo succeeds_apart "pod$number"
	done | together
	expect mounts $((before + 1)) "$(mounts)"
	for number in 3 4 5 6; do
		succeeds CHECK "pod$number" "$WEB_POLICY"
	done
}

succeeds_apart() {
	local BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR/$1

	mkdir "$BATS_TEST_TMPDIR"
	# All of them have seen that none is mounted when the first one mounts it.
	succeeds ADD "$1" "$WEB_POLICY" "${STRACE[@]}" -o /dev/null -e inject=mount:delay_enter=500000
}

@test "a mount that is refused: 101, and how to do it" {
	local before

	lab umount /sys/fs/bpf
	before=$(snapshot)
	fails 101 ADD web "$WEB_POLICY" "${STRACE[@]}" -o /dev/null -e inject=mount:error=EPERM
	says "mount bpffs at /sys/fs/bpf"
	says "mount -t bpf bpffs /sys/fs/bpf"
	unchanged "$before"
	fails 101 ADD web "$WEB_POLICY" "${STRACE[@]}" -o /dev/null -e inject=mount:error=ENODEV
	says "No such device"
}

@test "no directory to mount bpffs at: 101, and why; DEL succeeds" {
	lab umount /sys/fs/bpf
	lab mount -t tmpfs tmpfs /sys/fs
	refused "/sys/fs/bpf"
	says "No such file or directory"
	says "CONFIG_BPF_SYSCALL"
	succeeds DEL web
}

@test "options of the mount do not matter" {
	lab umount /sys/fs/bpf
	lab mount -t bpf -o mode=1777,noexec,nosuid,nodev,noatime bpffs /sys/fs/bpf
	succeeds ADD web "$WEB_POLICY"
	expect "mode of our directory" 700 "$(lab stat -c %a /sys/fs/bpf/ringfence)"
	succeeds STATUS web "$STATUS_1_1"
	succeeds CHECK web "$WEB_POLICY"
	succeeds DEL web
}

@test "read-only before anything is loaded: 101, and how to mend it" {
	lab find /sys/fs/bpf/ringfence "$RUN" -depth -delete
	lab mount -o remount,ro /sys/fs/bpf
	refused "the bpffs at /sys/fs/bpf is read-only"
	says "mount -o remount,rw /sys/fs/bpf"
	lab mount -o remount,rw /sys/fs/bpf
	succeeds ADD web "$WEB_POLICY"
}

@test "read-only after ADD: ADD and STATUS say so, DEL detaches, and what stays heals later" {
	local mode option

	for mode in $(modes); do
		# The file system itself, or only this mount of it, in which pins can still be opened
		for option in ro bind,ro; do
			pod other 3
			succeeds ADD web "$WEB_POLICY | .attach = \"$mode\""
			lab mount -o "remount,$option" /sys/fs/bpf
			fails 101 ADD other "$WEB_POLICY"
			says "the bpffs at /sys/fs/bpf is read-only"
			fails 50 STATUS other "$STATUS_1_1"
			says "mount -o remount,rw /sys/fs/bpf"
			succeeds DEL web
			within 2 is_detached v2
			expect records 0 "$(lab find "$RUN/attachments" -type f | wc -l)"
			succeeds DEL web
			lab mount -o "remount,${option/ro/rw}" /sys/fs/bpf
			lab ip netns del web
			within 5 gone v2
			succeeds ADD other "$WEB_POLICY"
			succeeds DEL other
			expect "pod ids" 0 "$(map_size pod_state)"
			expect links 0 "$(lab find "$PINS/links" -type f | wc -l)"
			lab ip netns del other
			within 5 gone v3
			pod web 2
		done
	done
}

@test "pins of another ABI are none of our business" {
	lab find "$PINS" -depth -delete
	lab mkdir -p /sys/fs/bpf/ringfence/v0/maps
	lab "$TOOLS/kernel" load /sys/fs/bpf/ringfence/v0/maps/pods
	succeeds ADD web "$WEB_POLICY"
	succeeds STATUS web "$STATUS_1_1"
	succeeds DEL web
	lab test -e /sys/fs/bpf/ringfence/v0/maps/pods
}

@test "something else in the place of our directory: 101, STATUS 50, DEL succeeds" {
	lab find /sys/fs/bpf/ringfence -depth -delete
	lab mkdir /sys/fs/bpf/elsewhere
	lab ln -s elsewhere /sys/fs/bpf/ringfence
	refused "/sys/fs/bpf/ringfence is a symbolic link, not a directory"
	succeeds DEL web
	lab rm /sys/fs/bpf/ringfence
	lab "$TOOLS/kernel" load /sys/fs/bpf/ringfence
	refused "/sys/fs/bpf/ringfence is a pin, not a directory"
	says "rm /sys/fs/bpf/ringfence"
	succeeds DEL web
	lab rm /sys/fs/bpf/ringfence
	succeeds ADD web "$WEB_POLICY"
}

@test "a directory that others can write to is not trusted" {
	local directory

	for directory in /sys/fs/bpf/ringfence "$PINS"; do
		lab chmod 0770 "$directory"
		refused "others than root can change it"
		says "chmod 0700 $directory"
		lab chmod 0700 "$directory"
		lab chown 1000 "$directory"
		refused "$directory is of user 1000 with mode 0700"
		succeeds DEL web
		lab chown 0 "$directory"
	done
	succeeds ADD web "$WEB_POLICY"
}

@test "a tmpfs over the bpffs after ADD: CHECK and ADD say so, STATUS is 50, and with it gone all is well" {
	local mode

	for mode in $(modes); do
		succeeds ADD web "$WEB_POLICY | .attach = \"$mode\""
		lab mount -t tmpfs tmpfs /sys/fs/bpf
		fails 106 CHECK web "$WEB_POLICY"
		says "a file system of type tmpfs is mounted over the bpffs at /sys/fs/bpf"
		says "umount /sys/fs/bpf"
		refused "type tmpfs is mounted over the bpffs"
		# The pod's own programs are still attached.
		is_attached v2
		lab umount /sys/fs/bpf
		succeeds CHECK web "$WEB_POLICY"
		succeeds STATUS web "$STATUS_1_1"
		succeeds DEL web
		within 2 is_detached v2
	done
}

@test "a tmpfs over the bpffs after ADD: DEL detaches" {
	local mode

	for mode in $(modes); do
		succeeds ADD web "$WEB_POLICY | .attach = \"$mode\""
		lab mount -t tmpfs tmpfs /sys/fs/bpf
		succeeds DEL web
		within 2 is_detached v2
		expect records 0 "$(lab find "$RUN/attachments" -type f | wc -l)"
		lab umount /sys/fs/bpf
		succeeds DEL web
	done
}

# over_mounted MODE: web and old are of a set of maps that is hidden, new is of the one that one sees, with other policies
over_mounted() {
	# Both sets give ids from the first on.
	lab find /sys/fs/bpf/ringfence -depth -delete
	pod old 3
	pod new 4
	succeeds ADD web "$WEB_POLICY | .attach = \"$1\""
	succeeds ADD old ".policy = {ingress: {default: \"allow\"}} | .attach = \"$1\""
	lab mount -t bpf -o mode=0700 bpffs /sys/fs/bpf
	# The same ids as those of the hidden set, for another pod and another policy.
	succeeds ADD new ".policy = {egress: {default: \"deny\"}} | .attach = \"$1\""
	expect "pod ids" "$(record_value web podId)" "$(record_value new podId)"
	expect "policy ids" "$(record_value web policyId)" "$(record_value new policyId)"
}

@test "another bpffs over ours: what is added then is right, what was there says what hides it" {
	local mode

	for mode in $(modes); do
		over_mounted "$mode"
		succeeds CHECK new
		fails 106 CHECK web "$WEB_POLICY"
		says "type bpf is mounted over another one of type bpf at /sys/fs/bpf: umount /sys/fs/bpf"
		is_attached v2
		ctl pod list >"$BATS_TEST_TMPDIR/list"
		grep 'default/web .*not in the maps that are pinned' "$BATS_TEST_TMPDIR/list"
		ctl_fails 1 "pod default/web is not in the maps that are pinned" policy show default/web
		succeeds DEL new
		within 2 is_detached v4
		for name in web old; do
			succeeds DEL "$name"
		done
		expect records 0 "$(lab find "$RUN/attachments" -type f | wc -l)"
		within 2 is_detached v2
		within 2 is_detached v3
		lab umount /sys/fs/bpf
		for name in web old new; do
			lab ip netns del "$name"
		done
		within 5 gone v2
		pod web 2
	done
}

@test "another bpffs over ours, and gone again: pods of both sets are told right" {
	local mode

	for mode in $(modes); do
		over_mounted "$mode"
		lab umount /sys/fs/bpf
		succeeds CHECK web "$WEB_POLICY"
		succeeds CHECK old
		fails 106 CHECK new
		# It has an id of the set that is gone, which is another pod's here.
		succeeds DEL new
		within 2 is_detached v4
		succeeds CHECK web "$WEB_POLICY"
		succeeds CHECK old
		succeeds ADD new ".policy = {egress: {default: \"deny\"}} | .attach = \"$mode\""
		succeeds CHECK new
		for name in web old new; do
			succeeds CHECK "$name"
			succeeds DEL "$name"
			lab ip netns del "$name"
		done
		expect pods 0 "$(map_size pods)"
		expect peers 0 "$(map_size peers)"
		within 5 gone v2
		pod web 2
	done
}

@test "the policy files of maps that are gone go at the next load" {
	local old

	succeeds ADD web "$WEB_POLICY"
	old=$(lab find "$RUN/policies" -type f)
	lab find /sys/fs/bpf/ringfence -depth -delete
	lab ip netns del web
	within 5 gone v2
	pod web 2
	within 5 succeeds ADD web "$WEB_POLICY"
	lab test ! -e "$old"
	expect policies 1 "$(lab find "$RUN/policies" -type f | wc -l)"
	succeeds CHECK web "$WEB_POLICY"
}

@test "the kernel's BTF in /sys is not needed" {
	lab find /sys/fs/bpf/ringfence "$RUN" -depth -delete
	lab mount -t tmpfs tmpfs /sys/kernel/btf
	succeeds STATUS web "$STATUS_1_1"
	succeeds ADD web "$WEB_POLICY"
	succeeds CHECK web "$WEB_POLICY"
	succeeds STATUS web "$STATUS_1_1"
}
