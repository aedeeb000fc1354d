# SPDX-License-Identifier: BSD-2-Clause
#
# Where the driver of the differential test (main.c) takes over from the kernel, in
# the assembly that link-time optimisation has made of it: one instruction for one.

# The end of the start: the root task does not run.
s/^\tbl\ttrap_leave$/\tbl\tdriver_start/

# What waits for an interrupt while no thread can run.
s/^\tbl\tcore_interrupt$/\tbl\t__wrap_core_interrupt/

# The machine's counter ticks far too rarely (emulate.sh): 1024 MHz until the driver sets its own.
s/^\tmrs \(x[0-9]*\), cntfrq_el0$/\tmov \1, #0x3d090000/
