/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The reader of flattened device trees.
 */
#include "hal/board/fdt.h"

#include "core/base/assert.h"

/* Offsets in the header. */
enum {
    HEADER_MAGIC = 0,
    HEADER_TOTAL_SIZE = 4,
    HEADER_STRUCTURE = 8,
    HEADER_STRINGS = 12,
    HEADER_RESERVATIONS = 16,
    HEADER_VERSION = 20,
    HEADER_LAST_COMPATIBLE = 24,
    HEADER_STRINGS_SIZE = 32,
    HEADER_STRUCTURE_SIZE = 36,
    HEADER_BYTES = 40,
};

enum { VERSION = 17, RESERVATION_BYTES = 16, CELL = 4 };

#define DT_MAGIC     0xd00dfeedu
#define DT_SIZE_LAST 0x7fffffffu

enum tag {
    TAG_NONE = 0,
    TAG_BEGIN_NODE = 1,
    TAG_END_NODE = 2,
    TAG_PROPERTY = 3,
    TAG_NOP = 4,
    TAG_END = 9,
};

/* One token of the structure block. Offsets are relative to that block. */
struct token {
    uint32_t tag;
    uint32_t next;   /* offset of the token after it */
    uint32_t body;   /* offset of the node's name or of the property's value */
    uint32_t length; /* bytes of name or value */
    uint32_t name;   /* property: offset of its name in the strings block */
};

/* ---- Bytes and strings ---- */

/* A number of one or two cells. */
static word_t read_number(const uint8_t *bytes, uint32_t cells)
{
    word_t number = 0;

    for (uint32_t i = 0; i < cells * CELL; i++) {
        number = number << 8 | bytes[i];
    }
    return number;
}

static uint32_t read_cell(const uint8_t *bytes)
{
    return (uint32_t)read_number(bytes, 1);
}

/* Number of characters before the NUL; `limit` when it is not among so many. */
static size_t string_length(const char *string, size_t limit)
{
    size_t length = 0;

    while (length < limit && string[length] != '\0') {
        length++;
    }
    return length;
}

/* What follows in a string that begins with these characters, none of them NUL; NULL when it does not. */
static const char *after_prefix(const char *string, const char *characters, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (string[i] != characters[i]) {
            return NULL;
        }
    }
    return string + length;
}

static bool string_is(const char *string, const char *characters, size_t length)
{
    const char *rest = after_prefix(string, characters, length);

    return rest != NULL && *rest == '\0';
}

/* ---- Tokens ---- */

static const uint8_t *structure_at(const struct device_tree *tree, uint32_t offset)
{
    return tree->bytes + tree->structure + offset;
}

static bool structure_holds(const struct device_tree *tree, uint32_t offset, uint32_t bytes)
{
    return offset <= tree->structure_size && bytes <= tree->structure_size - offset;
}

/* A name that lacks its NUL is longer than the block. */
static uint32_t name_bytes(const struct device_tree *tree, uint32_t offset)
{
    return (uint32_t)string_length((const char *)structure_at(tree, offset), tree->structure_size - offset) +
           1;
}

/* The token at an offset; its tag is TAG_NONE when there is no sound one. */
static struct token read_token(const struct device_tree *tree, uint32_t offset)
{
    static const struct token none = {.tag = TAG_NONE};
    struct token token = {.body = offset + CELL};

    if (!structure_holds(tree, offset, CELL)) {
        return none;
    }
    token.tag = read_cell(structure_at(tree, offset));
    if (token.tag == TAG_BEGIN_NODE) {
        token.length = name_bytes(tree, token.body);
    } else if (token.tag == TAG_PROPERTY) {
        if (!structure_holds(tree, token.body, 2 * CELL)) {
            return none;
        }
        token.length = read_cell(structure_at(tree, token.body));
        token.name = read_cell(structure_at(tree, token.body + CELL));
        token.body += 2 * CELL;
    } else if (token.tag != TAG_END_NODE && token.tag != TAG_NOP && token.tag != TAG_END) {
        return none;
    }
    /* Tokens begin at multiples of 4 from the start of the block. */
    token.next = (uint32_t)align_up(token.body + token.length, 2);
    /* The strings block ends with a NUL, so every name that begins in it ends in it. */
    bool sound = structure_holds(tree, token.body, token.length) &&
                 (token.tag != TAG_PROPERTY || token.name < tree->strings_size);

