// SPDX-License-Identifier: Apache-2.0
/* What the shells need to complete words: scripts that ask `ringfencectl complete`, so that they
 * are of the version that is installed. */
#include "ctl/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *shell;
	const char *script;
} scripts[] = {
	{"bash", "# bash completion of ringfencectl\n"
		 "_ringfencectl() {\n"
		 "\tlocal line word=${COMP_WORDS[COMP_CWORD]} kind\n"
		 "\n"
		 "\tCOMPREPLY=()\n"
		 "\t[ \"$word\" != = ] || word=\n"
		 "\twhile IFS= read -r line; do\n"
		 "\t\tcase $line in\n"
		 "\t\t:files) kind=-f ;;\n"
		 "\t\t:directories) kind=-d ;;\n"
		 "\t\t*) COMPREPLY+=(\"${line%%$'\\t'*}\") && continue ;;\n"
		 "\t\tesac\n"
		 "\t\tcompopt -o filenames 2>/dev/null\n"
		 "\t\tmapfile -t COMPREPLY < <(compgen \"$kind\" -- \"$word\")\n"
		 "\tdone < <(\"${COMP_WORDS[0]}\" complete -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" "
		 "2>/dev/null)\n"
		 "}\n"
		 "complete -F _ringfencectl ringfencectl\n"},
	{"zsh", "#compdef ringfencectl\n"
		"_ringfencectl() {\n"
		"\tlocal line\n"
		"\tlocal -a candidates\n"
		"\n"
		"\tfor line in \"${(@f)$(\"$words[1]\" complete -- \"${(@)words[2,CURRENT]}\" "
		"2>/dev/null)}\"; do\n"
		"\t\tcase $line in\n"
		"\t\t:files) compset -P '--*=' ; _files ;;\n"
		"\t\t:directories) compset -P '--*=' ; _files -/ ;;\n"
		"\t\t*$'\\t'*) candidates+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\") ;;\n"
		"\t\t?*) candidates+=(\"${line//:/\\\\:}\") ;;\n"
		"\t\tesac\n"
		"\tdone\n"
		"\t(( ! $#candidates )) || _describe -V ringfencectl candidates\n"
		"}\n"
		"if [ \"$funcstack[1]\" = _ringfencectl ]; then\n"
		"\t_ringfencectl \"$@\"\n"
		"else\n"
		"\tcompdef _ringfencectl ringfencectl\n"
		"fi\n"},
};

static int run(struct invocation *invocation, struct rf_error *error)
{
	const char *shell = invocation->arguments[0];

	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		if (!strcmp(scripts[i].shell, shell)) {
			fputs(scripts[i].script, stdout);
			return 0;
		}
	invocation->status = STATUS_USAGE;
	return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
		       "no completion for %s: there is bash and zsh", shell);
}

const struct command command_completion = {
	.noun = "completion",
	.arguments = "SHELL",
	.help = "print what lets the shell complete the words: bash or zsh",
	.arguments_min = 1,
	.arguments_max = 1,
	.needs_no_maps = true,
	.has_no_json = true,
	.run = run,
};
