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
 * CNI error codes: X(name, number, meaning). 1 to 99 are the specification's (CNI 1.1.0, "Error"),
 * 100 and above ours. They are chosen here and nowhere else, and man/ringfence.8 has the same
 * meanings. 3 is missing on purpose: it tells a runtime that no cleanup is needed.
 */
#define RF_CODES(X)                                                                                \
	X(VERSION, 1, "cniVersion is not supported, or the verb is newer than it")                 \
	X(UNSUPPORTED, 2, "a key that is not known, or not supported yet")                         \
	X(ENVIRONMENT, 4, "variables are missing or invalid, or the verb is not known")            \
	X(IO, 5, "stdin cannot be read, or stdout not be written")                                 \
	X(DECODE, 6, "not JSON, a wrong type, or a prevResult that cannot be used")                \
	X(CONFIG, 7, "well-formed but invalid: a name, a value, the policy; or no prevResult")     \
	X(NETNS, 8, "CNI_NETNS cannot be opened, is no network namespace, or is the plugin's own") \
	X(TRY_AGAIN, 11, "a lock was not free in time, or the kernel could not just now")          \
	X(UNAVAILABLE, 50, "STATUS: an ADD cannot be served")                                      \
	X(UNPROTECTED, 51, "STATUS: an ADD cannot be served, and running pods are unprotected")    \
	X(NO_VETH, 100, "the pod's interface is not there, no veth, or has no host side here")     \
	X(BPFFS, 101, "the BPF file system cannot be mounted or written")                          \
	X(LOAD, 102, "the kernel refuses a program or a map, or a pin cannot be used")             \
	X(MAP_FULL, 103, "a map is too small; the message has the numbers")                        \
	X(ATTACH, 104, "a program cannot be attached or detached")                                 \
	X(RECORD, 105, "a file under /run/ringfence cannot be read or written")                    \
	X(NOT_IN_FORCE, 106, "CHECK: a part of the attachment is missing, or not the pod's")       \
	X(PRIVILEGE, 107, "a capability is missing, or counts in a user namespace only")           \
	X(INTERNAL, 999, "out of memory, or a fault of ringfence itself")

#define RF_CODE_ENUMERATOR(name, number, meaning) RF_CODE_##name = (number),
enum rf_code {
	RF_CODE_NONE = 0,
	RF_CODES(RF_CODE_ENUMERATOR)
};

struct rf_code_text {
	enum rf_code code;
	const char *meaning;
};

/* All of them in their order, ended by RF_CODE_NONE. */
extern const struct rf_code_text rf_code_texts[];

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

/*
 * As rf_fail(), with ": " and the system's text for @errnum appended to the message. The code is
 * TRY_AGAIN, whatever @code is, if the kernel's answer is a transient one.
 */
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
