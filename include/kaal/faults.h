/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Fault labels and message lengths (docs/spec/abi.md 10).
 */
#ifndef KAAL_FAULTS_H
#define KAAL_FAULTS_H

enum kaal_fault {
    KAAL_FAULT_NONE = 0,
    KAAL_FAULT_CAP = 1,
    KAAL_FAULT_UNKNOWN_SYSCALL = 2,
    KAAL_FAULT_USER_EXCEPTION = 3,
    KAAL_FAULT_TIMEOUT = 5,
    KAAL_FAULT_VM = 6,
};

#define KAAL_UNKNOWN_SYSCALL_LENGTH       13
#define KAAL_UNKNOWN_SYSCALL_REPLY_LENGTH 12
#define KAAL_USER_EXCEPTION_LENGTH        5
#define KAAL_USER_EXCEPTION_REPLY_LENGTH  3
#define KAAL_TIMEOUT_LENGTH               2
#define KAAL_TIMEOUT_REPLY_LENGTH         34
#define KAAL_VM_FAULT_LENGTH              4

#endif
