/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attachment records: what ringfence has done for one interface of one container, and what DEL
 * therefore has to undo. A record is written before anything else is changed, and removed last. The
 * file is attachments/<network>/<container>:<interface>.json; neither name can contain a colon.
 */
#ifndef RINGFENCE_DATAPLANE_RECORD_H
#define RINGFENCE_DATAPLANE_RECORD_H

#include "dataplane/attach/attach.h"
#include "dataplane/configured.h"
#include "netconf/result.h"
#include "netconf/treatment.h"

/* Which attachment: one interface of one container in one network. Borrowed strings. */
struct rf_attachment_key {
	const char *network;
	const char *container;
	const char *interface;
};

struct rf_record {
	char *network;
	char *container;
	char *interface;     /* in the container */
	char *pod_namespace; /* of CNI_ARGS; "" if not said */
	char *pod_name;      /* the same */
	char *host_interface;
	struct in6_addr addresses[RF_ADDRESSES_MAX];
	size_t address_count;
	uint32_t pod_id;
	uint32_t policy_id;
	uint32_t incarnation;
	uint32_t abi;   /* RF_ABI of who added it: whose maps its ids are of */
	uint32_t netns; /* the host's: its inode on nsfs; 0 if not known */
	struct rf_treatment treatment;
	struct rf_configured configured;
	struct rf_attach_point point; /* with ifindex and owner */
};

/*
 * Identifies the attachment in maps and pins: a 64-bit hash of the key, never 0. The same
 * attachment always has the same owner; two different ones at a time never meet in the same pod id.
 */
uint64_t rf_owner(const struct rf_attachment_key *key);

/*
 * Read the record of @key. -ENOENT (without an error filled) if there is none; RECORD if it cannot
 * be read. On success the caller owns *@out (rf_record_free()).
 */
int rf_record_read(const struct rf_attachment_key *key, struct rf_record *out,
		   struct rf_error *error);

/* Write the record, atomically. Call with the lock held. */
int rf_record_write(const struct rf_record *record, struct rf_error *error);

/* Remove the record, and first what keeps its policy (record_policy.h); that there is none is fine.
 * Removes the network's directory with its last record. */
int rf_record_remove(const struct rf_attachment_key *key, struct rf_error *error);

/*
 * Call @visit for each record of @network, or of all if it is NULL, in no order, until it returns
 * other than 0, which is then returned. A record that cannot be read is passed as NULL, with @error
 * filled.
 */
int rf_record_each(const char *network,
		   int (*visit)(const struct rf_record *record, struct rf_error *error,
				void *context),
		   void *context, struct rf_error *error);

/* The key of @record; borrows its strings. */
struct rf_attachment_key rf_record_key(const struct rf_record *record);

/* "namespace/name" where known, else the container's id; valid as long as the buffer. */
const char *rf_record_pod_text(const struct rf_record *record, char text[600]);

void rf_record_free(struct rf_record *record);
#define _cleanup_record_ __attribute__((cleanup(rf_record_free)))

#endif
