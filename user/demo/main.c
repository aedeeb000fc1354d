/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The demo root task: small scenes, each with threads of its own, one result
 * line each. Ends with "demo: N passed, N failed".
 *
 * Threads in different address spaces share the program's image, so what a
 * scene wants to say to its threads is in globals; pages that a scene maps are
 * private to one address space and are reached with sys_load and sys_store.
 */
#include "user/lib/user.h"

enum {
    POOL_BITS = 22,
    POOL_SLOTS = 1024,
    ROUND_TRIPS = 1000,
    CALLS_BEFORE_REVOKE = 100,
};

/* Priorities: the root task has 255 and runs whenever it can. */
enum { CLIENT_PRIORITY = 100, SERVER_PRIORITY = 110, HANDLER_PRIORITY = 120 };

static struct kaal_allocator allocator;
static struct kaal_pool pool;
static struct kaal_thread client, server, handler;

/* What the threads of a scene share. */
static struct scene {
    kaal_endpoint_t service;        /* badged, for the client */
    kaal_endpoint_t service_origin; /* for the server */
    kaal_reply_t service_reply;
    kaal_endpoint_t report; /* to the root task */
    kaal_endpoint_t faults;
    kaal_reply_t fault_reply;
    kaal_notification_t signals;        /* for the waiting thread */
    kaal_notification_t signals_badged; /* for the signalling one */
    kaal_vspace_t space;                /* the client's */
    kaal_word_t page;
    kaal_word_t served;
    kaal_word_t repaired;
} scene;

static bool make_common_objects(void)
{
    scene = (struct scene){0};
    scene.service_origin = kaal_new_endpoint(&pool);
    scene.service = kaal_mint_endpoint(&pool, scene.service_origin, KAAL_RIGHTS_ALL, 7);
    scene.service_reply = kaal_new_reply(&pool);
    scene.report = kaal_new_endpoint(&pool);
    scene.signals = kaal_new_notification(&pool);
    scene.signals_badged = kaal_mint_notification(&pool, scene.signals, KAAL_RIGHTS_ALL, 0x10);
    scene.space = kaal_new_space(&pool);
    return scene.service.cptr && scene.service_reply.cptr && scene.report.cptr && scene.signals_badged.cptr &&
           scene.space.cptr;
}

static bool make_client(kaal_endpoint_t fault_handler)
{
    return kaal_thread_create(&pool, &client,
                              &(struct kaal_thread_setup){.vspace = scene.space,
                                                          .priority = CLIENT_PRIORITY,
                                                          .fault_handler = fault_handler});
}

/* ---- Two address spaces ---- */

static void report_page(kaal_word_t vaddr)
{
    kaal_send(scene.report, KAAL_MESSAGE(0, sys_load(vaddr)));
}

/* The same address holds one page in one address space and another page in the other. */
static bool two_address_spaces(void)
{
    const kaal_word_t root_value = 0x1111, client_value = 0x2222;
    kaal_word_t staging = kaal_pool_vaddr(&pool, KAAL_SMALL_PAGE_BITS);
    kaal_frame_t client_page = kaal_map_new_page(&pool, KAAL_ROOT_VSPACE, staging);
    kaal_word_t shared_address = kaal_pool_vaddr(&pool, KAAL_SMALL_PAGE_BITS);

    if (!client_page.cptr) {
        return false;
    }
    sys_store(staging, client_value);
    kaal_frame_unmap(client_page);
    if (!kaal_map_new_page(&pool, KAAL_ROOT_VSPACE, shared_address).cptr ||
        !kaal_map_frame(&pool, scene.space, client_page, shared_address, KAAL_RIGHT_READ,
                        KAAL_VM_DEFAULT | KAAL_VM_EXECUTE_NEVER)) {
        return false;
    }
    sys_store(shared_address, root_value);
    if (!make_client((kaal_endpoint_t){0}) || kaal_thread_start(&client, report_page, shared_address).error) {
        return false;
    }

    struct kaal_message message = kaal_wait(scene.report);

    return kaal_length(message) == 1 && message.words[0] == client_value &&
           sys_load(shared_address) == root_value;
}

