#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Stands in front of ringfence and writes down what it is really called with: a line a call, into the file `calls` of the
# host's directory. Then it is ringfence, which lies there too, so that a runtime that ends it ends ringfence.
directory=$(dirname "$0")/..
echo "$CNI_COMMAND ${CNI_CONTAINERID:--} ${CNI_NETNS:--} ${CNI_IFNAME:--}" >>"$directory/calls"
exec "$directory/ringfence"
