/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The error object: what went wrong, where, and how to mend it.
 *
 * Functions of the libraries return 0 or -errno and, on failure, have filled the caller's
 * struct rf_error. They never print. The program prints the error once (rf_error_to_json()).
 */
#ifndef RINGFENCE_NETCONF_ERROR_H
#define RINGFENCE_NETCONF_ERROR_H

/*
 * CNI error codes. 1 to 99 are the specification's (CNI 1.1.0, "Error"), 100 and above ours.
 * They are chosen here and nowhere else. 3 is missing on purpose: it tells a runtime that no
 * cleanup is needed.
 */
enum rf_code {
	RF_CODE_NONE = 0,
	RF_CODE_VERSION = 1,      /* cniVersion not supported, or the verb is newer than it */
	RF_CODE_UNSUPPORTED = 2,  /* a key that we do not know, or do not support yet */
	RF_CODE_ENVIRONMENT = 4,  /* CNI_* variables missing or invalid, unknown command */
	RF_CODE_IO = 5,           /* stdin cannot be read */
	RF_CODE_DECODE = 6,       /* not JSON, wrong type, unusable prevResult */
	RF_CODE_CONFIG = 7,       /* well-formed but invalid: names, prevResult missing, policy */
	RF_CODE_NETNS = 8,        /* the netns cannot be opened, is none, or is our own */
	RF_CODE_TRY_AGAIN = 11,   /* lock not had in time, transient answer of the kernel */
	RF_CODE_UNAVAILABLE = 50, /* STATUS: ADD cannot be served */
	RF_CODE_NO_VETH = 100,    /* the container's interface is no veth, or has no host side */
	RF_CODE_BPFFS = 101,      /* bpffs cannot be mounted, or is not writable */
	RF_CODE_LOAD = 102,       /* the kernel refuses a program or a map, or a pin is unusable */
	RF_CODE_MAP_FULL = 103,   /* a map is too small; the message gives the numbers */
	RF_CODE_ATTACH = 104,     /* a program cannot be attached */
	RF_CODE_RECORD = 105,     /* a record under /run/ringfence cannot be read or written */
	RF_CODE_NOT_IN_FORCE = 106, /* CHECK: an attachment or an entry is missing or not ours */
	RF_CODE_INTERNAL = 999,
};

#define RF_MESSAGE_SIZE 1024
#define RF_DETAILS_SIZE 512

struct rf_error {
	enum rf_code code;
	char message[RF_MESSAGE_SIZE]; /* one line, no newline; names the place, then the fault */
	char details[RF_DETAILS_SIZE]; /* how to mend it; may be empty */
};

/*
 * Fill @error and return @errnum, which is -errno, so that a caller can write
 * `return rf_fail(error, RF_CODE_CONFIG, -EINVAL, "…")`. @error may be NULL. The arguments may
 * point into @error itself. Too long a text is cut, and what cannot be printed becomes '?'.
 */
int rf_fail(struct rf_error *error, enum rf_code code, int errnum, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* As rf_fail(), with ": " and the system's text for @errnum appended to the message. */
int rf_fail_system(struct rf_error *error, enum rf_code code, int errnum, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Put the formatted text and ": " before the message: the wider context of a failure. */
void rf_error_context(struct rf_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Set the details, the way to mend it; before or after the failure itself is reported. */
void rf_error_hint(struct rf_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The CNI error document (CNI 1.1.0, "Error"): cniVersion, code, msg, details, on one line without
 * newline. Returned text is malloc()ed and the caller's; NULL if memory is out.
 */
char *rf_error_to_json(const struct rf_error *error, const char *cni_version);

#endif
