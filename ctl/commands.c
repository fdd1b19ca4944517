// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"

const struct command_option common_options[] = {
	{"json", NULL, "print JSON"},
	{"help", NULL, "what the command does, and its options"},
	{},
};

static const struct command_option pinhole_add_options[] = {
	{"for", "TIME", "until it expires: 90s, 10m, 2h or 1d; else until it is deleted"},
	{"deny", NULL, "deny the flow; else it is allowed"},
	{"rule", "ID", "the number that events and sessions show; 0 for none"},
	{"address", "ADDRESS", "of this address of the pod; else of all of the peer's family"},
	{},
};

static const struct command_option pinhole_del_options[] = {
	{"address", "ADDRESS", "of this address of the pod; else of all of the peer's family"},
	{},
};

#define PINHOLE_DETAILS                                                                            \
	"in: the peer opens the flow; out: the pod does; both: whoever opens it.\n"                \
	"tcp, udp and sctp have both ports, an IPv6 address with a port stands in brackets:\n"     \
	"  shop/web in tcp 10.0.0.9:40000 80\n"                                                    \
	"  shop/web out udp [fd00::9]:53 40000\n"                                                  \
	"Of icmp and icmpv6 there are echoes only; the identifier (ping -e) is the pinging "       \
	"side's:\n"                                                                                \
	"  shop/web in icmp 10.0.0.9:7\n"                                                          \
	"  shop/web out icmp 10.0.0.9 7\n"                                                         \
	"Other protocols, by their numbers, have no ports."

static const struct command_option policy_reload_options[] = {
	{"dry-run", NULL, "say what would change, and whether it fits; change nothing"},
	{"verbose", NULL, "also name the pods that stay unchanged"},
	{},
};

#define OPTION_DIRECTORY                                                                           \
	{                                                                                          \
		"directory", "DIR", "where the runtime's files are (/etc/cni/net.d)"               \
	}
#define OPTION_DRY_RUN(what)                                                                       \
	{                                                                                          \
		"dry-run", NULL, what                                                              \
	}
#define OPTION_BIN_DIR                                                                             \
	{                                                                                          \
		"bin-dir", "DIR", "where the runtime's plugins are (/opt/cni/bin, /usr/lib/cni)"   \
	}

static const struct command_option install_options[] = {
	{"policy", "FILE", "the document becomes the entry's \"policy\""},
	{"mode", "MODE", "\"enforce\" or \"audit\""},
	{"policy-dir", "DIR", "the entry's \"policyDir\""},
	OPTION_DIRECTORY,
	OPTION_BIN_DIR,
	OPTION_DRY_RUN("print the change as a diff, and do not make it"),
	{},
};

static const struct command_option uninstall_options[] = {
	OPTION_DIRECTORY,
	OPTION_DRY_RUN("print the change as a diff, and do not make it"),
	{},
};

static const struct command_option doctor_options[] = {
	OPTION_DIRECTORY,
	OPTION_BIN_DIR,
	{},
};

static const struct command_option gc_options[] = {
	OPTION_DRY_RUN("print what would be removed, and remove nothing"),
	{},
};

static const struct command_option compile_options[] = {
	{"entries", NULL, "print them"},
	{},
};

static const struct command_option explain_options[] = {
	{"from", "ADDR[:PORT]", "who opens the flow; without a port: one that no session has"},
	{"to", "ADDR:PORT/PROTO",
	 "what it is for; PROTO is tcp, udp, sctp, icmp, icmpv6 or a number. Of ICMP the type, or "
	 "TYPE/CODE, stands for the port; of a number none"},
	{},
};

