/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The system calls (docs/spec/abi.md 1). A message is its info word and the four
 * words that travel in registers; longer messages have words 4 and up in the
 * IPC buffer (kaal_set_word, kaal_get_word), capabilities too (kaal_set_cap).
 */
#ifndef USER_LIB_IPC_H
#define USER_LIB_IPC_H

#include "user/lib/caps.h"
#include "user/lib/runtime.h"
#include "user/sys/sys.h"

struct kaal_message {
    kaal_word_t badge; /* received: of the sender's capability, or the signals of a notification */
    kaal_word_t info;  /* label, capabilities, length: kaal_info() */
    kaal_word_t words[KAAL_MSG_REGISTERS];
};

/* A message of up to four words: KAAL_MESSAGE(label, word, ...). */
#define KAAL_MESSAGE(label, ...)                                                                      \
    ((struct kaal_message){                                                                           \
        .info = kaal_info((label), 0, 0, sizeof((kaal_word_t[]){__VA_ARGS__}) / sizeof(kaal_word_t)), \
        .words = {__VA_ARGS__}})

/* A message without words. */
#define KAAL_EMPTY_MESSAGE(label) ((struct kaal_message){.info = kaal_info((label), 0, 0, 0)})

/* A message whose info word says everything, with its first four words. */
#define KAAL_RAW_MESSAGE(information, ...) \
    ((struct kaal_message){.info = (information), .words = {__VA_ARGS__}})

static inline kaal_word_t kaal_label(struct kaal_message message)
{
    return kaal_info_label(message.info);
}

static inline unsigned kaal_length(struct kaal_message message)
{
    return kaal_info_length(message.info);
}

/*
 * Any of the system calls, with x0, x6, x8 and the message as given; answers the
 * registers that the kernel left. The functions below are this with the right
 * registers in the right places.
 */
struct kaal_message kaal_system_call(enum kaal_syscall number, kaal_cptr_t x0, kaal_cptr_t x6, kaal_cptr_t x8,
                                     struct kaal_message message);

/* Sends and waits for the answer. destination: endpoint or reply. */
#define kaal_call(destination, message) \
    kaal_system_call(KAAL_SYS_CALL, KAAL_DESTINATION(destination), 0, 0, (message))

/* Sends; blocks until a receiver takes the message. */
#define kaal_send(destination, message) \
    ((void)kaal_system_call(KAAL_SYS_SEND, KAAL_DESTINATION(destination), 0, 0, (message)))

/* Sends if a receiver waits already; otherwise the message is lost. */
#define kaal_nb_send(destination, message) \
    ((void)kaal_system_call(KAAL_SYS_NB_SEND, KAAL_DESTINATION(destination), 0, 0, (message)))

/* Receives a message; a caller can be answered through the reply object. */
#define kaal_recv(source, reply)    kaal_recv_from(KAAL_SOURCE(source), (reply))
#define kaal_nb_recv(source, reply) kaal_nb_recv_from(KAAL_SOURCE(source), (reply))

/* Receives without a reply object: from a notification, or messages that want no answer. */
#define kaal_wait(source) kaal_system_call(KAAL_SYS_WAIT, KAAL_SOURCE(source), 0, 0, KAAL_EMPTY_MESSAGE(0))
#define kaal_poll(source) kaal_system_call(KAAL_SYS_NB_WAIT, KAAL_SOURCE(source), 0, 0, KAAL_EMPTY_MESSAGE(0))

/* Answers the caller that waits on the reply object, then receives with the same object. */
#define kaal_reply_recv(source, reply, message) kaal_reply_recv_from(KAAL_SOURCE(source), (reply), (message))

/* Sends to destination if somebody waits there, then receives, in one kernel entry. */
#define kaal_nb_send_recv(destination, message, source, reply) \
    kaal_nb_send_recv_from(KAAL_DESTINATION(destination), (message), KAAL_SOURCE(source), (reply))
#define kaal_nb_send_wait(destination, message, source) \
    kaal_system_call(KAAL_SYS_NB_SEND_WAIT, KAAL_SOURCE(source), KAAL_DESTINATION(destination), 0, (message))

static inline struct kaal_message kaal_recv_from(kaal_cptr_t source, kaal_reply_t reply)
{
    return kaal_system_call(KAAL_SYS_RECV, source, reply.cptr, 0, KAAL_EMPTY_MESSAGE(0));
}

static inline struct kaal_message kaal_nb_recv_from(kaal_cptr_t source, kaal_reply_t reply)
{
    return kaal_system_call(KAAL_SYS_NB_RECV, source, reply.cptr, 0, KAAL_EMPTY_MESSAGE(0));
}

static inline struct kaal_message kaal_reply_recv_from(kaal_cptr_t source, kaal_reply_t reply,
                                                       struct kaal_message message)
{
    return kaal_system_call(KAAL_SYS_REPLY_RECV, source, reply.cptr, 0, message);
}

static inline struct kaal_message kaal_nb_send_recv_from(kaal_cptr_t destination, struct kaal_message message,
                                                         kaal_cptr_t source, kaal_reply_t reply)
{
    return kaal_system_call(KAAL_SYS_NB_SEND_RECV, source, reply.cptr, destination, message);
}

/* Adds the capability's badge to the notification's word and wakes one waiter. */
static inline void kaal_signal(kaal_notification_t notification)
{
    (void)kaal_system_call(KAAL_SYS_SEND, notification.cptr, 0, 0, KAAL_EMPTY_MESSAGE(0));
}

/* Gives up the rest of the current refill (docs/spec/scheduling.md 6.2). */
static inline void kaal_yield(void)
{
    (void)kaal_system_call(KAAL_SYS_YIELD, 0, 0, 0, KAAL_EMPTY_MESSAGE(0));
}

/* ---- Debug kernels only; a release kernel raises an UnknownSyscall fault instead ---- */

void kaal_debug_put_char(char character);
void kaal_debug_dump_scheduler(void);

/* Stops the machine. */
void kaal_debug_halt(void);

/* Type of the capability, enum kaal_cap_type; KAAL_CAP_NULL for an empty slot or a failed lookup. */
#define kaal_debug_cap_identify(cap) kaal_debug_identify(kaal_any(cap))
enum kaal_cap_type kaal_debug_identify(kaal_any_t cap);

/* Names a thread in the kernel's messages. Needs an IPC buffer; overwrites the message words in it. */
void kaal_debug_name_thread(kaal_tcb_t tcb, const char *name);

#endif