    return sound ? token : none;
}

/* ---- Checking a tree ---- */

/* Does a block lie between the header and the end of the tree? */
static bool block_fits(const struct device_tree *tree, uint32_t offset, uint32_t bytes)
{
    return offset >= HEADER_BYTES && offset <= tree->size && bytes <= tree->size - offset;
}

static const char *locate_blocks(struct device_tree *tree)
{
    const uint8_t *bytes = tree->bytes;

    tree->damage = HEADER_STRUCTURE;
    tree->reservations = read_cell(bytes + HEADER_RESERVATIONS);
    tree->structure = read_cell(bytes + HEADER_STRUCTURE);
    tree->structure_size = read_cell(bytes + HEADER_STRUCTURE_SIZE);
    tree->strings = read_cell(bytes + HEADER_STRINGS);
    tree->strings_size = read_cell(bytes + HEADER_STRINGS_SIZE);
    if (!block_fits(tree, tree->reservations, 0) ||
        !block_fits(tree, tree->structure, tree->structure_size) ||
        !block_fits(tree, tree->strings, tree->strings_size)) {
        return "device tree: a block lies outside the tree";
    }
    tree->used = tree->strings + tree->strings_size;
    /* A name must end inside its block: what comes after the last NUL cannot be one. */
    while (tree->strings_size > 0 && bytes[tree->strings + tree->strings_size - 1] != '\0') {
        tree->strings_size--;
    }
    return NULL;
}

static const char *open_header(struct device_tree *tree, size_t limit)
{
    const uint8_t *bytes = tree->bytes;

    if (bytes == NULL || limit < CELL || read_cell(bytes + HEADER_MAGIC) != DT_MAGIC) {
        return "device tree: there is none (no magic number)";
    }
    tree->damage = HEADER_TOTAL_SIZE;
    tree->size = limit < HEADER_BYTES ? 0 : read_cell(bytes + HEADER_TOTAL_SIZE);
    if (tree->size < HEADER_BYTES) {
        return "device tree: shorter than its header";
    }
    if (tree->size > limit || tree->size > DT_SIZE_LAST) {
        return "device tree: larger than the memory that may hold it";
    }
    tree->damage = HEADER_VERSION;
    if (read_cell(bytes + HEADER_VERSION) < VERSION || read_cell(bytes + HEADER_LAST_COMPATIBLE) > VERSION) {
        return "device tree: of a version other than 17";
    }
    return locate_blocks(tree);
}

/* The memory reservation block ends with an entry of size 0. */
static const char *check_reservations(struct device_tree *tree)
{
    uint32_t offset = tree->reservations;
    word_t bytes;

    do {
        if (tree->size - offset < RESERVATION_BYTES) {
            tree->damage = offset;
            return "device tree: the memory reservation block has no end";
        }
        bytes = read_number(tree->bytes + offset + 2 * CELL, 2);
        offset += RESERVATION_BYTES;
    } while (bytes != 0);
    tree->used = (uint32_t)word_max(tree->used, offset);
    return NULL;
}

/* May this token come so many nodes deep? Behind the root node there is only the end. */
static const char *check_token(const struct token *token, unsigned depth, bool root_ended)
{
    if (token->tag == TAG_NONE) {
        return "device tree: damaged";
    }
    if (root_ended && token->tag != TAG_END && token->tag != TAG_NOP) {
        return "device tree: something follows the root node";
    }
    if (token->tag == TAG_BEGIN_NODE && depth == 0 && token->length > 1) {
        return "device tree: the root node has a name";
    }
    if (token->tag == TAG_BEGIN_NODE && depth == DT_MAX_DEPTH) {
        return "device tree: nodes are nested too deeply";
    }
    if (token->tag == TAG_END_NODE && depth == 0) {
        return "device tree: a node ends that never began";
    }
    return token->tag == TAG_END && depth != 0 ? "device tree: ends inside a node" : NULL;
}

