/* SPDX-License-Identifier: Apache-2.0 */
/* Where things are kept on the node. All of it is gone after a reboot, together. */
#ifndef RINGFENCE_DATAPLANE_PATHS_H
#define RINGFENCE_DATAPLANE_PATHS_H

#define RF_RUN_DIRECTORY         "/run/ringfence"
#define RF_LOCK_PATH             RF_RUN_DIRECTORY "/lock"
#define RF_ATTACHMENTS_DIRECTORY RF_RUN_DIRECTORY "/attachments"
#define RF_POLICIES_DIRECTORY    RF_RUN_DIRECTORY "/policies"
#define RF_CONFIGURED_DIRECTORY  RF_RUN_DIRECTORY "/configured"

#define RF_BPFFS_MOUNT     "/sys/fs/bpf"
#define RF_BPFFS_DIRECTORY RF_BPFFS_MOUNT "/ringfence"

#endif
