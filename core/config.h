/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The constants that shape a kernel build. There is one build switch, KAAL_DEBUG
 * (0 release, 1 debug), and KAAL_ASSERTIONS for measurements; what differs between machines is found at boot,
 * what differs between systems is a boot parameter (core/boot/params.h).
 */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#ifndef KAAL_DEBUG
#define KAAL_DEBUG 1
#endif

/* Assertions are a matter of debug builds. Only where the steps or instructions of a debug build are counted
 * are they left out: what is measured is the work of a kernel, not how well it is watched. */
#ifndef KAAL_ASSERTIONS
#define KAAL_ASSERTIONS KAAL_DEBUG
#endif

enum {
    config_debug = KAAL_DEBUG, /* debug system calls; failed operations are explained on the console */
    config_assertions = KAAL_ASSERTIONS,
};

enum {
    CONFIG_MAX_CPUS = 1,
    CONFIG_MAX_DOMAINS = 8,
    CONFIG_MAX_DOMAIN_SCHEDULE = 128,
    CONFIG_MAX_IRQS = 1020, /* interrupts 0..1019 */
    CONFIG_THREAD_NAME_BYTES = 32,

    /* Long operations look for a reason to stop after this many units of work
       (docs/spec/capabilities.md 10.5). */
    CONFIG_PREEMPTION_UNITS = 100,
    CONFIG_RESET_CHUNK_BITS = 8,  /* bytes zeroed as one unit, log2 */
    CONFIG_CACHE_CHUNK_BITS = 10, /* bytes whose caches are maintained as one unit, log2 */

    /* Assumed worst-case execution time of the kernel (docs/spec/scheduling.md 4). */
    CONFIG_WCET_US = 10,
};

#endif
