/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Boot information for the root task (docs/spec/abi.md 14).
 */
#ifndef KAAL_BOOTINFO_H
#define KAAL_BOOTINFO_H

#include <kaal/types.h>

/* Slots of the root CNode with a fixed meaning. */
enum kaal_boot_slot {
    KAAL_BOOT_NULL = 0,
    KAAL_BOOT_TCB = 1,
    KAAL_BOOT_CNODE = 2,
    KAAL_BOOT_VSPACE = 3,
    KAAL_BOOT_IRQ_CONTROL = 4,
    KAAL_BOOT_ASID_CONTROL = 5,
    KAAL_BOOT_ASID_POOL = 6,
    KAAL_BOOT_BOOTINFO_FRAME = 9,
    KAAL_BOOT_IPC_BUFFER = 10,
    KAAL_BOOT_DOMAIN = 11,
    KAAL_BOOT_SCHED_CONTEXT = 14,
    KAAL_BOOT_FIRST_DYNAMIC = 16,
};

#define KAAL_BOOTINFO_MAX_UNTYPEDS 230

struct kaal_slot_region {
    kaal_word_t start;
    kaal_word_t end; /* exclusive */
};

struct kaal_untyped_descriptor {
    kaal_word_t paddr;
    uint8_t size_bits;
    uint8_t is_device;
    uint8_t padding[6];
};

struct kaal_bootinfo {
    kaal_word_t extra_length; /* bytes of extra boot information, in the pages after this one */
    kaal_word_t node_id;
    kaal_word_t node_count;
    kaal_word_t io_page_table_levels;
    kaal_word_t ipc_buffer; /* virtual address */
    struct kaal_slot_region empty;
    struct kaal_slot_region shared_frames;
    struct kaal_slot_region user_image_frames;
    struct kaal_slot_region user_image_paging;
    struct kaal_slot_region io_space_caps;
    struct kaal_slot_region extra_bootinfo_pages;
    kaal_word_t root_cnode_bits;
    kaal_word_t initial_domain;
    struct kaal_slot_region sched_control;
    struct kaal_slot_region untyped;
    struct kaal_untyped_descriptor untyped_list[KAAL_BOOTINFO_MAX_UNTYPEDS];
};

_Static_assert(sizeof(struct kaal_bootinfo) == 3864, "docs/spec/abi.md 14.1");
_Static_assert(offsetof(struct kaal_bootinfo, untyped_list) == 0xb8, "docs/spec/abi.md 14.1");

/* Chunks of the extra boot information start with this header; length includes it. */
struct kaal_bootinfo_chunk {
    kaal_word_t id;
    kaal_word_t length;
};

enum kaal_bootinfo_chunk_id {
    KAAL_BOOTINFO_PADDING = 0,
    KAAL_BOOTINFO_DEVICE_TREE = 6,
};

#endif
