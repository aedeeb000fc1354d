/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A world of address spaces for the tests of frames, page tables, VSpaces and
 * ASIDs: capabilities in every state that the specification distinguishes, under
 * names that tables of cases can use (docs/spec/aarch64-vspace.md 3, 5, 6).
 */
#ifndef TESTS_UNIT_SPACES_H
#define TESTS_UNIT_SPACES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/space/mapping.h"
#include "core/sched/thread.h"
#include "tests/unit/fixture.h"

/* What a case may name instead of a capability address. */
enum spaces_name {
    NAME_NONE, /* an empty slot */
    NAME_CNODE,
    NAME_A,          /* VSpace with an ASID; tables of all levels at VADDR, of fewer at the others below */
    NAME_B,          /* another one, with all tables at VADDR */
    NAME_UNASSIGNED, /* VSpace without an ASID */
    NAME_GONE,       /* VSpace whose pool was deleted */
    NAME_REPLACED,   /* VSpace whose ASID now belongs to another one */
    NAME_FRAME,      /* 4 KiB, not mapped */
    NAME_FRAME_IN_A, /* mapped in A at VADDR + 0x1000 */
    NAME_FRAME_READ_ONLY, /* mapped in A at VADDR + 0x3000, read-only */
    NAME_FRAME_IN_B,      /* mapped in B at VADDR + 0x1000 */
    NAME_FRAME_STALE,     /* claims to be mapped in A at VADDR + 0x2000, where another frame is now */
    NAME_FRAME_GONE,      /* claims to be mapped in GONE */
    NAME_LARGE,           /* 2 MiB, not mapped */
    NAME_LARGE_IN_A,      /* mapped in A at VADDR_LARGE */
    NAME_HUGE,            /* 1 GiB of device memory, not mapped */
    NAME_TABLE,           /* not mapped */
    NAME_TABLE_IN_A,      /* the level-3 table of VADDR in A */
    NAME_TABLE_2_IN_A,    /* its level-2 table */
    NAME_TABLE_1_IN_A,    /* its level-1 table */
    NAME_COUNT,
};

enum {
    VADDR = 0x10000000,
    VADDR_LARGE = 0x10200000, /* A has no level-3 table here */
};
#define VADDR_NO_LEVEL_1 ((word_t)5 << 39)
#define VADDR_NO_LEVEL_2 ((word_t)0x4000000000) /* in A: a level-1 table only */
#define VADDR_NO_LEVEL_3 ((word_t)0x10400000)

struct spaces {
    kaal_cptr_t cap[NAME_COUNT];
    kaal_cptr_t pool; /* number 1: REPLACED's successor is in it */
};

extern struct spaces spaces;

/* CMocka set-up: the world above, in a fixture with 64 MiB. */
int spaces_setup(void **state);

/* ---- Requests and answers ---- */

/* An invocation and what must be answered. caps are names. */
struct spaces_case {
    const char *what;
    enum spaces_name object;
    word_t label;
    unsigned word_count;
    word_t words[6];
    unsigned cap_count;
    enum spaces_name caps[2];
    enum kaal_error error;
    unsigned detail_count;
    word_t details[4];
};

/* Makes the invocation and fails with the name of the case unless the answer is as it says. */
void spaces_check(const struct spaces_case *test);

/*
 * A ladder: each request has the faults of all later ones, so the answers show
 * the order of the checks. `count` cases.
 */
void spaces_check_all(const struct spaces_case *cases, size_t count);
#define SPACES_CHECK_ALL(cases) spaces_check_all((cases), sizeof(cases) / sizeof((cases)[0]))

/* An invocation that must succeed. */
void spaces_do(kaal_cptr_t object, enum kaal_label label, size_t word_count, const word_t *words,
               size_t cap_count, const kaal_cptr_t *caps);

void spaces_map(kaal_cptr_t frame, kaal_cptr_t vspace, word_t vaddr, word_t rights, word_t attributes);
void spaces_map_table(kaal_cptr_t table, kaal_cptr_t vspace, word_t vaddr);
void spaces_delete(kaal_cptr_t slot);
kaal_cptr_t spaces_copy(kaal_cptr_t source);

/* A VSpace with an ASID from this pool. */
kaal_cptr_t spaces_new(kaal_cptr_t pool);
kaal_cptr_t spaces_new_pool(void);

/* ---- Looking ---- */

struct cap spaces_cap(kaal_cptr_t slot);

/* The entry where a walk of this VSpace to an address ends. */
struct hal_walk spaces_walk(kaal_cptr_t vspace, word_t vaddr);

/*
 * Accesses an address like a thread of this VSpace (the ASID that its capability says): translations get into
 * the TLB as they would. Zero: it works; else the syndrome. *memory may be NULL.
 */
word_t spaces_access(kaal_cptr_t vspace, word_t vaddr, enum machine_access access, paddr_t *memory);

/* Invalidations since the last call. */
struct spaces_invalidations {
    uint64_t pages;
    uint64_t asids;
};
struct spaces_invalidations spaces_invalidations(void);

/* Fails unless exactly so many were made since the last look, and no access has met a stale translation. */
void spaces_expect_invalidations(uint64_t pages, uint64_t asids);

#endif