const struct command commands[] = {
	{
		.noun = "pod",
		.verb = "list",
		.arguments = "",
		.help = "the protected pods, their addresses and policies",
		.run = command_pod_list,
	},
	{
		.noun = "pod",
		.verb = "show",
		.arguments = "POD",
		.help = "everything of one pod: addresses, attachment, policy, limits, counters",
		.arguments_min = 1,
		.arguments_max = 1,
		.run = command_pod_show,
	},
	{
		.noun = "policy",
		.verb = "apply",
		.arguments = "FILE",
		.help = "put the document in force for the running pods that its selector chooses",
		.arguments_min = 1,
		.arguments_max = 1,
		.run = command_policy_apply,
	},
	{
		.noun = "policy",
		.verb = "reload",
		.arguments = "[POD...]",
		.help = "make the policies of running pods again, from configuration and policyDir",
		.details =
			"Without POD, of all. A pod's policy is what its configuration said when "
			"it\n"
			"was added, joined with the documents that its policyDir has for it now.\n"
			"What fails for a pod leaves its policy as it is.",
		.options = policy_reload_options,
		.arguments_max = -1,
		.run = command_policy_reload,
	},
	{
		.noun = "pinhole",
		.verb = "add",
		.arguments = "POD in|out|both PROTOCOL PEER[:PORT] [PODPORT]",
		.help = "allow or deny one exact flow of a pod, above all rules",
		.details = PINHOLE_DETAILS
		"\n"
		"One that is there already is replaced. Flows under way are judged again "
		"at once, and\nthose that a pinhole has allowed again when it expires. It "
		"goes with the pod, and with\nthe maps (at a reboot).",
		.options = pinhole_add_options,
		.arguments_min = 4,
		.arguments_max = 5,
		.run = command_pinhole_add,
	},
	{
		.noun = "pinhole",
		.verb = "del",
		.arguments = "POD in|out|both PROTOCOL PEER[:PORT] [PODPORT]",
		.help = "delete a pinhole",
		.details = PINHOLE_DETAILS,
		.options = pinhole_del_options,
		.arguments_min = 4,
		.arguments_max = 5,
		.run = command_pinhole_del,
	},
	{
		.noun = "pinhole",
		.verb = "list",
		.arguments = "[POD]",
		.help = "the pinholes, and when they expire",
		.arguments_max = 1,
		.run = command_pinhole_list,
	},
	{
		.noun = "settings",
		.arguments = "[NAME | NAME=VALUE...]",
		.help = "what can be changed at run time: events, audit, timeouts",
		.details =
			"Without words all settings; with a name its value; else what is given "
			"is changed, all of\nit or nothing, from the next packet on. Changes are "
			"of the node, and gone with the maps\n(at a reboot).",
		.arguments_max = -1,
		.run = command_settings,
	},
	{
		.noun = "rule",
		.verb = "list",
		.arguments = "[POD]",
		.help = "rules by document and id, and how often each has decided",
		.details = "FLOWS were let pass, when they began or were judged again under this "
			   "policy; of DENIED and AUDITED\neach packet counts. All since the "
			   "policy was put in force: another policy begins at zero. Pods with\n"
			   "equal documents share one policy, and so the hits of its rules. What "
			   "stands above the rules\n(pinholes, hostAccess) is not counted here.",
		.arguments_max = 1,
		.run = command_rule_list,
	},
	{
		.noun = "policy",
		.verb = "list",
		.arguments = "",
		.help = "policies in the maps, the pods that have them, and the entries that they "
			"take",
		.details =
			"Pods with equal documents share one policy. SERVICES are the entries of "
			"its classes; SHARED are those\nof them which other policies have, too.",
		.run = command_policy_list,
	},
	{
		.noun = "policy",
		.verb = "show",
		.arguments = "ID|POD|NAME",
		.help = "the document that is in force, its rules in order of precedence",
		.details = "With --json the document in its canonical form.",
		.arguments_min = 1,
		.arguments_max = 1,
		.run = command_policy_show,
	},
	{
		.noun = "policy",
		.verb = "lint",
		.arguments = "FILE|DIRECTORY...",
		.help = "what is wrong with documents, or useless in them",
		.details =
			"Faults are what ADD refuses; the rules of a direction are read one by "
			"one, so that all that are\nwrong are told. Warnings: rules and defaults "
			"that never decide, and rules that allow everything.\nOf a directory, as "
			"policyDir: also documents that cannot be joined for one pod. Exit status "
			"1 if\nthere is a fault. Needs nothing loaded.",
		.arguments_min = 1,
		.arguments_max = -1,
		.needs_no_maps = true,
		.run = command_policy_lint,
	},
	{
		.noun = "policy",
		.verb = "compile",
		.arguments = "FILE",
		.help = "how many classes and entries a document takes of the maps",
		.details =
			"Against the room that is left, if the maps are loaded, else against their "
			"default sizes. Exit status 1\nif it does not fit.",
		.options = compile_options,
		.arguments_min = 1,
		.arguments_max = 1,
		.needs_no_maps = true,
		.run = command_policy_compile,
	},
	{
		.noun = "session",
		.verb = "list",
		.arguments = "[POD]",
		.help = "flows that are allowed, and by what",
		.details = "Flows have to match all of what is given. Those that are counted and "
			   "shown live: packets that\nbelong to them pass without being judged.",
		.options = session_list_options,
		.arguments_max = 1,
		.run = command_session_list,
	},
	{
		.noun = "session",
		.verb = "show",
		.arguments = "FROM TO",
		.help = "everything of the flows between two ends",
		.details = "An end is as session list has it: 10.0.0.1:80, [fd00::1]:80, or an "
			   "address for all of its ports.\nThey may be given in either order.",
		.options = session_show_options,
		.arguments_min = 2,
		.arguments_max = 2,
		.run = command_session_show,
	},
	{
		.noun = "session",
		.verb = "flush",
		.arguments = "[POD]",
		.help = "delete sessions: the next packet of each flow is judged as that of a new "
			"one",
		.details = "At least one of POD, the filters and --all is needed.",
		.options = session_flush_options,
		.arguments_max = 1,
		.run = command_session_flush,
	},
	{
		.noun = "stats",
		.arguments = "[POD]",
		.help = "packets and bytes by pod, direction and reason",
		.options = stats_options,
		.arguments_max = 1,
		.run = command_stats,
	},
	{
		.noun = "top",
		.arguments = "",
		.help = "rates of packets, bits, denies and new flows by pod, again and again",
		.details =
			"On a terminal it fills the screen until q is typed; elsewhere it prints "
			"one table after the\nother, with --json one object a line. Packets and "
			"bits "
			"are those that passed; of mode audit,\nwhat would be denied is among the "
			"denies.",
		.options = top_options,
		.run = command_top,
	},
	{
		.noun = "explain",
		.arguments = "--from ADDR[:PORT] --to ADDR:PORT/PROTO",
		.help = "whether a flow may begin, and which rule of which document decides",
		.details = "Asks the loaded programs by a packet that leaves no trace, and the "
			   "pod's document, rule by rule. Where\nboth ends are pods of this node, "
			   "both have to allow the flow. Exit status: 0 allowed, 4 denied, 1 if\n"
			   "programs and document differ, or it cannot be told.",
		.options = explain_options,
		.run = command_explain,
	},
	{
		.noun = "pressure",
		.arguments = "",
		.help = "how full the maps are",
		.run = command_pressure,
	},
	{
		.noun = "monitor",
		.arguments = "[COUNT]",
		.help = "what is denied or logged, as it happens, until interrupted or COUNT lines",
		.details =
			"Each event is read once, so one monitor can run on a node at a time. How "
			"many events were lost\nmeanwhile is printed to stderr when it happens and "
			"at the end; with --json to stdout, too.",
		.options = monitor_options,
		.arguments_max = 1,
		.run = command_monitor,
	},
	{
		.noun = "install",
		.arguments = "[CONFLIST]",
		.help = "add ringfence to the runtime's list of plugins",
		.details =
			"Without CONFLIST it is the one that runtimes use: the first in the "
			"directory, by name.\n"
			"Nothing else in the file changes, and uninstall gives it back as it was.",
		.options = install_options,
		.arguments_max = 1,
		.needs_no_maps = true,
		.run = command_install,
	},
	{
		.noun = "uninstall",
		.arguments = "[CONFLIST]",
		.help = "remove ringfence from the runtime's list of plugins",
		.details = "Running pods stay under their policy until they end.",
		.options = uninstall_options,
		.arguments_max = 1,
		.needs_no_maps = true,
		.run = command_uninstall,
	},
	{
		.noun = "doctor",
		.arguments = "",
		.help = "look for faults on this node, and say how to mend each",
		.details = "It changes nothing. Exit status 1 if there is a fault.",
		.options = doctor_options,
		.needs_no_maps = true,
		.run = command_doctor,
	},
	{
		.noun = "gc",
		.arguments = "",
		.help = "remove what is left of pods and policies that are gone",
		.options = gc_options,
		.needs_no_maps = true,
		.run = command_gc,
	},
	{
		.noun = "version",
		.arguments = "",
		.help = "versions of ringfencectl, of what is loaded, and of the kernel",
		.needs_no_maps = true,
		.run = command_version,
	},
	{
		.noun = "completion",
		.arguments = "SHELL",
		.help = "print what lets the shell complete the words: bash or zsh",
		.arguments_min = 1,
		.arguments_max = 1,
		.needs_no_maps = true,
		.run = command_completion,
	},
	{
		.noun = "complete",
		.arguments = "[--] WORD...",
		.help = "what the last word can become; the shells' completion asks it",
		.arguments_max = -1,
		.needs_no_maps = true,
		.is_hidden = true,
		.run = command_complete,
	},
};

const size_t command_count = sizeof(commands) / sizeof(commands[0]);
