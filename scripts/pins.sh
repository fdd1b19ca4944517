# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Where this version pins what it loads, as bpf/abi.h has it; sourced by scripts and tests.
# shellcheck disable=SC2034 # for those who source this
PINS=/sys/fs/bpf/ringfence/v$(sed -n 's/^#define RF_ABI //p' "$(dirname "${BASH_SOURCE[0]}")/../bpf/abi.h")
