/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The reader of flattened device trees.
 */
#include "hal/aarch64/fdt.h"

#include "core/base/assert.h"

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
    HEADER_BYTES_16 = 36, /* version 16 has no size of the structure block */
    HEADER_BYTES = 40,

    VERSION_OLDEST = 16, /* since then property values are not padded to 8 bytes */
    VERSION = 17,

    RESERVATION_BYTES = 16,
    CELL = 4,
};

#define DT_MAGIC     0xd00dfeedu
#define DT_SIZE_LAST 0x7fffffffu

enum tag {
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
    uint32_t length; /* property: bytes of the value */
    uint32_t name;   /* property: offset of the name in the strings block */
};

/* ---- Bytes and strings ---- */

static uint32_t read_cell(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static word_t read_two_cells(const uint8_t *bytes)
{
    return (word_t)read_cell(bytes) << 32 | read_cell(bytes + CELL);
}

static size_t string_length(const char *string)
{
    size_t length = 0;

    while (string[length] != '\0') {
        length++;
    }
    return length;
}

/* Does a string begin with these characters? It ends with NUL and `characters` hold none. */
static bool begins_with(const char *string, const char *characters, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (string[i] == '\0' || string[i] != characters[i]) {
            return false;
        }
    }
    return true;
}

static bool string_is(const char *string, const char *characters, size_t length)
{
    return begins_with(string, characters, length) && string[length] == '\0';
}

