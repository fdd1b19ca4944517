#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The first process of a guest that runs one kernel (boot.sh): what a pod's life is like there, from the first ADD after boot on.
# Reports as TAP on the second serial line; what must come out (attach=, charged=) stands on the kernel's command line, which gives
# it to its first process as variables.

export PATH=/bin RESULT=/tmp/result
: "${attach:?}" "${charged:?}"
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run
# Serial lines add carriage returns unless they are told not to.
stty -F /dev/ttyS1 -opost 2>/dev/null
exec 8>/dev/ttyS1
for module in llc stp bridge veth sch_ingress cls_bpf; do
	insmod "/modules/$module.ko"
done

number=0

# test NAME COMMAND...: passes if the command succeeds; what it printed is shown if it does not
test_that() {
	local name=$1

	shift
	number=$((number + 1))
	if "$@" >/tmp/log 2>&1; then
		echo "ok $number - $name" >&8
	else
		echo "not ok $number - $name" >&8
		sed 's/^/# /' /tmp/log "$RESULT" >&8
	fi
}

# The network: two pods at a bridge

pod() { # NAME NUMBER
	ip netns add "$1"
	ip link add "v$2" type veth peer name eth0 netns "$1"
	ip link set "v$2" master br0 up
	ip -n "$1" link set lo up
	ip -n "$1" address add "10.0.0.$2/24" dev eth0
	ip -n "$1" address add "fd00::$2/64" dev eth0 nodad
	ip -n "$1" link set eth0 up
}

network() {
	ip link set lo up
	ip link add br0 type bridge
	ip link set br0 up
	pod web 2
	pod client 3
	for port in 80 81 82; do
		ip netns exec web nc -ll -p "$port" -e cat &
	done
	ip netns exec client nc -ll -p 82 -e cat &
}

# within COMMAND...: until it succeeds, for some time
within() {
	for _ in {1..100}; do
		"$@" && return
		sleep 0.1
	done
	return 1
}

# reaches ADDRESS PORT: the client's line comes back from web
reaches() {
	# shellcheck disable=SC2016 # for the shell in the pod
	ip netns exec client timeout 3 bash -c '
		exec 9<>"/dev/tcp/$0/$1" && echo hello >&9 && read -r -t 2 reply <&9 && [ "$reply" = hello ]' "$1" "$2"
}

policy_holds() {
	local address
	for address in 10.0.0.2 fd00::2; do
		within reaches "$address" 80 || return
		! reaches "$address" 81 || return
	done
}

# refused POD tcp|udp ADDRESS ERROR: what it sends to port 82 comes back as that error
refused() {
	# shellcheck disable=SC2016 # for the shell in the pod
	ip netns exec "$1" timeout 10 bash -c '
		exec 9<>"/dev/$0/$1/82" && echo hello >&9 && read -r -t 5 <&9' "$2" "$3" 2>&1 | tee -a /tmp/log | grep -q "$4"
}

rejects() {
	local pair address

	for pair in client:2 web:3; do
		for address in "10.0.0.${pair#*:}" "fd00::${pair#*:}"; do
			refused "${pair%:*}" tcp "$address" "Connection refused" || return
		done
		refused "${pair%:*}" udp "10.0.0.${pair#*:}" "No route to host" || return
		refused "${pair%:*}" udp "fd00::${pair#*:}" "Permission denied" || return
	done
}

nothing_holds() {
	reaches 10.0.0.2 81 && reaches fd00::2 81
}

# The plugin

# call VERB ATTACH [COMMAND...]: for web; the command (setpriv, …) runs the plugin. What it says is in $RESULT.
call() {
	local verb=$1 attach=$2
	shift 2
	CNI_COMMAND=$verb CNI_CONTAINERID=web CNI_NETNS=/run/netns/web CNI_IFNAME=eth0 CNI_PATH=/bin \
		CNI_ARGS="IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web" "$@" ringfence >"$RESULT" <<-END
		{"cniVersion": "1.1.0", "name": "net", "type": "ringfence", "attach": "$attach",
		 "policy": {"ingress": {"rules": [{"id": 1, "action": "allow", "protocol": "tcp", "ports": ["80"]},
		   {"id": 2, "action": "reject", "protocol": "tcp", "ports": ["82"]}, {"id": 3, "action": "reject", "protocol": "udp"}]},
		  "egress": {"default": "allow", "rules": [
		   {"id": 4, "action": "reject", "protocol": "tcp", "ports": ["82"]}, {"id": 5, "action": "reject", "protocol": "udp"}]}},
		 "prevResult": {"cniVersion": "1.1.0", "interfaces": [{"name": "v2"}, {"name": "eth0", "sandbox": "/run/netns/web"}],
		  "ips": [{"interface": 1, "address": "10.0.0.2/24"}, {"interface": 1, "address": "fd00::2/64"}]}}
	END
}

# fails CODE TEXT VERB ATTACH [COMMAND...]
fails() {
	local code=$1 text=$2
	shift 2
	! call "$@" && grep -q "\"code\":$code," "$RESULT" && grep -q "$text" "$RESULT"
}

attached_by() { # MODE
	grep -q "\"attach\":[[:space:]]*\"$1\"" /run/ringfence/attachments/net/web:eth0.json
}

filters() {
	tc filter show dev v2 ingress
	tc filter show dev v2 egress
}

pins() {
	find /sys/fs/bpf/ringfence -type f -path '*/links/*'
}