/* ---- Call and reply ---- */

/* Answers x with x + 1, and counts. */
static void serve(kaal_word_t unused)
{
    struct kaal_message message = kaal_recv(scene.service_origin, scene.service_reply);

    (void)unused;
    for (;;) {
        scene.served++;
        message = kaal_reply_recv(scene.service_origin, scene.service_reply,
                                  KAAL_MESSAGE(message.badge, message.words[0] + 1));
    }
}

static void call_repeatedly(kaal_word_t times)
{
    kaal_word_t right = 0;

    for (kaal_word_t i = 0; i < times; i++) {
        struct kaal_message answer = kaal_call(scene.service, KAAL_MESSAGE(0, i));

        /* The server puts the badge that it saw into the label. */
        right += kaal_label(answer) == 7 && kaal_length(answer) == 1 && answer.words[0] == i + 1;
    }
    kaal_send(scene.report, KAAL_MESSAGE(0, right));
}

static bool call_and_reply(void)
{
    if (!make_client((kaal_endpoint_t){0}) ||
        !kaal_thread_create(&pool, &server, &(struct kaal_thread_setup){.priority = SERVER_PRIORITY}) ||
        kaal_thread_start(&server, serve, 0).error ||
        kaal_thread_start(&client, call_repeatedly, ROUND_TRIPS).error) {
        return false;
    }

    struct kaal_message message = kaal_wait(scene.report);

    kaal_print("demo: %lu calls answered, %lu answers right\n", scene.served, message.words[0]);
    return scene.served == ROUND_TRIPS && message.words[0] == ROUND_TRIPS;
}

/* ---- Notification ---- */

static void signal_twice(kaal_word_t unused)
{
    (void)unused;
    kaal_signal(scene.signals_badged);
    kaal_signal(scene.signals_badged);
    kaal_send(scene.report, KAAL_EMPTY_MESSAGE(3));
}

/* The root task sleeps until a less important thread in the other address space signals. */
static bool notification(void)
{
    if (!make_client((kaal_endpoint_t){0}) || kaal_thread_start(&client, signal_twice, 0).error) {
        return false;
    }

    kaal_word_t first = kaal_wait(scene.signals).badge;
    struct kaal_message done = kaal_wait(scene.report);
    kaal_word_t second = kaal_poll(scene.signals).badge;
    kaal_word_t none = kaal_poll(scene.signals).badge;

    return first == 0x10 && kaal_label(done) == 3 && second == 0x10 && none == 0;
}

/* ---- Page fault ---- */

/* Repairs one page fault of the client by mapping a page where it is missing; tells the root task when it
 * cannot. */
static void repair(kaal_word_t unused)
{
    struct kaal_message fault = kaal_recv(scene.faults, scene.fault_reply);

    (void)unused;
    if (kaal_label(fault) == KAAL_FAULT_VM && kaal_length(fault) == KAAL_VM_FAULT_LENGTH &&
        fault.words[1] == scene.page && kaal_map_new_page(&pool, scene.space, scene.page).cptr) {
        scene.repaired++;
        kaal_send(scene.fault_reply, KAAL_EMPTY_MESSAGE(0));
    } else {
        kaal_send(scene.report, KAAL_EMPTY_MESSAGE(1));
    }
}

static void touch(kaal_word_t vaddr)
{
    sys_store(vaddr, 0x5eed);
    kaal_send(scene.report, KAAL_MESSAGE(0, sys_load(vaddr)));
}

