// SPDX-License-Identifier: Apache-2.0

// Collect asks libcni for the garbage collection of a network, as a runtime does that knows its pods. (cnitool's gc gives
// libcni no list.) Plugins come from CNI_PATH and conflists from NETCONFPATH.
//
//	collect NETWORK [CONTAINER/INTERFACE...]    those that are still valid
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/containernetworking/cni/libcni"
	"github.com/containernetworking/cni/pkg/types"
)

func collect(network string, valid []string) error {
	list, err := libcni.LoadNetworkConf(os.Getenv("NETCONFPATH"), network)
	if err != nil {
		return err
	}
	args := libcni.GCArgs{ValidAttachments: []types.GCAttachment{}}
	for _, attachment := range valid {
		container, name, _ := strings.Cut(attachment, "/")
		args.ValidAttachments = append(args.ValidAttachments, types.GCAttachment{ContainerID: container, IfName: name})
	}
	runtime := libcni.NewCNIConfig(filepath.SplitList(os.Getenv("CNI_PATH")), nil)
	return runtime.GCNetworkList(context.Background(), list, &args)
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: collect NETWORK [CONTAINER/INTERFACE...]")
		os.Exit(2)
	}
	if err := collect(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
