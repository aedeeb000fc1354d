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
static inline kaal_word_t kaal_info(kaal_word_t label, unsigned caps_unwrapped, unsigned extra_caps,
                                    unsigned length)
{
    return label << 12 | (kaal_word_t)(caps_unwrapped & 7) << 9 | (kaal_word_t)(extra_caps & 3) << 7 |
           (length & 0x7f);
}

static inline kaal_word_t kaal_info_label(kaal_word_t info)
{
    return info >> 12;
}

static inline unsigned kaal_info_caps_unwrapped(kaal_word_t info)
{
    return (unsigned)(info >> 9) & 7;
}

static inline unsigned kaal_info_extra_caps(kaal_word_t info)
{
    return (unsigned)(info >> 7) & 3;
}

/* The raw length field, 0..127. The kernel treats more than KAAL_MSG_MAX_LENGTH as that maximum. */
static inline unsigned kaal_info_length(kaal_word_t info)
{
    return (unsigned)info & 0x7f;
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
