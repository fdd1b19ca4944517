#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A plugin behind ringfence that refuses every pod: the chain before it is made already.
[ "$CNI_COMMAND" = ADD ] || exit 0
echo '{"cniVersion": "1.0.0", "code": 100, "msg": "refused by a later plugin", "details": ""}'
exit 1