# The programs are where the record says, and only there.
is_attached_by() { # MODE
	attached_by "$1" || return
	case $1 in
	tcx) [ "$(pins | wc -l)" = 2 ] && [ -z "$(filters)" ] ;;
	clsact) [ "$(filters | grep -c 'rf_to_pod\|rf_from_pod')" = 2 ] && [ -z "$(pins)" ] ;;
	esac
}

nothing_is_left() {
	[ -z "$(pins)" ] && [ -z "$(filters)" ] && [ -z "$(tc qdisc show dev v2 clsact)" ] &&
		[ -z "$(find /run/ringfence -type f ! -name lock)" ] && within nothing_holds
}

is_listed() {
	ringfencectl pod list | grep "default/web  *v2  *$attach "
}

explains() {
	local status=0

	ringfencectl explain --from 10.0.0.3 --to 10.0.0.2:80/tcp >"$RESULT" && grep -q "rule 1: allow" "$RESULT" || return
	ringfencectl explain --from fd00::3 --to "[fd00::2]:82/tcp" >"$RESULT" || status=$?
	[ "$status" = 4 ] && grep -q "default/web ingress: deny (rule-reject)" "$RESULT"
}

counts_hits() {
	ringfencectl rule list default/web >"$RESULT" &&
		awk '$2 == "ingress" && $3 == 1 { allowed = $4 } $2 == "ingress" && $3 == 2 { denied = $5 }
			$3 == "ingress" && $4 == 1 { allowed = $5 } $3 == "ingress" && $4 == 2 { denied = $6 }
			END { exit !(allowed >= 2 && denied >= 2) }' "$RESULT"
}

# Afterwards the next ADD is the first one after boot again.
unload() {
	umount /sys/fs/bpf
	rm -rf /run/ringfence
}

# limit KIB COMMAND...: with that RLIMIT_MEMLOCK; a program, as call() runs programs
cat >/bin/limit <<'END'
#!/bin/bash
ulimit -l "$1" || exit
shift
exec "$@"
END
chmod +x /bin/limit
# Without the right to raise it again
FIRMLY=(setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource)

refused_for_memlock() {
	fails 102 "RLIMIT_MEMLOCK is 64 KiB" ADD auto limit 64 "${FIRMLY[@]}" && grep -q "LimitMEMLOCK=infinity" "$RESULT" &&
		[ -z "$(find /sys/fs/bpf/ringfence -type f)" ] && [ -z "$(find /run/ringfence/attachments -type f)" ]
}

# The number that the error names is enough, and not much more than enough: with four fifths of it, it fails again.
asked_for_is_enough() {
	local needed
	needed=$(sed -n 's/.*ringfence needs \([0-9]*\) MiB.*/\1/p' "$RESULT")
	echo "needed: $needed MiB"
	[ "${needed:-0}" -gt 0 ] && fails 102 "RLIMIT_MEMLOCK is" ADD auto limit $((needed * 1024 * 4 / 5)) "${FIRMLY[@]}" &&
		call ADD auto limit $((needed * 1024)) "${FIRMLY[@]}" && is_attached_by "$attach"
}

# What happens

network
test_that "the servers answer without ringfence" within nothing_holds
test_that "STATUS without bpffs is 50" fails 50 "mount -t bpf bpffs /sys/fs/bpf" STATUS auto
test_that "the first ADD mounts bpffs, loads and attaches in mode auto" call ADD auto
test_that "mode auto is $attach" is_attached_by "$attach"
test_that "the policy is in force" policy_holds
test_that "what it rejects is refused" rejects
test_that "explain says both" explains
test_that "the rules' hits are counted" counts_hits
test_that "CHECK is content" call CHECK auto
test_that "ringfencectl lists the pod" is_listed
test_that "the same ADD again" call ADD auto
test_that "and it is there once" is_attached_by "$attach"
test_that "STATUS is content" call STATUS auto
case $attach in
clsact) test_that "attach: \"tcx\" is refused on a kernel that has none" fails 104 "this kernel has no TCX" ADD tcx ;;
tcx)
	test_that "attach: \"clsact\" moves the pod" call ADD clsact
	test_that "and leaves nothing at the other hook" within is_attached_by clsact
	;;
esac
test_that "the policy is in force" policy_holds
test_that "CHECK is content" call CHECK auto
test_that "DEL" call DEL auto
test_that "nothing is left" nothing_is_left
test_that "DEL again" call DEL auto
test_that "STATUS is content with no pod" call STATUS auto

unload
mount -t tmpfs tmpfs /sys/kernel/btf
test_that "the kernel's BTF in /sys is not needed, and a small RLIMIT_MEMLOCK is raised" call ADD auto limit 64
test_that "the policy is in force" policy_holds
test_that "DEL" call DEL auto
test_that "nothing is left" nothing_is_left

unload
case $charged in
memlock)
	test_that "a RLIMIT_MEMLOCK that cannot be raised is named, with what is needed" refused_for_memlock
	test_that "what the error asks for is enough, and four fifths of it are not" asked_for_is_enough
	;;
cgroup) test_that "a RLIMIT_MEMLOCK that cannot be raised does not matter" call ADD auto limit 64 "${FIRMLY[@]}" ;;
esac
test_that "the policy is in force" policy_holds
test_that "DEL" call DEL auto
test_that "nothing is left" nothing_is_left
echo "1..$number" >&8
sync
poweroff -f
