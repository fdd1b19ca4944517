# SPDX-License-Identifier: Apache-2.0
#
# A terminal in the lab: tmux, with a shell in it. It goes with the lab.
# shellcheck shell=bash

tmux_lab() {
	lab env -u TMUX TMUX_TMPDIR="$LAB_DIRECTORY" tmux -u -L screen -f /dev/null "$@" 3>&- 4>&-
}

# terminal COLUMNS LINES
terminal() {
	tmux_lab new-session -d -x "$1" -y "$2" "env PS1='\$ ' bash --norc --noprofile"
	tmux_lab set-option -g status off
	# The line of tmux's own status was the shell's last one until now.
	resize "$1" "$2"
	within 5 shows '^\$'
}

resize() { # COLUMNS LINES
	tmux_lab resize-window -x "$1" -y "$2"
}

# What is to be seen
screen() {
	tmux_lab capture-pane -p
}

shows() { # REGULAR-EXPRESSION
	screen | grep -qE -- "$1"
}

screen_is_no() { # TEXT
	! screen | grep -qF -- "$1" || fail "there is \"$1\":" "$(screen)"
}

type_line() { # TEXT
	tmux_lab send-keys -l -- "$1"
	tmux_lab send-keys Enter
}

type_key() { # NAME
	tmux_lab send-keys "$1"
}
