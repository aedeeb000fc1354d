/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Where the arguments of an invocation are, from the names in the invocation
 * table (include/kaal/invocations.h): a name that a method does not have does not
 * compile. All are constants.
 *
 *   ARG(cnode, mint, rights)       position of a message word
 *   EXTRA(cnode, mint, src_root)   position among the extra capabilities
 *   WORDS(cnode, mint)             how many words the table lists,
 *   EXTRAS(cnode, mint)            and how many capabilities
 */
#ifndef CORE_API_ARGUMENTS_H
#define CORE_API_ARGUMENTS_H

#include <stddef.h>
#include <stdint.h>

#include <kaal/invocations.h>

/* For each method a structure with a byte for each word, one for its capabilities: offsets are positions. */
#define ARGUMENT_WORD(name)           uint8_t name;
#define ARGUMENT_CAP(pair)            uint8_t ARGUMENT_CAP_NAME pair;
#define ARGUMENT_CAP_NAME(type, name) name
#define ARGUMENT_POSITIONS(label, object, method, nwords, words, ncaps, caps, results) \
    struct words_of_##object##_##method {                                              \
        KAAL_EACH(nwords, ARGUMENT_WORD, words)                                        \
        uint8_t behind;                                                                \
    };                                                                                 \
    struct extras_of_##object##_##method {                                             \
        KAAL_EACH(ncaps, ARGUMENT_CAP, caps)                                           \
        uint8_t behind;                                                                \
    };
KAAL_INVOCATIONS(ARGUMENT_POSITIONS)
#undef ARGUMENT_POSITIONS
#undef ARGUMENT_CAP_NAME
#undef ARGUMENT_CAP
#undef ARGUMENT_WORD

#define ARG(object, method, name)   ((unsigned)offsetof(struct words_of_##object##_##method, name))
#define EXTRA(object, method, name) ((unsigned)offsetof(struct extras_of_##object##_##method, name))
#define WORDS(object, method)       ARG(object, method, behind)
#define EXTRAS(object, method)      EXTRA(object, method, behind)

/* Methods that share a piece of a decoder have an argument of this name at the same position. */
#define SAME_ARG(object, first, second, name) \
    _Static_assert(ARG(object, first, name) == ARG(object, second, name), #name)
#define SAME_EXTRA(object, first, second, name) \
    _Static_assert(EXTRA(object, first, name) == EXTRA(object, second, name), #name)

/* The address of a slot: position of the word with its index, the next one being the depth. */
#define SLOT_ARG(object, method, index, depth)                                                         \
    (ARG(object, method, index) +                                                                      \
     0 * (unsigned)sizeof(struct {                                                                     \
         _Static_assert(ARG(object, method, depth) == ARG(object, method, index) + 1, "index, depth"); \
         int unused;                                                                                   \
     }))

#endif
