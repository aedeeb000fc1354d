/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Error codes (label of the answer to a Call) and lookup failures
 * (docs/spec/abi.md 6).
 */
#ifndef KAAL_ERRORS_H
#define KAAL_ERRORS_H

/* X(number, NAME, answer words: -1 = depends on the lookup failure) */
#define KAAL_ERRORS(X)          \
    X(0, NO_ERROR, 0)           \
    X(1, INVALID_ARGUMENT, 1)   \
    X(2, INVALID_CAPABILITY, 1) \
    X(3, ILLEGAL_OPERATION, 0)  \
    X(4, RANGE_ERROR, 2)        \
    X(5, ALIGNMENT_ERROR, 0)    \
    X(6, FAILED_LOOKUP, -1)     \
    X(7, TRUNCATED_MESSAGE, 0)  \
    X(8, DELETE_FIRST, 0)       \
    X(9, REVOKE_FIRST, 0)       \
    X(10, NOT_ENOUGH_MEMORY, 1)

enum kaal_error {
#define KAAL_ERROR_ENUM(number, name, words) KAAL_##name = (number),
    KAAL_ERRORS(KAAL_ERROR_ENUM)
#undef KAAL_ERROR_ENUM
        KAAL_ERROR_COUNT
};

enum kaal_lookup_failure {
    KAAL_LOOKUP_NO_FAILURE = 0,
    KAAL_LOOKUP_INVALID_ROOT = 1,
    KAAL_LOOKUP_MISSING_CAPABILITY = 2, /* bits left */
    KAAL_LOOKUP_DEPTH_MISMATCH = 3,     /* bits left, bits found */
    KAAL_LOOKUP_GUARD_MISMATCH = 4,     /* bits left, guard found, guard size */
};

#endif
