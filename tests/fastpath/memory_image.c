/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Parts of the kernel state, their copies and comparison (memory_image.h).
 */
#include "tests/fastpath/memory_image.h"

#include "core/cap/cap.h"
#include "core/log.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/memory/memory.h"

#include "tests/fastpath/names.h"
#include "tests/fastpath/run.h"
#include "tests/fastpath/world.h"

enum { MAX_PARTS = 64, IMAGE_BYTES = 0xc000, REST_BYTES = 0x20000, UNIT_BITS = 4 };

struct part {
    char *start; /* aligned to 16 bytes */
    word_t bytes;
};

static struct part parts[MAX_PARTS];
static unsigned part_count;
static unsigned first_buffer; /* the part that is the IPC buffer of thread 0; the others follow */
static word_t used_bytes;
static _Alignas(16) char images[IMAGES][IMAGE_BYTES];
static char rest_of_kernel[sizeof(struct kernel)];
static char rest_of_objects[REST_BYTES];

/* Widened to whole units. */
static void add_part(void *from, void *to)
{
    char *start = (char *)align_down((word_t)from, UNIT_BITS);
    word_t bytes = align_up((word_t)((char *)to - start), UNIT_BITS);

    if (part_count == MAX_PARTS || (char *)to < start || used_bytes + bytes > IMAGE_BYTES) {
        hal_panic("the state is larger than expected", __FILE__, __LINE__);
    }
    parts[part_count++] = (struct part){start, bytes};
    used_bytes += bytes;
}

static void add_kernel(void)
{
    struct cpu *cpu = &kernel.cpus[0];

    add_part(cpu, &cpu->idle);
    add_part(&cpu->ready[0].head[0], &cpu->ready[0].head[PRIORITY_GROUP]);
    for (unsigned i = 0; i < WORLD_DOMAINS; i++) {
        struct ready_queues *queues = &cpu->ready[i];

        add_part(&queues->head[MIDDLE_PRIORITY], &queues->head[MIDDLE_PRIORITY + PRIORITY_GROUP]);
        add_part(&queues->head[KAAL_PRIORITIES - PRIORITY_GROUP], &queues[1].head[PRIORITY_GROUP]);
    }
    add_part(&kernel, cpu);
    add_part(&kernel.schedule[0], &kernel.schedule[4]);
    add_part(&kernel.asid_pools[0], &kernel.asid_pools[2]);
    add_part(&kernel.asid_pools[0]->root[FIRST_ASID], &kernel.asid_pools[0]->root[FIRST_ASID + SPACES]);
    add_part(hardware.fpu_enabled, &hardware.fpu_enabled[CONFIG_MAX_CPUS]);
}

static void add_buffers(void)
{
    first_buffer = part_count;
    for (unsigned i = 0; i < BUFFERS; i++) {
        add_part(world.small_buffer[i], world.small_buffer[i] + 1);
    }
}

void image_use_buffer(unsigned thread, struct kaal_ipc_buffer *buffer)
{
    parts[first_buffer + thread].start = (char *)buffer;
}

void image_init(void)
{
    add_kernel();
    for (unsigned i = 0; i < THREADS; i++) {
        add_part(world.tcb[i], world.tcb[i]->fpu);
    }
    for (unsigned i = 0; i < CONTEXTS; i++) {
        add_part(world.context[i], (char *)world.context[i] + bit(CONTEXT_BITS));
    }
    add_part(world.endpoint[0], world.endpoint[ENDPOINTS - 1] + 1);
    add_part(world.reply[0], world.reply[REPLIES - 1] + 1);
    add_part(world.notification[0], world.notification[NOTIFICATIONS - 1] + 1);
    add_part(world.cnode, world.cnode + bit(CNODE_BITS));
    add_part(world.small_cnode, world.small_cnode + bit(SMALL_CNODE_BITS));
    add_part(world.original, world.original_large_frame + 1);
    add_part(world.original_large_frame + 1, &world.original_frame[BUFFERS]);
    add_buffers();
    if (world.object_bytes > REST_BYTES) {
        hal_panic("the world is larger than expected", __FILE__, __LINE__);
    }
    memcpy(rest_of_kernel, &kernel, sizeof(kernel));
    memcpy(rest_of_objects, world.objects, world.object_bytes);
    image_take(IMAGE_BASE);
}

void image_take(enum image image)
{
    char *copy = images[image];

    for (unsigned i = 0; i < part_count; i++) {
        block_copy(copy, parts[i].start, parts[i].bytes);
        copy += parts[i].bytes;
    }
}

void image_restore(enum image image)
{
    const char *copy = images[image];

    for (unsigned i = 0; i < part_count; i++) {
        block_copy(parts[i].start, copy, parts[i].bytes);
        copy += parts[i].bytes;
    }
}

bool image_differs(void)
{
    const char *copy = images[IMAGE_AFTER];

    for (unsigned i = 0; i < part_count; i++) {
        if (block_differs(copy, parts[i].start, parts[i].bytes) != 0) {
            return true;
        }
        copy += parts[i].bytes;
    }
    return false;
}

void image_print_differences(const char *left, const char *right)
{
    const char *copy = images[IMAGE_AFTER];

    for (unsigned i = 0; i < part_count; i++) {
        for (word_t at = 0; at < parts[i].bytes; at += sizeof(word_t)) {
            word_t a = *(const word_t *)(const void *)(copy + at);
            word_t b = *(const word_t *)(const void *)(parts[i].start + at);

            if (a != b) {
                console_puts("        ");
                names_print(parts[i].start + at);
                console_printf(": %s 0x%lx, %s 0x%lx\n", left, a, right, b);
            }
        }
        copy += parts[i].bytes;
    }
}

/* The first byte of [start, start + bytes) that is not what `kept` says, or NULL. */
static const char *find_change(const char *kept, const char *start, word_t bytes)
{
    for (word_t at = 0; at < bytes; at++) {
        if (kept[at] != start[at]) {
            return start + at;
        }
    }
    return NULL;
}

bool image_rest_changed(bool print)
{
    const char *place = find_change(rest_of_kernel, (const char *)&kernel, sizeof(kernel));

    if (place == NULL) {
        place = find_change(rest_of_objects, world.objects, world.object_bytes);
    }
    if (place != NULL && print) {
        console_puts("        ");
        names_print((const void *)align_down((word_t)place, 3));
        console_puts(": changed though out of reach\n");
    }
    return place != NULL;
}

void image_restore_rest(void)
{
    memcpy(&kernel, rest_of_kernel, sizeof(kernel));
    memcpy(world.objects, rest_of_objects, world.object_bytes);
}
