// SPDX-License-Identifier: Apache-2.0
#include "cni-plugin/request.h"
#include "dataplane/link/netns.h"
#include "netconf/cleanup.h"

#include <string.h>

struct rf_attachment_key request_key(const struct call *call)
{
	return (struct rf_attachment_key){
		.network = call->netconf.name,
		.container = call->environment.container_id,
		.interface = call->environment.ifname,
	};
}

static int check_addresses(const struct call *call, struct rf_error *error)
{
	const struct rf_result *result = &call->netconf.previous_result;
	const char *interface = call->environment.ifname;
	bool found = false;
	int ret;

	for (size_t i = 0; i < result->address_count; i++) {
		const struct rf_result_address *address = &result->addresses[i];
		const char *fault = rf_result_address_fault(address);
		char text[RF_PREFIX_TEXT];

		if (address->interface[0] && strcmp(address->interface, interface))
			continue;
		if (fault)
			return rf_fail(error, RF_CODE_DECODE, -EINVAL,
				       "prevResult: %s, an address of %s, %s",
				       rf_prefix_format(&address->address, text), interface, fault);
		found = true;
	}
	if (found || !call->netconf.anti_spoof)
		return 0;
	ret = rf_fail(error, RF_CODE_CONFIG, -EINVAL,
		      "prevResult has no address for %s, so every packet of it would be spoofed",
		      interface);
	rf_error_hint(error, "set antiSpoof to false if the pod gets its address in another way");
	return ret;
}

int request_make(const struct call *call, struct rf_attachment_request *request,
		 struct rf_error *error)
{
	_cleanup_close_ int netns = -1;
	int ret;

	if (!call->netconf.has_previous_result) {
		ret = rf_fail(error, RF_CODE_CONFIG, -EINVAL, "prevResult is missing");
		rf_error_hint(
			error,
			"ringfence is a chained plugin: put it into a conflist, behind the plugin "
			"that makes the interface");
		return ret;
	}
	if (call->environment.bad_argument)
		return rf_fail(error, RF_CODE_ENVIRONMENT, -EINVAL,
			       "CNI_ARGS: %s is no name: up to 253 bytes of UTF-8 without control "
			       "characters",
			       call->environment.bad_argument);
	*request = (struct rf_attachment_request){
		.key = request_key(call),
		.pod_namespace = call->environment.pod_namespace,
		.pod_name = call->environment.pod_name,
		.netconf = &call->netconf,
	};
	ret = rf_netns_open(call->environment.netns, call->environment.netns_override, &netns,
			    error);
	if (!ret)
		ret = rf_veth_resolve(netns, call->environment.ifname, &request->veth, error);
	return ret ? ret : check_addresses(call, error);
}
