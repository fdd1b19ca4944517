#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Documents in /etc/ringfence/policy.d, chosen by the namespace and the name of the pods that `kubectl run` starts, and
# joined with the conflist's policy: that lets pods reach TCP 8080 and nothing else.

load helpers.bash

DOCUMENTS=/etc/ringfence/policy.d

setup_file() {
	local namespace

	prepare_node
	start_node
	start_pods client
	for namespace in shop bank; do
		kube create namespace "$namespace"
		within "$PATIENCE" has_account "$namespace"
	done
	document 10-web.json '{name: "web", selector: {namespace: "shop", pod: "web-*"}, ingress: {default: "deny", rules: [
		{id: 3001, action: "allow", protocol: "tcp", ports: ["8081"]}]}}'
	document 20-open.json '{name: "open", selector: {namespace: "shop", pod: "open-*"}, ingress: {default: "allow"}}'
	document 30-quiet.json '{name: "quiet", selector: {namespace: "ba*"}, egress: {default: "deny", rules: [
		{id: 3002, action: "allow", peers: ["10.86.1.2"], protocol: "tcp", ports: ["8080"]}]}}'
}

teardown_file() {
	stop_node
}

teardown() {
	on_host rm -f "$DOCUMENTS/99-broken.json"
	if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
		node_complaints >&2
	fi
}

# document NAME JSON
document() {
	on_host mkdir -p "$DOCUMENTS"
	jq -n "$2" | on_host tee "$DOCUMENTS/$1" >/dev/null
}

# opens NAMESPACE POD PORT..., closed NAMESPACE POD PORT...: to the client
opens() {
	local port

	for port in "${@:3}"; do
		reaches client "$(NAMESPACE=$1 address "$2")" "$port"
	done
}

closed() {
	local port

	for port in "${@:3}"; do
		reaches_not client "$(NAMESPACE=$1 address "$2")" "$port"
	done
}

@test "a document is joined with the conflist's policy for the pods that it selects" {
	NAMESPACE=shop start_pods web-1
	opens shop web-1 8080 8081
}

@test "a document is not for pods of another name" {
	NAMESPACE=shop start_pods db-1
	opens shop db-1 8080
	closed shop db-1 8081
}

@test "a document is not for pods of another namespace" {
	NAMESPACE=bank start_pods web-1
	opens bank web-1 8080
	closed bank web-1 8081
}

@test "a direction is closed by default if one of the documents says so" {
	NAMESPACE=shop start_pods open-1
	opens shop open-1 8080
	closed shop open-1 8081
}

@test "a document for a whole namespace restricts a direction that the conflist leaves open" {
	local allowed denied

	allowed=$(address client)
	expect "address of the client" 10.86.1.2 "$allowed"
	denied=$(NAMESPACE=shop address web-1)
	NAMESPACE=bank reaches web-1 "$allowed" 8080
	NAMESPACE=bank reaches_not web-1 "$denied" 8080
	NAMESPACE=shop reaches db-1 "$denied" 8080
}

@test "a broken document lets no pod start, says which file and why, and the pod starts when it is mended" {
	document 99-broken.json '{name: "broken", selector: {namespace: "shop"}, ingress: {rules: [
		{id: 3003, action: "allow", peers: ["10.1.2.3/8"]}]}}'
	NAMESPACE=shop run_pods late
	within "$PATIENCE" says shop late 99-broken.json || fail "the file is not named"
	within "$PATIENCE" says shop late 10.1.2.3/8 || fail "the reason is not told"
	expect "records of late" 0 "$(pods_with_record | grep -cx shop/late || true)"
	on_host rm "$DOCUMENTS/99-broken.json"
	NAMESPACE=shop ready late
	opens shop late 8080
	closed shop late 8081
}

says() { # NAMESPACE POD TEXT
	NAMESPACE=$1 has_event "$2" "$3"
}

@test "a document that is gone holds for the pods that it was chosen for, and not for new ones" {
	on_host rm "$DOCUMENTS/10-web.json"
	NAMESPACE=shop start_pods web-2
	opens shop web-1 8080 8081
	opens shop web-2 8080
	closed shop web-2 8081
}

@test "nothing is left of pods that are gone" {
	local namespace

	for namespace in default shop bank; do
		NAMESPACE=$namespace delete_pods --all
	done
	nothing_is_left_of_pods
}
