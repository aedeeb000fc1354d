/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages through endpoints.
 */
#include "bench/root/rows.h"

/* What the threads of the present row send; the same both ways. */
static struct {
    unsigned words;
    unsigned caps; /* offered */
    unsigned
        unwrapped; /* of these, from the first: capabilities to the endpoint itself, which are unwrapped */
    bool transfer; /* a slot waits for one capability */
    kaal_endpoint_t offered;     /* what is transferred */
    kaal_cptr_t receive_slot[2]; /* of client and server */
} message;

static void prepare_caps(kaal_cptr_t receive_slot)
{
    if (message.caps == 0) {
        return;
    }
    if (message.transfer) {
        kaal_delete_slot(receive_slot);
        kaal_set_receive_slot(KAAL_BOOT_CNODE, receive_slot, KAAL_ROOT_DEPTH);
    }
    for (unsigned i = 0; i < message.caps; i++) {
        kaal_set_cap(i, i < message.unwrapped ? pair.endpoint.cptr : message.offered.cptr);
    }
}

static kaal_word_t message_info(void)
{
    return kaal_info(0, 0, message.caps, message.words);
}

static void serve(kaal_word_t unused)
{
    (void)unused;
    prepare_caps(message.receive_slot[1]);
    pair_ready_and_receive(pair.endpoint, pair.reply);
    for (unsigned i = 0; i < PAIR_ENTRIES; i++) {
        struct sys_registers registers =
            pair_registers(KAAL_SYS_REPLY_RECV, pair.endpoint.cptr, message_info());

        prepare_caps(message.receive_slot[1]);
        registers.x[6] = pair.reply.cptr;
        pair_call_of_server(&registers, &pair.server_stamp[i]);
    }
}

static void call(kaal_word_t unused)
{
    (void)unused;
    for (unsigned i = 0; i < PAIR_ENTRIES; i++) {
        struct sys_registers registers = pair_registers(KAAL_SYS_CALL, pair.endpoint.cptr, message_info());

        prepare_caps(message.receive_slot[0]);
        pair_call_of_client(&registers, &pair.client_stamp[i]);
    }
    pair_finish();
}

static bool measure_calls(const char *call_name, const char *reply_name)
{
    const struct pair_thread server = {serve, {.priority = PRIORITY_SERVER}};
    const struct pair_thread client = {call, {.priority = PRIORITY_CLIENT}};

    if (!pair_prepare()) {
        return false;
    }
    message.offered = kaal_new_endpoint(&pair.pool);
    message.receive_slot[0] = kaal_pool_slot(&pair.pool);
    message.receive_slot[1] = kaal_pool_slot(&pair.pool);
    if (!message.offered.cptr || !pair_start_server(&server, true) || !pair_run_client(&client)) {
        return false;
    }
    pair_print_there(call_name);
    pair_print_back(reply_name);
    return true;
}

static bool measure_lengths(bool other_space, enum fpu_use fpu)
{
    static const struct {
        unsigned words;
        const char *call;
        const char *reply;
    } lengths[] = {
        {0, "Call, 0 words", "ReplyRecv, 0 words"},    {4, "Call, 4 words", "ReplyRecv, 4 words"},
        {5, "Call, 5 words", "ReplyRecv, 5 words"},    {10, "Call, 10 words", "ReplyRecv, 10 words"},
        {60, "Call, 60 words", "ReplyRecv, 60 words"}, {120, "Call, 120 words", "ReplyRecv, 120 words"},
    };
    bool good = true;

    pair.other_space = other_space;
    pair.fpu = fpu;
    for (unsigned i = 0; good && i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        message.words = lengths[i].words;
        good = measure_calls(lengths[i].call, lengths[i].reply);
    }
    pair.other_space = false;
    pair.fpu = FPU_UNUSED;
    message.words = 0;
    return good;
}

static bool measure_capabilities(bool other_space)
{
    static const struct {
        unsigned caps, unwrapped;
        bool transfer;
        const char *call;
        const char *reply;
    } offers[] = {
        {1, 1, false, "Call, 1 capability unwrapped", "ReplyRecv, 1 capability not received"},
        {3, 3, false, "Call, 3 capabilities unwrapped", "ReplyRecv, 3 capabilities not received"},
        {1, 0, true, "Call, 1 capability transferred", "ReplyRecv, 1 capability transferred"},
        {3, 2, true, "Call, 3 capabilities, 2 unwrapped, 1 transferred",
         "ReplyRecv, 3 capabilities, 1 transferred"},
    };
    bool good = true;

    pair.other_space = other_space;
    for (unsigned i = 0; good && i < sizeof(offers) / sizeof(offers[0]); i++) {
        message.caps = offers[i].caps;
        message.unwrapped = offers[i].unwrapped;
        message.transfer = offers[i].transfer;
        good = measure_calls(offers[i].call, offers[i].reply);
    }
    pair.other_space = false;
    message.caps = 0;
    message.unwrapped = 0;
    message.transfer = false;
    return good;
}

