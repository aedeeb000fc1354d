/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A reader of flattened device trees (Devicetree Specification, release 0.4,
 * chapters 2 and 5). It allocates nothing, changes nothing, reads nothing
 * outside the bytes it was given and needs no alignment. dt_open() checks the
 * whole tree once; everything else relies on that and takes time that is at most
 * linear in the size of the tree.
 */
#ifndef HAL_BOARD_FDT_H
#define HAL_BOARD_FDT_H

#include "core/boot/boot.h"

/* Nodes on the longest path, the root included. Deeper trees are refused. */
#define DT_MAX_DEPTH 64

struct device_tree {
    const uint8_t *bytes;
    uint32_t size;           /* of the whole tree as its header states it */
    uint32_t used;           /* end of the last block: what a copy needs to keep */
    uint32_t reservations;   /* offset of the memory reservation block */
    uint32_t structure;      /* offset of the structure block */
    uint32_t structure_size; /* bytes */
    uint32_t strings;        /* offset of the strings block */
    uint32_t strings_size;   /* bytes up to and including the last NUL */
    uint32_t damage;         /* after a failed dt_open(): offset of what is wrong */
};

struct dt_property {
    const char *name;
    const uint8_t *value; /* big-endian cells or strings, at any alignment */
    uint32_t length;      /* bytes */
};

/*
 * A walk over all nodes, parents before children, in the order of the tree. It
 * stands on a node, which the functions below are about, and knows the path to
 * it. A copy with a smaller depth stands on a node above.
 */
struct dt_walk {
    const struct device_tree *tree;
    uint32_t next;               /* offset of the next token in the structure block */
    unsigned depth;              /* nodes on the path; 0 before the first and after the last node */
    uint32_t path[DT_MAX_DEPTH]; /* offsets of the nodes' first tokens */
};

/* The answer to a question for addresses. */
enum dt_address {
    DT_ADDRESS_GOOD,
    DT_ADDRESS_NONE, /* there is no such entry */
    DT_ADDRESS_BAD,  /* malformed, wraps around, or not an address that a CPU could use */
};

/* ---- The tree ---- */

/* Checks a tree of at most `limit` bytes. NULL when it is sound, else what is wrong; tree->damage says where.
 */
const char *dt_open(struct device_tree *tree, const void *blob, size_t limit);

/*
 * Entry `index` of the memory reservation block; false at its end, beyond which
 * nobody may ask. Address and size are as the tree says: their sum may wrap around.
 */
bool dt_reservation(const struct device_tree *tree, uint32_t index, word_t *address, word_t *bytes);

/* ---- Nodes ---- */

void dt_walk_start(struct dt_walk *walk, const struct device_tree *tree);

/* Goes to the next node; false after the last one. */
bool dt_walk_next(struct dt_walk *walk);

/* Goes on to the next child of the node at this depth of the path; false after its last one. */
bool dt_walk_child(struct dt_walk *walk, unsigned depth);

/* Neither this node nor one above it has a status other than "okay" (or "ok"). */
bool dt_walk_enabled(const struct dt_walk *walk);

/* Goes on to the next enabled node that is compatible with one of the names (the list ends with NULL). */
bool dt_walk_compatible(struct dt_walk *walk, const char *const *names);

/*
 * Stands on the node with this path, which a colon or its NUL ends: absolute
 * ("/soc/serial@9000000"; unit addresses may be left out) or beginning with the
 * name of an alias ("serial0"). False when there is none.
 */
bool dt_find_path(struct dt_walk *walk, const struct device_tree *tree, const char *path);

/* Stands on the node with this phandle. False when there is none. */
bool dt_find_phandle(struct dt_walk *walk, const struct device_tree *tree, uint32_t phandle);

/* "serial@9000000"; empty for the root. */
const char *dt_name(const struct dt_walk *walk);

/* Is the node's device_type this one? Where it has none, its name without unit address counts. */
bool dt_is_of_type(const struct dt_walk *walk, const char *type);

/* Is the node compatible with one of the names (the list ends with NULL)? */
bool dt_is_compatible(const struct dt_walk *walk, const char *const *names);

/* ---- Properties ---- */

/* The node's property behind the one at *offset (0: the first), whose offset that becomes; false after the
 * last one. */
bool dt_next_property(const struct dt_walk *walk, uint32_t *offset, struct dt_property *property);

/* The property with this name; false when the node has none. */
bool dt_property(const struct dt_walk *walk, const char *name, struct dt_property *property);

/* Has the node a property with this name? */
bool dt_has(const struct dt_walk *walk, const char *name);

/* The 32-bit cell with this index; false when the value is shorter. */
bool dt_cell(const struct dt_property *property, uint32_t index, uint32_t *cell);

/* The value of a property of exactly one cell; false, and nothing changed, when there is none such. */
bool dt_cell_property(const struct dt_walk *walk, const char *name, uint32_t *cell);

/* The value as a string; NULL when it is empty or lacks its NUL. */
const char *dt_string(const struct dt_property *property);

/* Position of a string in the property's list of strings; false when it is not there. */
bool dt_string_index(const struct dt_property *property, const char *string, uint32_t *index);

/* The node has this property, and it is this string. */
bool dt_property_is(const struct dt_walk *walk, const char *name, const char *string);

/* ---- Addresses ---- */

/* Entry `index` of the node's `reg` property as the CPU sees it: translated through the `ranges` of every bus
 * above. */
enum dt_address dt_reg(const struct dt_walk *walk, uint32_t index, struct region *region);

#endif
