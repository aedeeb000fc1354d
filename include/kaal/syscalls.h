/* SPDX-License-Identifier: BSD-2-Clause
 *
 * System-call numbers, passed in x7 (docs/spec/abi.md 1.2 and 1.5).
 *
 * KAAL_SYSCALLS: the calls that every kernel has.
 * KAAL_DEBUG_SYSCALLS: the calls that only debug kernels have. In a release
 * kernel these numbers raise an UnknownSyscall fault like any other number.
 */
#ifndef KAAL_SYSCALLS_H
#define KAAL_SYSCALLS_H

/* X(number, NAME) */
#define KAAL_SYSCALLS(X) \
    X(-1, CALL)          \
    X(-2, REPLY_RECV)    \
    X(-3, NB_SEND_RECV)  \
    X(-4, NB_SEND_WAIT)  \
    X(-5, SEND)          \
    X(-6, NB_SEND)       \
    X(-7, RECV)          \
    X(-8, NB_RECV)       \
    X(-9, WAIT)          \
    X(-10, NB_WAIT)      \
    X(-11, YIELD)

#define KAAL_DEBUG_SYSCALLS(X)   \
    X(-12, DEBUG_PUT_CHAR)       \
    X(-13, DEBUG_DUMP_SCHEDULER) \
    X(-14, DEBUG_HALT)           \
    X(-15, DEBUG_CAP_IDENTIFY)   \
    X(-16, DEBUG_SNAPSHOT)       \
    X(-17, DEBUG_NAME_THREAD)

enum kaal_syscall {
#define KAAL_SYSCALL_ENUM(number, name) KAAL_SYS_##name = (number),
    KAAL_SYSCALLS(KAAL_SYSCALL_ENUM) KAAL_DEBUG_SYSCALLS(KAAL_SYSCALL_ENUM)
#undef KAAL_SYSCALL_ENUM
};

#endif