/* The structure block is well formed up to its end token. */
static const char *check_structure(struct device_tree *tree)
{
    bool root_ended = false;
    unsigned depth = 0;
    struct token token = {.next = 0};

    do {
        tree->damage = tree->structure + token.next;
        token = read_token(tree, token.next);
        const char *error = check_token(&token, depth, root_ended);
        if (error != NULL) {
            return error;
        }
        depth += token.tag == TAG_BEGIN_NODE;
        depth -= token.tag == TAG_END_NODE;
        root_ended = root_ended || (token.tag == TAG_END_NODE && depth == 0);
    } while (token.tag != TAG_END);
    tree->used = (uint32_t)word_max(tree->used, tree->structure + token.next);
    tree->damage = 0;
    return NULL;
}

const char *dt_open(struct device_tree *tree, const void *blob, size_t limit)
{
    const char *error;

    *tree = (struct device_tree){.bytes = blob};
    error = open_header(tree, limit);
    if (error == NULL) {
        error = check_reservations(tree);
    }
    return error != NULL ? error : check_structure(tree);
}

bool dt_reservation(const struct device_tree *tree, uint32_t index, word_t *address, word_t *bytes)
{
    const uint8_t *entry = tree->bytes + tree->reservations + (size_t)index * RESERVATION_BYTES;

    *address = read_number(entry, 2);
    *bytes = read_number(entry + 2 * CELL, 2);
    return *bytes != 0;
}

/* ---- Nodes ---- */

void dt_walk_start(struct dt_walk *walk, const struct device_tree *tree)
{
    walk->tree = tree;
    walk->next = 0;
    walk->depth = 0;
}

bool dt_walk_next(struct dt_walk *walk)
{
    for (;;) {
        struct token token = read_token(walk->tree, walk->next);

        core_assert(token.tag != TAG_NONE);
        if (token.tag == TAG_END) {
            return false;
        }
        if (token.tag == TAG_BEGIN_NODE) {
            walk->path[walk->depth++] = walk->next;
        } else if (token.tag == TAG_END_NODE) {
            walk->depth--;
        }
        walk->next = token.next;
        if (token.tag == TAG_BEGIN_NODE) {
            return true;
        }
    }
}

bool dt_walk_child(struct dt_walk *walk, unsigned depth)
{
    while (dt_walk_next(walk) && walk->depth > depth) {
        if (walk->depth == depth + 1) {
            return true;
        }
    }
    return false;
}

bool dt_walk_enabled(const struct dt_walk *walk)
{
    for (struct dt_walk at = *walk; at.depth > 0; at.depth--) {
        if (dt_has(&at, "status") && !dt_property_is(&at, "status", "okay") &&
            !dt_property_is(&at, "status", "ok")) {
            return false;
        }
    }
    return true;
}

bool dt_walk_compatible(struct dt_walk *walk, const char *const *names)
{
    while (dt_walk_next(walk)) {
        if (dt_is_compatible(walk, names) && dt_walk_enabled(walk)) {
            return true;
        }
    }
    return false;
}

/* Is this the name of the node, or the name without its unit address? */
static bool node_is_named(const struct dt_walk *walk, const char *name, size_t length)
{
    const char *rest = after_prefix(dt_name(walk), name, length);

    return rest != NULL && (*rest == '\0' || *rest == '@');
}

/* Characters of the first name of a path. */
static size_t first_name(const char *path)
{
    size_t length = 0;

    while (path[length] != '\0' && path[length] != '/' && path[length] != ':') {
        length++;
    }
    return length;
}

/* From a node to its first child with this name. */
static bool walk_to_child(struct dt_walk *walk, const char *name, size_t length)
{
    unsigned depth = walk->depth;

    while (dt_walk_child(walk, depth)) {
        if (node_is_named(walk, name, length)) {
            return true;
        }
    }
    return false;
}

/* From a node down along the names of a path. */
static bool walk_along(struct dt_walk *walk, const char *path)
{
    while (*path != '\0' && *path != ':') {
        size_t length = first_name(path);

        if (length > 0 && !walk_to_child(walk, path, length)) {
            return false;
        }
        path += length;
        path += *path == '/';
    }
    return true;
}

static bool walk_from_root(struct dt_walk *walk, const struct device_tree *tree, const char *path)
{
    dt_walk_start(walk, tree);
    return dt_walk_next(walk) && walk_along(walk, path);
}

