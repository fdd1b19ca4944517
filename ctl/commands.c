// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"

const struct command_option common_options[] = {
	{"json", NULL, "print JSON"},
	{"help", NULL, "what the command does, and its options"},
	{},
};

const struct command_option *command_common_options(const struct command *command)
{
	return common_options + (command && command->has_no_json);
}

const struct command *const commands[] = {
	&command_pod_list,       &command_pod_show,
	&command_policy_list,    &command_policy_show,
	&command_policy_apply,   &command_policy_delete,
	&command_policy_reload,  &command_policy_lint,
	&command_policy_compile, &command_rule_list,
	&command_explain,        &command_session_list,
	&command_session_show,   &command_session_flush,
	&command_stats,          &command_top,
	&command_monitor,        &command_pressure,
	&command_pinhole_add,    &command_pinhole_del,
	&command_pinhole_list,   &command_settings,
	&command_install,        &command_uninstall,
	&command_doctor,         &command_gc,
	&command_version,        &command_completion,
	&command_complete,
};

const size_t command_count = sizeof(commands) / sizeof(commands[0]);
