/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Capabilities with a type. Each kind of object has a struct of its own around
 * the capability's address, so that passing a notification where an endpoint is
 * wanted does not compile. The kernel checks at run time what the capability
 * really is: the type here is what the program means it to be.
 *
 * (kaal_endpoint_t){cptr} gives an address its type; (kaal_endpoint_t){0} is the
 * null capability. kaal_any() takes the type away where the kernel accepts
 * several kinds.
 */
#ifndef USER_LIB_CAPS_H
#define USER_LIB_CAPS_H

#include <kaal/kaal.h>

/* X(kind): the kinds of <kaal/invocations.h>. */
#define KAAL_CAP_KINDS(X) \
    X(untyped)            \
    X(endpoint)           \
    X(notification)       \
    X(reply)              \
    X(cnode)              \
    X(tcb)                \
    X(sched_context)      \
    X(sched_control)      \
    X(frame)              \
    X(page_table)         \
    X(vspace)             \
    X(asid_pool)          \
    X(asid_control)       \
    X(irq_control)        \
    X(irq_handler)        \
    X(sgi_signal)         \
    X(domain)

#define KAAL_DEFINE_CAP(kind)          \
    typedef struct kaal_##kind##_cap { \
        kaal_cptr_t cptr;              \
    } kaal_##kind##_t;
KAAL_CAP_KINDS(KAAL_DEFINE_CAP)
KAAL_DEFINE_CAP(any)
#undef KAAL_DEFINE_CAP

/* The address of a capability whose type is among the associations; any other type does not compile. */
#define KAAL_CPTR_OF(cap, associations) ((void)_Generic((cap)associations), (cap).cptr)
#define KAAL_ACCEPT(kind)               , kaal_##kind##_t : 0

/* The same capability without its type. */
#define kaal_any(cap) ((kaal_any_t){KAAL_CPTR_OF(cap, KAAL_CAP_KINDS(KAAL_ACCEPT) KAAL_ACCEPT(any))})

/* What can be sent to, and what can be received from. */
#define KAAL_DESTINATION(cap) \
    KAAL_CPTR_OF(cap, KAAL_ACCEPT(endpoint) KAAL_ACCEPT(reply) KAAL_ACCEPT(notification) KAAL_ACCEPT(any))
#define KAAL_SOURCE(cap) KAAL_CPTR_OF(cap, KAAL_ACCEPT(endpoint) KAAL_ACCEPT(notification) KAAL_ACCEPT(any))

#endif
