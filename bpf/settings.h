/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The settings that are in force now. User space changes them word by word while packets come. */
#ifndef RINGFENCE_BPF_SETTINGS_H
#define RINGFENCE_BPF_SETTINGS_H

#include "bpf/maps.h"

/* NULL only for the verifier: the element is always there. */
static __always_inline const struct rf_settings *current_settings(void)
{
	__u32 only = 0;

	return bpf_map_lookup_elem(&settings, &only);
}

#endif
