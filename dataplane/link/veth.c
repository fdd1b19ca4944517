// SPDX-License-Identifier: Apache-2.0
#include "dataplane/link/veth.h"
#include "dataplane/link/netlink.h"
#include "dataplane/link/netns.h"
#include "netconf/cleanup.h"

#include <string.h>

static int container_link(int netns, const char *interface, struct rf_link *out,
			  struct rf_error *error)
{
	_cleanup_netlink_ struct nl_sock *socket = NULL;
	int previous = -1, ret, left;

	/* A socket stays in the netns where it was opened: be there for that moment only. */
	ret = rf_netns_enter(netns, &previous, error);
	if (ret)
		return ret;
	ret = rf_netlink_open(&socket, error);
	left = rf_netns_leave(&previous, ret ? NULL : error);
	if (ret || left)
		return ret ? ret : left;
	ret = rf_link_by_name(socket, interface, out);
	if (ret)
		return rf_fail_system(error, RF_CODE_NO_VETH, ret,
				      "find interface %s (CNI_IFNAME) in the container", interface);
	/* The kernel finds a link by its alternative names, too; the runtime means the name itself.
	 */
	if (strcmp(out->name, interface))
		return rf_fail(error, RF_CODE_NO_VETH, -ENODEV,
			       "find interface %s (CNI_IFNAME) in the container: that is only an "
			       "alternative name of %s",
			       interface, out->name);
	return 0;
}

static int refuse_kind(const struct rf_link *container, struct rf_error *error)
{
	rf_error_hint(
		error,
		"ringfence works behind plugins that give the pod a veth, such as bridge, ptp "
		"or flannel; not behind macvlan, ipvlan or host-device");
	return rf_fail(error, RF_CODE_NO_VETH, -EOPNOTSUPP,
		       "the container's %s is of kind \"%s\", not a veth with a host side",
		       container->name, container->kind);
}

int rf_veth_resolve(int netns, const char *interface, struct rf_veth *out, struct rf_error *error)
{
	_cleanup_netlink_ struct nl_sock *socket = NULL;
	struct rf_link container, host;
	int32_t netns_id = -1;
	int ret;

	ret = container_link(netns, interface, &container, error);
	if (ret)
		return ret;
	if (strcmp(container.kind, "veth") || !container.peer_ifindex)
		return refuse_kind(&container, error);
	ret = rf_netlink_open(&socket, error);
	if (ret)
		return ret;
	ret = rf_link_by_index(socket, container.peer_ifindex, &host);
	if (ret)
		return rf_fail_system(error, RF_CODE_NO_VETH, ret,
				      "find ifindex %u, the host side of the container's %s",
				      container.peer_ifindex, interface);
	/* Asking for the link made the kernel give the container's netns an id here. */
	ret = rf_netns_id(socket, netns, &netns_id);
	if (ret)
		return rf_fail_system(error, RF_CODE_NO_VETH, ret,
				      "ask for the container's netns id");
	/* The same ifindex may be another link here, if the other side was moved to a third netns.
	 */
	if (strcmp(host.kind, "veth") || host.peer_ifindex != container.ifindex ||
	    host.peer_netns_id != netns_id)
		return rf_fail(
			error, RF_CODE_NO_VETH, -ENODEV,
			"the container's %s has no host side here: ifindex %u is %s, which does "
			"not point back at it",
			interface, container.peer_ifindex, host.name);
	*out = (struct rf_veth){.ifindex = host.ifindex};
	memcpy(out->name, host.name, sizeof(out->name));
	return 0;
}