/* Number of characters before the first `wanted`, `length` when it does not occur. */
static size_t span_before(const char *characters, size_t length, char wanted)
{
    size_t i = 0;

    while (i < length && characters[i] != wanted) {
        i++;
    }
    return i;
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

/* Tokens begin at multiples of 4 from the start of the block. Sizes below 2 GiB: this cannot wrap around. */
static uint32_t after(uint32_t end)
{
    return (uint32_t)align_up(end, 2);
}

static bool read_node_token(const struct device_tree *tree, struct token *token)
{
    uint32_t end = token->body;

    do {
        if (!structure_holds(tree, end, 1)) {
            return false;
        }
    } while (*structure_at(tree, end++) != '\0');
    token->next = after(end);
    return true;
}

static bool read_property_token(const struct device_tree *tree, struct token *token)
{
    if (!structure_holds(tree, token->body, 2 * CELL)) {
        return false;
    }
    token->length = read_cell(structure_at(tree, token->body));
    token->name = read_cell(structure_at(tree, token->body + CELL));
    token->body += 2 * CELL;
    if (!structure_holds(tree, token->body, token->length)) {
        return false;
    }
    token->next = after(token->body + token->length);
    /* The strings block ends with a NUL, so every name that begins in it ends in it. */
    return token->name < tree->strings_size;
}

/* False when there is no sound token at this offset. */
static bool read_token(const struct device_tree *tree, uint32_t offset, struct token *token)
{
    if (!structure_holds(tree, offset, CELL)) {
        return false;
    }
    token->tag = read_cell(structure_at(tree, offset));
    token->body = offset + CELL;
    token->next = offset + CELL;
    switch (token->tag) {
    case TAG_BEGIN_NODE: return read_node_token(tree, token);
    case TAG_PROPERTY: return read_property_token(tree, token);
    case TAG_END_NODE:
    case TAG_NOP:
    case TAG_END: return true;
    default: return false;
    }
}

/* ---- Checking a tree ---- */

/* Does a block lie between the header and the end of the tree? */
static bool block_fits(const struct device_tree *tree, uint32_t header, uint32_t offset, uint32_t bytes)
{
    return offset >= header && offset <= tree->size && bytes <= tree->size - offset;
}

/* The version decides what the header holds; *header_bytes is its length. */
static const char *check_version(struct device_tree *tree, uint32_t *header_bytes)
{
    uint32_t version = read_cell(tree->bytes + HEADER_VERSION);
    uint32_t last_compatible = read_cell(tree->bytes + HEADER_LAST_COMPATIBLE);

    tree->damage = HEADER_VERSION;
    if (version < VERSION_OLDEST || last_compatible > VERSION || version < last_compatible) {
        return "device tree: of a version other than 16 or 17";
    }
    *header_bytes = version >= VERSION ? HEADER_BYTES : HEADER_BYTES_16;
    tree->damage = HEADER_TOTAL_SIZE;
    return tree->size < *header_bytes ? "device tree: shorter than its header" : NULL;
}

static const char *locate_blocks(struct device_tree *tree, uint32_t header_bytes)
{
    const uint8_t *bytes = tree->bytes;

    tree->damage = HEADER_STRUCTURE;
    tree->reservations = read_cell(bytes + HEADER_RESERVATIONS);
    tree->structure = read_cell(bytes + HEADER_STRUCTURE);
    tree->strings = read_cell(bytes + HEADER_STRINGS);
    tree->strings_size = read_cell(bytes + HEADER_STRINGS_SIZE);
    if (!block_fits(tree, header_bytes, tree->reservations, 0) ||
        !block_fits(tree, header_bytes, tree->structure, 0) ||
        !block_fits(tree, header_bytes, tree->strings, tree->strings_size)) {
        return "device tree: a block lies outside the tree";
    }
    tree->structure_size =
        header_bytes < HEADER_BYTES ? tree->size - tree->structure : read_cell(bytes + HEADER_STRUCTURE_SIZE);
    if (!block_fits(tree, header_bytes, tree->structure, tree->structure_size)) {
        return "device tree: the structure block lies outside the tree";
    }
    return NULL;
}

static const char *open_header(struct device_tree *tree, size_t limit)
{
    const uint8_t *bytes = tree->bytes;
    uint32_t header_bytes;
    const char *error;

    tree->damage = HEADER_MAGIC;
    if (bytes == NULL || limit < CELL || read_cell(bytes + HEADER_MAGIC) != DT_MAGIC) {
        return "device tree: there is none (no magic number)";
    }
    tree->damage = HEADER_TOTAL_SIZE;
    if (limit < HEADER_BYTES_16) {
        return "device tree: shorter than its header";
    }
    tree->size = read_cell(bytes + HEADER_TOTAL_SIZE);
    if (tree->size > limit || tree->size > DT_SIZE_LAST) {
        return "device tree: larger than the memory that may hold it";
    }
    error = check_version(tree, &header_bytes);
    return error != NULL ? error : locate_blocks(tree, header_bytes);
}

/* The memory reservation block ends with an entry of size 0; *end is the offset after it. */
static const char *check_reservations(struct device_tree *tree, uint32_t *end)
{
    uint32_t offset = tree->reservations;
    word_t bytes;

    do {
        if (tree->size - offset < RESERVATION_BYTES) {
            tree->damage = offset;
            return "device tree: the memory reservation block has no end";
        }
        bytes = read_two_cells(tree->bytes + offset + 2 * CELL);
        offset += RESERVATION_BYTES;
    } while (bytes != 0);
    *end = offset;
    return NULL;
}

/* What the tokens so far allow for the next one. */
struct structure_check {
    unsigned depth;
    bool root_ended;
};

static const char *check_token(const struct device_tree *tree, const struct token *token,
                               struct structure_check *check)
{
    if (check->root_ended && token->tag != TAG_END) {
        return token->tag == TAG_NOP ? NULL : "device tree: something follows the root node";
    }
    switch (token->tag) {
    case TAG_BEGIN_NODE:
        if (check->depth == 0 && *structure_at(tree, token->body) != '\0') {
            return "device tree: the root node has a name";
        }
        if (check->depth == DT_MAX_DEPTH) {
            return "device tree: nodes are nested too deeply";
        }
        check->depth++;
        return NULL;
    case TAG_END_NODE:
        if (check->depth == 0) {
            return "device tree: a node ends that never began";
        }
        check->depth--;
        check->root_ended = check->depth == 0;
        return NULL;
    case TAG_END: return check->depth != 0 ? "device tree: ends inside a node" : NULL;
    default: return NULL;
    }
}

/* The structure block is well formed up to its end token; *end is the offset after that. */
static const char *check_structure(struct device_tree *tree, uint32_t *end)
{
    struct structure_check check = {0, false};
    struct token token;
    uint32_t offset = 0;

    do {
        tree->damage = tree->structure + offset;
        if (!read_token(tree, offset, &token)) {
            return "device tree: damaged";
        }
        const char *error = check_token(tree, &token, &check);
        if (error != NULL) {
            return error;
        }
        offset = token.next;
    } while (token.tag != TAG_END);
    *end = tree->structure + offset;
    return NULL;
}

const char *dt_open(struct device_tree *tree, const void *blob, size_t limit)
{
    uint32_t reservations_end;
    uint32_t structure_end;
    const char *error;

    *tree = (struct device_tree){.bytes = blob};
    error = open_header(tree, limit);
    if (error != NULL) {
        return error;
    }
    uint32_t strings_end = tree->strings + tree->strings_size;

    /* A name must end inside its block: what comes after the last NUL cannot be one. */
    while (tree->strings_size > 0 && tree->bytes[tree->strings + tree->strings_size - 1] != '\0') {
        tree->strings_size--;
    }
    error = check_reservations(tree, &reservations_end);
    if (error != NULL) {
        return error;
    }
    error = check_structure(tree, &structure_end);
    if (error != NULL) {
        return error;
    }
    tree->used = (uint32_t)word_max(word_max(reservations_end, structure_end), strings_end);
    tree->damage = 0;
    return NULL;
}

struct dt_cursor dt_reservations(const struct device_tree *tree)
{
    (void)tree;
    return (struct dt_cursor){0};
}

bool dt_next_reservation(const struct device_tree *tree, struct dt_cursor *cursor, word_t *address,
                         word_t *bytes)
{
    const uint8_t *entry = tree->bytes + tree->reservations + cursor->offset;

    *address = read_two_cells(entry);
    *bytes = read_two_cells(entry + 2 * CELL);
    if (*bytes == 0) {
        return false;
    }
    cursor->offset += RESERVATION_BYTES;
    return true;
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
    struct token token;

    while (read_token(walk->tree, walk->next, &token) && token.tag != TAG_END) {
        uint32_t offset = walk->next;

        walk->next = token.next;
        if (token.tag == TAG_END_NODE) {
            core_assert(walk->depth > 0);
            walk->depth--;
        } else if (token.tag == TAG_BEGIN_NODE) {
            core_assert(walk->depth < DT_MAX_DEPTH);
            walk->path[walk->depth++] = (struct dt_node){offset};
            return true;
        }
    }
    walk->depth = 0;
    return false;
}

struct dt_node dt_walk_node(const struct dt_walk *walk)
{
    core_assert(walk->depth > 0);
    return walk->path[walk->depth - 1];
}

static bool node_enabled(const struct device_tree *tree, struct dt_node node)
{
    struct dt_property status;

    return !dt_property(tree, node, "status", &status) || dt_property_is(tree, node, "status", "okay") ||
           dt_property_is(tree, node, "status", "ok");
}

bool dt_walk_enabled(const struct dt_walk *walk)
{
    for (unsigned i = 0; i < walk->depth; i++) {
        if (!node_enabled(walk->tree, walk->path[i])) {
            return false;
        }
    }
    return true;
}

bool dt_walk_compatible(struct dt_walk *walk, const char *const *names)
{
    while (dt_walk_next(walk)) {
        for (const char *const *name = names; *name != NULL; name++) {
            if (dt_node_compatible(walk->tree, dt_walk_node(walk), *name) && dt_walk_enabled(walk)) {
                return true;
            }
        }
    }
    return false;
}

/* Is this the name of the node, or the name without its unit address? */
static bool name_matches(const char *node_name, const char *name, size_t length)
{
    if (!begins_with(node_name, name, length)) {
        return false;
    }
    return node_name[length] == '\0' ||
           (node_name[length] == '@' && span_before(name, length, '@') == length);
}

/* From a node to its first child with this name. */
static bool walk_to_child(struct dt_walk *walk, const char *name, size_t length)
{
    unsigned depth = walk->depth;

    while (dt_walk_next(walk) && walk->depth > depth) {
        if (walk->depth == depth + 1 &&
            name_matches(dt_node_name(walk->tree, dt_walk_node(walk)), name, length)) {
            return true;
        }
    }
    return false;
}

/* From a node down along names that slashes separate. */
static bool walk_along(struct dt_walk *walk, const char *path, size_t length)
{
    while (length > 0) {
        size_t name = span_before(path, length, '/');

        if (name > 0 && !walk_to_child(walk, path, name)) {
            return false;
        }
        name += name < length; /* the slash */
        path += name;
        length -= name;
    }
    return true;
}

static bool named_property(const struct device_tree *tree, struct dt_node node, const char *name,
                           size_t length, struct dt_property *property)
{
    struct dt_cursor cursor = dt_properties(tree, node);

    while (dt_next_property(tree, &cursor, property)) {
        if (string_is(property->name, name, length)) {
            return true;
        }
    }
    return false;
}

static bool walk_to_absolute(struct dt_walk *walk, const struct device_tree *tree, const char *path,
                             size_t length)
{
    dt_walk_start(walk, tree);
    return dt_walk_next(walk) && walk_along(walk, path, length);
}

bool dt_find_path(struct dt_walk *walk, const struct device_tree *tree, const char *path, size_t length)
{
    static const char aliases[] = "/aliases";
    struct dt_property alias;
    size_t name = span_before(path, length, '/');

    if (length > 0 && name == 0) {
        return walk_to_absolute(walk, tree, path, length);
    }
    if (name == 0 || !walk_to_absolute(walk, tree, aliases, sizeof(aliases) - 1) ||
        !named_property(tree, dt_walk_node(walk), path, name, &alias)) {
        return false;
    }
    const char *target = dt_string(&alias);

    return target != NULL && target[0] == '/' &&
           walk_to_absolute(walk, tree, target, string_length(target)) &&
           walk_along(walk, path + name, length - name);
}

bool dt_find_phandle(struct dt_walk *walk, const struct device_tree *tree, uint32_t phandle)
{
    uint32_t cell;

    dt_walk_start(walk, tree);
    while (dt_walk_next(walk)) {
        struct dt_node node = dt_walk_node(walk);

        if ((dt_cell_property(tree, node, "phandle", &cell) ||
             dt_cell_property(tree, node, "linux,phandle", &cell)) &&
            cell == phandle) {
            return true;
        }
    }
    return false;
}

const char *dt_node_name(const struct device_tree *tree, struct dt_node node)
{
    return (const char *)structure_at(tree, node.offset + CELL);
}

bool dt_node_named(const struct device_tree *tree, struct dt_node node, const char *name)
{
    return name_matches(dt_node_name(tree, node), name, string_length(name));
}

bool dt_node_compatible(const struct device_tree *tree, struct dt_node node, const char *name)
{
    struct dt_property compatible;
    uint32_t index;

    return dt_property(tree, node, "compatible", &compatible) && dt_string_index(&compatible, name, &index);
}

/* ---- Properties ---- */

struct dt_cursor dt_properties(const struct device_tree *tree, struct dt_node node)
{
    struct token token;
    bool sound = read_token(tree, node.offset, &token);

    core_assert(sound && token.tag == TAG_BEGIN_NODE);
    (void)sound;
    return (struct dt_cursor){token.next};
}

/* The properties of a node come before its children. */
bool dt_next_property(const struct device_tree *tree, struct dt_cursor *cursor, struct dt_property *property)
{
    struct token token;

    while (read_token(tree, cursor->offset, &token) && (token.tag == TAG_PROPERTY || token.tag == TAG_NOP)) {
        cursor->offset = token.next;
        if (token.tag == TAG_PROPERTY) {
            property->name = (const char *)tree->bytes + tree->strings + token.name;
            property->value = structure_at(tree, token.body);
            property->length = token.length;
            return true;
        }
    }
    return false;
}

bool dt_property(const struct device_tree *tree, struct dt_node node, const char *name,
                 struct dt_property *property)
{
    return named_property(tree, node, name, string_length(name), property);
}

bool dt_cell(const struct dt_property *property, uint32_t index, uint32_t *cell)
{
    if (index >= property->length / CELL) {
        return false;
    }
    *cell = read_cell(property->value + (size_t)index * CELL);
    return true;
}

bool dt_cell_property(const struct device_tree *tree, struct dt_node node, const char *name, uint32_t *cell)
{
    struct dt_property property;

    return dt_property(tree, node, name, &property) && property.length == CELL && dt_cell(&property, 0, cell);
}

const char *dt_string(const struct dt_property *property)
{
    const char *string = (const char *)property->value;

    return span_before(string, property->length, '\0') < property->length ? string : NULL;
}

bool dt_string_index(const struct dt_property *property, const char *string, uint32_t *index)
{
    const char *entry = (const char *)property->value;
    size_t wanted = string_length(string);
    size_t rest = property->length;

    for (*index = 0; rest > 0; ++*index) {
        size_t length = span_before(entry, rest, '\0');

        if (length == rest) {
            return false;
        }
        if (length == wanted && begins_with(entry, string, length)) {
            return true;
        }
        entry += length + 1;
        rest -= length + 1;
    }
    return false;
}

bool dt_property_is(const struct device_tree *tree, struct dt_node node, const char *name, const char *string)
{
    struct dt_property property;

    if (!dt_property(tree, node, name, &property)) {
        return false;
    }
    const char *value = dt_string(&property);

    return value != NULL && string_is(value, string, string_length(string));
}

/* ---- Addresses ---- */

/* How a bus writes addresses and sizes of its children: one or two cells each. */
struct dt_cells {
    uint32_t address;
    uint32_t size;
};

static uint32_t cell_count(const struct device_tree *tree, struct dt_node bus, const char *name,
                           uint32_t otherwise)
{
    struct dt_property property;
    uint32_t count;

    if (!dt_property(tree, bus, name, &property)) {
        return otherwise;
    }
    /* 0 is refused by everyone who asks: a count without meaning becomes one without use. */
    return property.length == CELL && dt_cell(&property, 0, &count) ? count : 0;
}

/* False when the children of this bus have no addresses that a CPU could use (none, or PCI's three cells). */
static bool bus_cells(const struct device_tree *tree, struct dt_node bus, struct dt_cells *cells)
{
    cells->address = cell_count(tree, bus, "#address-cells", 2);
    cells->size = cell_count(tree, bus, "#size-cells", 1);
    return cells->address >= 1 && cells->address <= 2 && cells->size >= 1 && cells->size <= 2;
}

/* A number of one or two cells; moves *bytes past it. */
static word_t take_number(const uint8_t **bytes, uint32_t cells)
{
    word_t number = cells == 2 ? read_two_cells(*bytes) : read_cell(*bytes);

    *bytes += cells * CELL;
    return number;
}

/* From an address on a bus to one on the bus above it, by the first range that holds all of the region. */
static bool translate(const struct device_tree *tree, struct dt_node bus, struct dt_node above,
                      struct region *region)
{
    struct dt_cells cells;
    struct dt_cells above_cells;
    struct dt_property ranges;

    if (!dt_property(tree, bus, "ranges", &ranges)) {
        return false;
    }
    if (ranges.length == 0) {
        return true;
    }
    if (!bus_cells(tree, bus, &cells) || !bus_cells(tree, above, &above_cells)) {
        return false;
    }
    uint32_t entry_bytes = (cells.address + above_cells.address + cells.size) * CELL;
    const uint8_t *bytes = ranges.value;

    if (ranges.length % entry_bytes != 0) {
        return false;
    }
    for (uint32_t i = 0; i < ranges.length / entry_bytes; i++) {
        word_t child = take_number(&bytes, cells.address);
        word_t parent = take_number(&bytes, above_cells.address);
        word_t size = take_number(&bytes, cells.size);
        word_t offset = region->start - child;
        word_t length = region->end - region->start;

        if (region->start >= child && offset <= size && length <= size - offset) {
            region->start = parent + offset;
            region->end = region->start + length;
            return parent <= WORD_MAX - offset && region->start <= WORD_MAX - length;
        }
    }
    return false;
}

enum dt_address dt_reg(const struct dt_walk *walk, uint32_t index, struct region *region)
{
    const struct device_tree *tree = walk->tree;
    struct dt_property reg;
    struct dt_cells cells;

    if (walk->depth < 2 || !dt_property(tree, dt_walk_node(walk), "reg", &reg)) {
        return DT_ADDRESS_NONE;
    }
    if (!bus_cells(tree, walk->path[walk->depth - 2], &cells)) {
        return DT_ADDRESS_BAD;
    }
    uint32_t entry_bytes = (cells.address + cells.size) * CELL;

    if (reg.length % entry_bytes != 0) {
        return DT_ADDRESS_BAD;
    }
    if (index >= reg.length / entry_bytes) {
        return DT_ADDRESS_NONE;
    }
    const uint8_t *bytes = reg.value + (size_t)index * entry_bytes;
    word_t start = take_number(&bytes, cells.address);
    word_t size = take_number(&bytes, cells.size);

    if (size > WORD_MAX - start) {
        return DT_ADDRESS_BAD;
    }
    *region = (struct region){start, start + size};
    for (unsigned i = walk->depth - 2; i > 0; i--) {
        if (!translate(tree, walk->path[i], walk->path[i - 1], region)) {
            return DT_ADDRESS_BAD;
        }
    }
    return DT_ADDRESS_GOOD;
}