static bool page_fault(void)
{
    scene.faults = kaal_new_endpoint(&pool);
    scene.fault_reply = kaal_new_reply(&pool);
    scene.page = kaal_pool_vaddr(&pool, KAAL_SMALL_PAGE_BITS);
    if (!scene.fault_reply.cptr || !make_client(scene.faults) ||
        !kaal_thread_create(&pool, &handler, &(struct kaal_thread_setup){.priority = HANDLER_PRIORITY}) ||
        kaal_thread_start(&handler, repair, 0).error || kaal_thread_start(&client, touch, scene.page).error) {
        return false;
    }

    struct kaal_message message = kaal_wait(scene.report);

    return scene.repaired == 1 && message.words[0] == 0x5eed;
}

/* ---- Revocation ---- */

/* Serves, and tells the root task in the middle of its work. */
static void serve_and_tell(kaal_word_t unused)
{
    struct kaal_message message = kaal_recv(scene.service_origin, scene.service_reply);

    (void)unused;
    for (;;) {
        scene.served++;
        if (scene.served == CALLS_BEFORE_REVOKE) {
            kaal_signal(scene.signals_badged);
        }
        message =
            kaal_reply_recv(scene.service_origin, scene.service_reply, KAAL_MESSAGE(0, message.words[0] + 1));
    }
}

/* Calls for as long as that works, then tells what went wrong. */
static void call_until_error(kaal_word_t unused)
{
    kaal_word_t calls = 0;
    struct kaal_message answer;

    (void)unused;
    do {
        answer = kaal_call(scene.service, KAAL_MESSAGE(0, calls));
        calls += kaal_label(answer) == KAAL_NO_ERROR;
    } while (kaal_label(answer) == KAAL_NO_ERROR);
    kaal_send(scene.report, KAAL_MESSAGE(0, kaal_label(answer), kaal_length(answer), answer.words[0], calls));
}

static bool revoke_under_client(void)
{
    if (!make_client((kaal_endpoint_t){0}) ||
        !kaal_thread_create(&pool, &server, &(struct kaal_thread_setup){.priority = SERVER_PRIORITY}) ||
        kaal_thread_start(&server, serve_and_tell, 0).error ||
        kaal_thread_start(&client, call_until_error, 0).error) {
        return false;
    }
    kaal_wait(scene.signals);
    if (kaal_revoke(scene.service_origin).error) {
        return false;
    }

    struct kaal_message message = kaal_wait(scene.report);

    kaal_print("demo: after %lu calls the client got %s(%lu)\n", message.words[3],
               kaal_error_name(message.words[0]), message.words[2]);
    return message.words[0] == KAAL_INVALID_CAPABILITY && message.words[1] == 1 && message.words[2] == 0 &&
           message.words[3] == CALLS_BEFORE_REVOKE && scene.served == CALLS_BEFORE_REVOKE;
}

/* ---- The programme ---- */

static const struct {
    const char *name;
    bool (*run)(void);
} scenes[] = {
    {"threads in two address spaces", two_address_spaces},
    {"call and reply between address spaces", call_and_reply},
    {"notification", notification},
    {"page fault repaired by a handler thread", page_fault},
    {"capability revoked under a running client", revoke_under_client},
};

static bool run_scene(unsigned i)
{
    bool good = make_common_objects();

    if (!good) {
        kaal_print("demo: cannot make the objects: %s\n", kaal_error_name(pool.result.error));
    } else {
        good = scenes[i].run();
    }
    kaal_print("demo: %s ... %s\n", scenes[i].name, good ? "ok" : "FAILED");
    kaal_pool_reset(&pool);
    return good;
}

int user_main(const struct kaal_bootinfo *bootinfo)
{
    unsigned count = sizeof(scenes) / sizeof(scenes[0]);
    unsigned passed = 0;

    kaal_runtime_start(bootinfo);
    kaal_allocator_start(&allocator, bootinfo);
    if (kaal_pool_create(&allocator, &pool, POOL_BITS, POOL_SLOTS)) {
        for (unsigned i = 0; i < count; i++) {
            passed += run_scene(i);
        }
    } else {
        kaal_print("demo: not enough memory or slots\n");
    }
    kaal_print("demo: %u passed, %u failed\n", passed, count - passed);
    kaal_debug_halt();
    return passed == count ? 0 : 1;
}
