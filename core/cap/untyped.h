/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The arithmetic of untyped memory: sizes of objects and where they go
 * (docs/spec/capabilities.md 9). Pure functions.
 */
#ifndef CORE_CAP_UNTYPED_H
#define CORE_CAP_UNTYPED_H

#include "core/cap/cap.h"

/* Log2 bytes of an object of a valid type (size argument < 64); may exceed KAAL_UNTYPED_MAX_BITS. */
unsigned object_size_bits(enum kaal_object_type type, word_t size_argument);

/* May objects of this type be made from device memory? */
bool object_type_may_be_device(enum kaal_object_type type);

/* Bytes not in use when the watermark stands at `watermark`. */
static inline word_t untyped_free_bytes(struct cap untyped, word_t watermark)
{
    core_assert(cap_is(untyped, KAAL_CAP_UNTYPED));
    core_assert(watermark <= bit((unsigned)cap_size_bits(untyped)));
    return bit((unsigned)cap_size_bits(untyped)) - watermark;
}

/* Do `count` objects fit above the watermark? */
static inline bool untyped_has_room(struct cap untyped, word_t watermark, unsigned object_bits, word_t count)
{
    core_assert(object_bits < WORD_BITS);
    return untyped_free_bytes(untyped, watermark) >> object_bits >= count;
}

/* Capability to a new object of a type at an address, in its initial state. */
struct cap object_cap(enum kaal_object_type type, paddr_t address, word_t size_argument, bool is_device);

#endif