static bool named_property(const struct dt_walk *walk, const char *name, size_t length,
                           struct dt_property *property)
{
    uint32_t offset = 0;

    while (dt_next_property(walk, &offset, property)) {
        if (string_is(property->name, name, length)) {
            return true;
        }
    }
    return false;
}

bool dt_find_path(struct dt_walk *walk, const struct device_tree *tree, const char *path)
{
    size_t name = first_name(path);
    struct dt_property alias;

    if (path[0] == '/') {
        return walk_from_root(walk, tree, path);
    }
    if (name == 0 || !walk_from_root(walk, tree, "/aliases") || !named_property(walk, path, name, &alias)) {
        return false;
    }
    const char *target = dt_string(&alias);

    return target != NULL && target[0] == '/' && walk_from_root(walk, tree, target) &&
           walk_along(walk, path + name);
}

bool dt_find_phandle(struct dt_walk *walk, const struct device_tree *tree, uint32_t phandle)
{
    uint32_t cell;

    dt_walk_start(walk, tree);
    while (dt_walk_next(walk)) {
        if ((dt_cell_property(walk, "phandle", &cell) || dt_cell_property(walk, "linux,phandle", &cell)) &&
            cell == phandle) {
            return true;
        }
    }
    return false;
}

const char *dt_name(const struct dt_walk *walk)
{
    core_assert(walk->depth > 0);
    return (const char *)structure_at(walk->tree, walk->path[walk->depth - 1] + CELL);
}

bool dt_is_of_type(const struct dt_walk *walk, const char *type)
{
    return dt_has(walk, "device_type") ? dt_property_is(walk, "device_type", type)
                                       : node_is_named(walk, type, string_length(type, SIZE_MAX));
}

bool dt_is_compatible(const struct dt_walk *walk, const char *const *names)
{
    struct dt_property compatible;
    uint32_t index;

    if (!dt_property(walk, "compatible", &compatible)) {
        return false;
    }
    while (*names != NULL && !dt_string_index(&compatible, *names, &index)) {
        names++;
    }
    return *names != NULL;
}

/* ---- Properties ---- */

/* The properties of a node come before its children. */
bool dt_next_property(const struct dt_walk *walk, uint32_t *offset, struct dt_property *property)
{
    const struct device_tree *tree = walk->tree;
    uint32_t at = *offset != 0 ? *offset : walk->path[walk->depth - 1];
    struct token token;

    do {
        at = read_token(tree, at).next;
        token = read_token(tree, at);
    } while (token.tag == TAG_NOP);
    if (token.tag != TAG_PROPERTY) {
        return false;
    }
    *offset = at;
    property->name = (const char *)tree->bytes + tree->strings + token.name;
    property->value = structure_at(tree, token.body);
    property->length = token.length;
    return true;
}

bool dt_property(const struct dt_walk *walk, const char *name, struct dt_property *property)
{
    return named_property(walk, name, string_length(name, SIZE_MAX), property);
}

bool dt_has(const struct dt_walk *walk, const char *name)
{
    struct dt_property property;

    return dt_property(walk, name, &property);
}

bool dt_cell(const struct dt_property *property, uint32_t index, uint32_t *cell)
{
    if (index >= property->length / CELL) {
        return false;
    }
    *cell = read_cell(property->value + (size_t)index * CELL);
    return true;
}

bool dt_cell_property(const struct dt_walk *walk, const char *name, uint32_t *cell)
{
    struct dt_property property;

    if (!dt_property(walk, name, &property) || property.length != CELL) {
        return false;
    }
    *cell = read_cell(property.value);
    return true;
}

const char *dt_string(const struct dt_property *property)
{
    const char *string = (const char *)property->value;

    return string_length(string, property->length) < property->length ? string : NULL;
}

bool dt_string_index(const struct dt_property *property, const char *string, uint32_t *index)
{
    struct dt_property rest = *property;
    const char *entry;

    for (*index = 0; (entry = dt_string(&rest)) != NULL; ++*index) {
        uint32_t length = (uint32_t)string_length(entry, rest.length);

        if (string_is(entry, string, string_length(string, SIZE_MAX))) {
            return true;
        }
        rest.value += length + 1;
        rest.length -= length + 1;
    }
    return false;
}

