/* SPDX-License-Identifier: Apache-2.0 */
/* From what the runtime said to what the dataplane is asked: ADD and CHECK begin alike. */
#ifndef RINGFENCE_CNI_PLUGIN_REQUEST_H
#define RINGFENCE_CNI_PLUGIN_REQUEST_H

#include "cni-plugin/call.h"
#include "dataplane/attachment.h"

/*
 * Check that prevResult is there and gives the interface an address (DECODE if it is one that no
 * pod can have), and find the host side of the veth. @request borrows from @call.
 */
int request_make(const struct call *call, struct rf_attachment_request *request,
		 struct rf_error *error);

/* The attachment that @call is about; borrows from it. */
struct rf_attachment_key request_key(const struct call *call);

#endif
