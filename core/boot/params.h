/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Boot parameters and the description of the root task: one block inside the
 * kernel image that tools/mkimage fills in and the kernel checks again.
 */
#ifndef CORE_BOOT_PARAMS_H
#define CORE_BOOT_PARAMS_H

#include "core/base/word.h"

#define BOOT_PARAMS_MAGIC   0x736d61726c61614bull /* "Kaalrams", little endian */
#define BOOT_PARAMS_VERSION 1

/* X(field, name on the command line, default, minimum, maximum, meaning) */
#define BOOT_PARAMETERS(X)                                                                               \
    X(root_cnode_bits, "root-cnode-bits", 13, 8, 16, "log2 of the slots of the root CNode")              \
    X(domains, "domains", 4, 1, 8, "number of scheduling domains")                                       \
    X(schedule_entries, "schedule-entries", 100, 2, 128, "length of the domain schedule")                \
    X(time_slice_us, "time-slice-us", 5000, 20, 1000000, "budget of the root task, microseconds")        \
    X(max_untypeds, "max-untypeds", 230, 16, 230, "largest number of untyped descriptors in bootinfo")   \
    X(user_counters, "user-counters", 0, 0, 1, "user code may read the physical counter")                \
    X(user_timer, "user-timer", 0, 0, 1, "user code may use the physical timer")                         \
    X(user_pmu, "user-pmu", 0, 0, 1, "user code may use the performance monitors")                       \
    X(log_level, "log-level", 2, 0, 3, "0 off, 1 fatal, 2 notices, 3 failed operations (debug kernels)") \
    X(halt_on_fault, "halt-on-fault", 0, 0, 1,                                                           \
      "a fault without a handler stops the machine (debug kernels)")                                     \
    X(check, "check", 0, 0, 1, "check all invariants after each kernel entry (debug kernels)")

struct boot_params {
    word_t magic;
    word_t version;

    /* The root task as mkimage laid it out: file bytes follow the kernel, then zeros. */
    word_t root_offset;     /* of the image's first page from the start of the kernel image, bytes */
    word_t root_file_bytes; /* multiple of the page size */
    word_t root_size;       /* bytes in memory, multiple of the page size; 0: no root task */
    word_t root_vaddr;      /* of the first page */
    word_t root_entry;      /* virtual address */

#define BOOT_PARAM_FIELD(field, name, default_value, minimum, maximum, meaning) word_t field;
    BOOT_PARAMETERS(BOOT_PARAM_FIELD)
#undef BOOT_PARAM_FIELD
};

#endif