/* ---- Messages without an answer ---- */

static void receive(kaal_word_t unused)
{
    (void)unused;
    pair_ready_and_receive(pair.endpoint, pair.reply);
    for (unsigned i = 0; i < PAIR_ENTRIES; i++) {
        struct sys_registers registers = pair_registers(KAAL_SYS_RECV, pair.endpoint.cptr, 0);

        registers.x[6] = pair.reply.cptr;
        pair_call_of_server(&registers, &pair.server_stamp[i]);
    }
}

static void send_all(enum kaal_syscall number)
{
    for (unsigned i = 0; i < PAIR_ENTRIES; i++) {
        struct sys_registers registers = pair_registers(number, pair.endpoint.cptr, message_info());

        pair_call_of_client(&registers, &pair.client_stamp[i]);
    }
    pair_finish();
}

static void send(kaal_word_t unused)
{
    (void)unused;
    send_all(KAAL_SYS_SEND);
}

static void nb_send(kaal_word_t unused)
{
    (void)unused;
    send_all(KAAL_SYS_NB_SEND);
}

static bool measure_sends(void)
{
    const struct pair_thread receiver = {receive, {.priority = PRIORITY_SERVER}};
    const struct pair_thread low_receiver = {receive, {.priority = PRIORITY_LOW}};
    const struct pair_thread sender = {send, {.priority = PRIORITY_CLIENT}};
    const struct pair_thread nb_sender = {nb_send, {.priority = PRIORITY_CLIENT}};

    if (!pair_run(&receiver, false, &sender)) {
        return false;
    }
    pair_print_there("Send to a waiting receiver");
    pair_print_back("Recv that blocks");
    if (!pair_run(&receiver, false, &nb_sender)) {
        return false;
    }
    pair_print_there("NBSend to a waiting receiver");

    /* The receiver's setup takes the first message; from then on the sender is always one ahead. */
    if (!pair_run(&low_receiver, false, &sender)) {
        return false;
    }
    pair_print("Send that blocks", pair.client_stamp + 2, pair.server_stamp);
    pair_print("Recv from a waiting sender", pair.server_stamp, pair.client_stamp + 1);
    return true;
}

static void exchange_as_server(kaal_word_t unused)
{
    (void)unused;
    pair_ready_and_receive(pair.endpoint, pair.reply);
    for (unsigned i = 0; i < PAIR_ENTRIES; i++) {
        struct sys_registers registers =
            pair_registers(KAAL_SYS_NB_SEND_RECV, pair.endpoint.cptr, message_info());

        registers.x[6] = pair.reply.cptr;
        registers.x[8] = pair.other_endpoint.cptr;
        pair_call_of_server(&registers, &pair.server_stamp[i]);
    }
}

static void exchange_as_client(kaal_word_t unused)
{
    (void)unused;
    for (unsigned i = 0; i < PAIR_ENTRIES; i++) {
        struct sys_registers registers =
            pair_registers(KAAL_SYS_NB_SEND_RECV, pair.other_endpoint.cptr, message_info());

        registers.x[6] = pair.other_reply.cptr;
        registers.x[8] = pair.endpoint.cptr;
        pair_call_of_client(&registers, &pair.client_stamp[i]);
    }
    pair_finish();
}

static bool measure_exchange(const char *name, unsigned words)
{
    const struct pair_thread server = {exchange_as_server, {.priority = PRIORITY_SERVER}};
    const struct pair_thread client = {exchange_as_client, {.priority = PRIORITY_CLIENT}};

    message.words = words;
    if (!pair_run(&server, false, &client)) {
        return false;
    }
    pair_print_there(name);
    message.words = 0;
    return true;
}

static bool measure_without_answer(enum fpu_use fpu)
{
    bool good;

    pair.fpu = fpu;
    good = measure_sends() && measure_exchange("NBSendRecv, 0 words", 0) &&
           measure_exchange("NBSendRecv, 10 words", 10);
    pair.fpu = FPU_UNUSED;
    return good;
}

bool measure_ipc(void)
{
    bool good;

    section("Call and ReplyRecv in one address space");
    good = measure_lengths(false, FPU_UNUSED);
    section("Call and ReplyRecv, the client in another address space");
    good = good && measure_lengths(true, FPU_UNUSED);
    section("Call and ReplyRecv with FPU use");
    good = good && measure_lengths(false, FPU_SERVER) && measure_lengths(true, FPU_SERVER) &&
           measure_lengths(false, FPU_BOTH);
    section("Call and ReplyRecv with capabilities");
    good = good && measure_capabilities(false) && measure_capabilities(true);
    section("Messages without an answer");
    return good && measure_without_answer(FPU_UNUSED) && measure_without_answer(FPU_SERVER);
}