bool dt_property_is(const struct dt_walk *walk, const char *name, const char *string)
{
    struct dt_property property;
    uint32_t index;

    /* The first one of the list, which is the value as a string. */
    return dt_property(walk, name, &property) && dt_string_index(&property, string, &index) && index == 0;
}

/* ---- Addresses ---- */

/* One line of a table whose numbers have so many cells each. */
static enum dt_address read_row(const struct dt_property *table, uint32_t index, const uint32_t *cells,
                                unsigned count, word_t *numbers)
{
    uint32_t row_bytes = 0;

    for (unsigned i = 0; i < count; i++) {
        row_bytes += cells[i] * CELL;
    }
    if (table->length % row_bytes != 0) {
        return DT_ADDRESS_BAD;
    }
    if (index >= table->length / row_bytes) {
        return DT_ADDRESS_NONE;
    }
    const uint8_t *bytes = table->value + (size_t)index * row_bytes;

    for (unsigned i = 0; i < count; i++) {
        numbers[i] = read_number(bytes, cells[i]);
        bytes += (size_t)cells[i] * CELL;
    }
    return DT_ADDRESS_GOOD;
}

/* False when these are not the cells of numbers that a CPU could use (none, or PCI's three). */
static bool read_cell_count(const struct dt_walk *bus, const char *name, uint32_t otherwise, uint32_t *cells)
{
    *cells = otherwise;
    return !dt_has(bus, name) || (dt_cell_property(bus, name, cells) && *cells >= 1 && *cells <= 2);
}

/* How a bus writes addresses and sizes of its children. */
static bool read_bus_cells(const struct dt_walk *bus, uint32_t *address, uint32_t *size)
{
    return read_cell_count(bus, "#address-cells", 2, address) && read_cell_count(bus, "#size-cells", 1, size);
}

/* From an address on a bus to one on the bus above it, by the first range that holds all of the region. */
static bool translate(const struct dt_walk *bus, struct region *region)
{
    enum { CHILD, PARENT, SIZE, COLUMNS };
    struct dt_walk above = *bus;
    struct dt_property ranges;
    uint32_t cells[COLUMNS];
    uint32_t size_above;
    word_t row[COLUMNS];

    above.depth--;
    if (!dt_property(bus, "ranges", &ranges)) {
        return false;
    }
    if (ranges.length == 0) {
        return true;
    }
    if (!read_bus_cells(bus, &cells[CHILD], &cells[SIZE]) ||
        !read_bus_cells(&above, &cells[PARENT], &size_above)) {
        return false;
    }
    for (uint32_t i = 0; read_row(&ranges, i, cells, COLUMNS, row) == DT_ADDRESS_GOOD; i++) {
        word_t offset = region->start - row[CHILD];
        word_t length = region->end - region->start;

        if (region->start >= row[CHILD] && offset <= row[SIZE] && length <= row[SIZE] - offset) {
            region->start = row[PARENT] + offset;
            region->end = region->start + length;
            return row[PARENT] <= WORD_MAX - offset && region->start <= WORD_MAX - length;
        }
    }
    return false;
}

enum dt_address dt_reg(const struct dt_walk *walk, uint32_t index, struct region *region)
{
    enum { ADDRESS, SIZE, COLUMNS };
    struct dt_walk bus = *walk;
    struct dt_property reg;
    uint32_t cells[COLUMNS];
    word_t row[COLUMNS];

    bus.depth--;
    if (bus.depth == 0 || !dt_property(walk, "reg", &reg)) {
        return DT_ADDRESS_NONE;
    }
    if (!read_bus_cells(&bus, &cells[ADDRESS], &cells[SIZE])) {
        return DT_ADDRESS_BAD;
    }
    enum dt_address answer = read_row(&reg, index, cells, COLUMNS, row);

    if (answer != DT_ADDRESS_GOOD) {
        return answer;
    }
    if (row[SIZE] > WORD_MAX - row[ADDRESS]) {
        return DT_ADDRESS_BAD;
    }
    *region = (struct region){row[ADDRESS], row[ADDRESS] + row[SIZE]};
    for (; bus.depth > 1; bus.depth--) {
        if (!translate(&bus, region)) {
            return DT_ADDRESS_BAD;
        }
    }
    return DT_ADDRESS_GOOD;
}
