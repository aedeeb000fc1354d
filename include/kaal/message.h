/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The message-info word and the IPC buffer (docs/spec/abi.md 2 and 3).
 */
#ifndef KAAL_MESSAGE_H
#define KAAL_MESSAGE_H

#include <kaal/types.h>

#define KAAL_MSG_MAX_LENGTH     120 /* words; a larger length field counts as this */
#define KAAL_MSG_MAX_EXTRA_CAPS 3
#define KAAL_MSG_REGISTERS      4 /* message words that travel in x2..x5 */

/* Message-info word: label 63:12, capsUnwrapped 11:9, extraCaps 8:7, length 6:0. */
enum {
    KAAL_INFO_LENGTH_BITS = 7,
    KAAL_INFO_EXTRA_CAPS_BITS = 2,
    KAAL_INFO_UNWRAPPED_BITS = 3,
    KAAL_INFO_EXTRA_CAPS_SHIFT = KAAL_INFO_LENGTH_BITS,
    KAAL_INFO_UNWRAPPED_SHIFT = KAAL_INFO_EXTRA_CAPS_SHIFT + KAAL_INFO_EXTRA_CAPS_BITS,
    KAAL_INFO_LABEL_SHIFT = KAAL_INFO_UNWRAPPED_SHIFT + KAAL_INFO_UNWRAPPED_BITS,
};

#define KAAL_INFO_FIELD(value, field) ((kaal_word_t)(value) & ((1u << KAAL_INFO_##field##_BITS) - 1))

static inline kaal_word_t kaal_info(kaal_word_t label, unsigned caps_unwrapped, unsigned extra_caps,
                                    unsigned length)
{
    return label << KAAL_INFO_LABEL_SHIFT |
           KAAL_INFO_FIELD(caps_unwrapped, UNWRAPPED) << KAAL_INFO_UNWRAPPED_SHIFT |
           KAAL_INFO_FIELD(extra_caps, EXTRA_CAPS) << KAAL_INFO_EXTRA_CAPS_SHIFT |
           KAAL_INFO_FIELD(length, LENGTH);
}

static inline kaal_word_t kaal_info_label(kaal_word_t info)
{
    return info >> KAAL_INFO_LABEL_SHIFT;
}

static inline unsigned kaal_info_caps_unwrapped(kaal_word_t info)
{
    return (unsigned)KAAL_INFO_FIELD(info >> KAAL_INFO_UNWRAPPED_SHIFT, UNWRAPPED);
}

static inline unsigned kaal_info_extra_caps(kaal_word_t info)
{
    return (unsigned)KAAL_INFO_FIELD(info >> KAAL_INFO_EXTRA_CAPS_SHIFT, EXTRA_CAPS);
}

/* The raw length field, 0..127. The kernel treats more than KAAL_MSG_MAX_LENGTH as that maximum. */
static inline unsigned kaal_info_length(kaal_word_t info)
{
    return (unsigned)KAAL_INFO_FIELD(info, LENGTH);
}

#define KAAL_IPC_BUFFER_BITS 10

struct kaal_ipc_buffer {
    kaal_word_t tag; /* never touched by the kernel */
    kaal_word_t msg[KAAL_MSG_MAX_LENGTH];
    kaal_word_t user_data;                               /* never touched by the kernel */
    kaal_word_t caps_or_badges[KAAL_MSG_MAX_EXTRA_CAPS]; /* sending: cptrs; receiving: unwrapped badges */
    kaal_word_t receive_cnode;                           /* cptr, 64-bit depth, in the receiver's CSpace */
    kaal_word_t receive_index;
    kaal_word_t receive_depth;
};

_Static_assert(sizeof(struct kaal_ipc_buffer) == 1u << KAAL_IPC_BUFFER_BITS, "IPC buffer is 1024 bytes");

#endif
