/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The device-tree reader, with libfdt as the oracle.
 */
#include "tests/unit/trees.h"

#include "hal/board/fdt.h"
#include "tests/unit/fdt_oracle.h"

/* ---- The two readers see the same tree ---- */

static uint32_t node_of(const struct dt_walk *walk)
{
    return walk->path[walk->depth - 1];
}

static void assert_same_properties(const struct dt_walk *walk, const void *oracle, int offset)
{
    uint32_t cursor = 0;
    struct dt_property property;
    int expected;

    fdt_for_each_property_offset(expected, oracle, offset)
    {
        const char *name;
        int length;
        const void *value = fdt_getprop_by_offset(oracle, expected, &name, &length);

        assert_non_null(value);
        assert_true(dt_next_property(walk, &cursor, &property));
        assert_string_equal(property.name, name);
        assert_int_equal(property.length, length);
        assert_memory_equal(property.value, value, (size_t)length);
    }
    assert_false(dt_next_property(walk, &cursor, &property));
}

static void assert_same_nodes(const struct device_tree *fdt, const void *oracle)
{
    struct dt_walk walk;
    int depth = -1;

    dt_walk_start(&walk, fdt);
    for (int offset = fdt_next_node(oracle, -1, &depth); offset >= 0 && depth >= 0;
         offset = fdt_next_node(oracle, offset, &depth)) {
        assert_true(dt_walk_next(&walk));
        assert_int_equal(walk.depth, depth + 1);
        assert_int_equal(node_of(&walk), offset);
        assert_string_equal(dt_name(&walk), fdt_get_name(oracle, offset, NULL));
        assert_same_properties(&walk, oracle, offset);
    }
    assert_false(dt_walk_next(&walk));
    assert_false(dt_walk_next(&walk));
}

static void assert_same_reservations(const struct device_tree *fdt, const void *oracle)
{
    word_t address;
    word_t bytes;

    for (int i = 0; i < fdt_num_mem_rsv(oracle); i++) {
        uint64_t expected_address;
        uint64_t expected_bytes;

        assert_int_equal(fdt_get_mem_rsv(oracle, i, &expected_address, &expected_bytes), 0);
        assert_true(dt_reservation(fdt, (uint32_t)i, &address, &bytes));
        assert_true(address == expected_address && bytes == expected_bytes);
    }
    assert_false(dt_reservation(fdt, (uint32_t)fdt_num_mem_rsv(oracle), &address, &bytes));
}

static void assert_same_tree(const struct device_tree *fdt, const void *oracle)
{
    assert_same_nodes(fdt, oracle);
    assert_same_reservations(fdt, oracle);
}

static void assert_opens(struct device_tree *fdt, const void *bytes, size_t size)
{
    const char *error = dt_open(fdt, bytes, size);

    if (error != NULL) {
        fail_msg("%s at offset 0x%x", error, fdt->damage);
    }
}

/* Each board's tree, and what is called on it. */
static void on_each_board(void (*check)(const struct device_tree *fdt, const void *oracle))
{
    for (unsigned i = 0; i < TREE_COUNT; i++) {
        struct tree tree = tree_load(tree_names[i]);
        struct device_tree fdt;

        assert_int_equal(fdt_check_full(tree.bytes, tree.size), 0);
        assert_opens(&fdt, tree.bytes, tree.size);
        check(&fdt, tree.bytes);
        free(tree.bytes);
    }
}

static void every_board_reads_as_with_libfdt(void **state)
{
    (void)state;
    on_each_board(assert_same_tree);
}

/* What is above each node, and finding each node again by path, phandle and compatible string. */
static void assert_same_lookups(const struct device_tree *fdt, const void *oracle)
{
    struct dt_walk all;
    struct dt_walk found;
    char path[256];

    dt_walk_start(&all, fdt);
    while (dt_walk_next(&all)) {
        int offset = (int)node_of(&all);
        uint32_t phandle = fdt_get_phandle(oracle, offset);

        if (all.depth > 1) {
            assert_int_equal(all.path[all.depth - 2], fdt_parent_offset(oracle, offset));
        }
        assert_int_equal(fdt_get_path(oracle, offset, path, sizeof(path)), 0);
        assert_true(dt_find_path(&found, fdt, path));
        assert_int_equal(node_of(&found), fdt_path_offset(oracle, path));
        if (phandle != 0) {
            assert_true(dt_find_phandle(&found, fdt, phandle));
            assert_int_equal(node_of(&found), offset);
        }
        /* Without its unit address a path means the first of its name. */
        *(strrchr(path, '@') != NULL ? strrchr(path, '@') : path + strlen(path)) = '\0';
        assert_true(dt_find_path(&found, fdt, path));
        assert_int_equal(node_of(&found), fdt_path_offset(oracle, path));
    }
}

static void nodes_are_found_as_with_libfdt(void **state)
{
    (void)state;
    on_each_board(assert_same_lookups);
}

static void assert_same_aliases(const struct device_tree *fdt, const void *oracle)
{
    int aliases = fdt_path_offset(oracle, "/aliases");
    struct dt_walk found;
    int offset;

    if (aliases < 0) {
        return;
    }
    fdt_for_each_property_offset(offset, oracle, aliases)
    {
        const char *name;

        assert_non_null(fdt_getprop_by_offset(oracle, offset, &name, NULL));
        assert_true(dt_find_path(&found, fdt, name));
        assert_int_equal(node_of(&found), fdt_path_offset(oracle, name));
    }
}

static void aliases_are_resolved_as_with_libfdt(void **state)
{
    (void)state;
    on_each_board(assert_same_aliases);
}

static void any_alignment_will_do(void **state)
{
    struct tree tree = tree_load("raspi4b");
    uint8_t *room = malloc(tree.size + 8);

    (void)state;
    for (size_t shift = 0; shift < 8; shift++) {
        struct device_tree fdt;

        memcpy(room + shift, tree.bytes, tree.size);
        assert_opens(&fdt, room + shift, tree.size);
        assert_same_tree(&fdt, tree.bytes);
    }
    free(room);
    free(tree.bytes);
}

/* QEMU states 1 MiB for less than 10 KiB (docs/spec/aarch64-boot.md 4). */
static void a_tree_may_be_smaller_than_it_states(void **state)
{
    struct tree small = tree_load("virt-gic2");
    struct tree large = tree_with_room("virt-gic2", 1 << 20);
    struct device_tree fdt;

    (void)state;
    assert_opens(&fdt, large.bytes, large.size);
    assert_same_tree(&fdt, small.bytes);
    assert_int_equal(fdt.size, large.size);
    assert_true(fdt.used <= small.size);

    /* A copy of the used part with a corrected header is a tree again. */
    struct tree copy = tree_copy(large.bytes, fdt.used);

    fdt_set_totalsize(copy.bytes, (uint32_t)copy.size);
    assert_int_equal(fdt_check_full(copy.bytes, copy.size), 0);
    assert_opens(&fdt, copy.bytes, copy.size);
    free(copy.bytes);
    free(small.bytes);
    free(large.bytes);
}

static void what_was_overwritten_with_nop_tokens_is_skipped(void **state)
{
    struct tree tree = tree_load("virt-gic3");
    struct device_tree fdt;
    struct dt_walk walk;

    (void)state;
    assert_int_equal(fdt_nop_node(tree.bytes, fdt_path_offset(tree.bytes, "/memory")), 0);
    assert_int_equal(fdt_nop_property(tree.bytes, fdt_path_offset(tree.bytes, "/psci"), "method"), 0);
    assert_int_equal(fdt_nop_property(tree.bytes, 0, "model"), 0);
    assert_opens(&fdt, tree.bytes, tree.size);
    assert_same_tree(&fdt, tree.bytes);
    assert_false(dt_find_path(&walk, &fdt, "/memory"));
    assert_true(dt_find_path(&walk, &fdt, "/psci"));
    free(tree.bytes);
}

/* ---- Damage ---- */

static void read_everything(const struct device_tree *fdt)
{
    struct dt_walk walk;

    dt_walk_start(&walk, fdt);
    while (dt_walk_next(&walk)) {
        struct dt_property property;
        uint32_t cursor = 0;
        struct region region;
        uint32_t index;

        assert_true(strlen(dt_name(&walk)) < fdt->size);
        dt_walk_enabled(&walk);
        dt_reg(&walk, 0, &region);
        while (dt_next_property(&walk, &cursor, &property)) {
            assert_true(strlen(property.name) < fdt->size);
            dt_string(&property);
            dt_string_index(&property, "simple-bus", &index);
        }
    }
}

/* Never a crash; never stricter than libfdt; and when both accept, both see the same. */
static void check_damaged(const uint8_t *bytes, size_t size)
{
    struct device_tree fdt;
    const char *error = dt_open(&fdt, bytes, size);
    enum oracle oracle = oracle_judge(bytes, size);

    if (error != NULL) {
        assert_memory_equal(error, "device tree: ", 13);
        assert_null(strchr(error, '\n'));
        if (oracle == ORACLE_ACCEPTS) {
            fail_msg("libfdt accepts, we do not: %s at offset 0x%x", error, fdt.damage);
        }
        return;
    }
    if (oracle == ORACLE_REFUSES) {
        fail_msg("we accept a property that ends outside of the tree");
    }
    read_everything(&fdt);
    if (oracle == ORACLE_ACCEPTS) {
        assert_same_tree(&fdt, bytes);
    }
}

static void damaged_trees_are_refused_or_read_as_with_libfdt(void **state)
{
    (void)state;
    check_all_damage(check_damaged);
}

/* Added to a signed offset they lead backwards, or nowhere. */
static void lengths_near_2_to_the_32_are_refused(void **state)
{
    struct tree tree = tree_load("virt-gic2");
    struct device_tree fdt;
    int depth = -1;
    int property;

    (void)state;
    for (int node = fdt_next_node(tree.bytes, -1, &depth); node >= 0;
         node = fdt_next_node(tree.bytes, node, &depth)) {
        fdt_for_each_property_offset(property, tree.bytes, node)
        {
            struct tree damaged = tree_copy(tree.bytes, tree.size);
            fdt32_t *token = (fdt32_t *)(damaged.bytes + fdt_off_dt_struct(damaged.bytes) + property);

            for (uint32_t length = -64u; length != 0; length++) {
                fdt32_st(token + 1, length);
                check_damaged(damaged.bytes, damaged.size);
                assert_non_null(dt_open(&fdt, damaged.bytes, damaged.size));
            }
            free(damaged.bytes);
        }
    }
    free(tree.bytes);
}

/* ---- Trees made by hand ---- */

enum { ROOM = 8192 };

static uint8_t *new_tree(void)
{
    uint8_t *bytes = calloc(ROOM, 1);

    assert_non_null(bytes);
    assert_int_equal(fdt_create(bytes, ROOM), 0);
    assert_int_equal(fdt_finish_reservemap(bytes), 0);
    return bytes;
}

static void nesting_is_limited(void **state)
{
    (void)state;
    for (int depth = DT_MAX_DEPTH - 1; depth <= DT_MAX_DEPTH + 1; depth++) {
        uint8_t *bytes = new_tree();
        struct device_tree fdt;

        for (int i = 0; i < depth; i++) {
            assert_int_equal(fdt_begin_node(bytes, i == 0 ? "" : "n"), 0);
        }
        for (int i = 0; i < depth; i++) {
            assert_int_equal(fdt_end_node(bytes), 0);
        }
        assert_int_equal(fdt_finish(bytes), 0);
        const char *error = dt_open(&fdt, bytes, ROOM);

        if (depth <= DT_MAX_DEPTH) {
            assert_null(error);
            assert_same_tree(&fdt, bytes);
        } else {
            assert_string_equal(error, "device tree: nodes are nested too deeply");
        }
        free(bytes);
    }
}

/* A header field and a value that makes the tree unusable. */
struct header_case {
    size_t field;
    uint32_t value;
    const char *error;
    uint32_t damage;
};

static const struct header_case header_cases[] = {
    {0, 0xd00dfeec, "device tree: there is none (no magic number)", 0},
    {4, 39, "device tree: shorter than its header", 4},
    {4, 0x80000000, "device tree: larger than the memory that may hold it", 4},
    {4, ROOM + 1, "device tree: larger than the memory that may hold it", 4},
    {8, 39, "device tree: a block lies outside the tree", 8},
    {8, ROOM + 1, "device tree: a block lies outside the tree", 8},
    {12, 0xffffffff, "device tree: a block lies outside the tree", 8},
    {16, 4, "device tree: a block lies outside the tree", 8},
    {20, 15, "device tree: of a version other than 17", 20},
    {20, 16, "device tree: of a version other than 17", 20},
    {24, 18, "device tree: of a version other than 17", 20},
    {32, 0xfffffff0, "device tree: a block lies outside the tree", 8},
    {36, 0xfffffff0, "device tree: a block lies outside the tree", 8},
    {16, ROOM - 8, "device tree: the memory reservation block has no end", ROOM - 8},
};

static void unusable_headers_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(header_cases) / sizeof(header_cases[0]); i++) {
        struct tree tree = tree_with_room("raspi5b", 0);
        uint8_t *bytes = calloc(ROOM, 1);
        struct device_tree fdt;

        assert_int_equal(fdt_open_into(tree.bytes, bytes, ROOM), 0);
        bytes[header_cases[i].field] = (uint8_t)(header_cases[i].value >> 24);
        bytes[header_cases[i].field + 1] = (uint8_t)(header_cases[i].value >> 16);
        bytes[header_cases[i].field + 2] = (uint8_t)(header_cases[i].value >> 8);
        bytes[header_cases[i].field + 3] = (uint8_t)header_cases[i].value;
        assert_string_equal(dt_open(&fdt, bytes, ROOM), header_cases[i].error);
        assert_int_equal(fdt.damage, header_cases[i].damage);
        free(bytes);
        free(tree.bytes);
    }
}

/* Larger than libfdt's int, even if it were all there. */
static void no_tree_is_that_large(void **state)
{
    struct tree tree = tree_load("raspi5b");
    struct device_tree read;

    (void)state;
    fdt_set_totalsize(tree.bytes, 0x80000000);
    assert_string_equal(dt_open(&read, tree.bytes, SIZE_MAX),
                        "device tree: larger than the memory that may hold it");
    free(tree.bytes);
}

/* The padding after the last token may lie outside the block, the next token may not. */
static void a_block_may_end_inside_padding(void **state)
{
    static const uint8_t structure[] = {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 'x'};
    uint8_t *bytes = calloc(ROOM, 1);
    struct device_tree tree;

    (void)state;
    assert_int_equal(fdt_create_empty_tree(bytes, ROOM), 0);
    memcpy(bytes + fdt_off_dt_strings(bytes) - sizeof(structure), structure, sizeof(structure));
    fdt_set_off_dt_struct(bytes, fdt_off_dt_strings(bytes) - (uint32_t)sizeof(structure));
    fdt_set_size_dt_struct(bytes, sizeof(structure));
    fdt_set_off_dt_strings(bytes, ROOM - 4);
    fdt_set_size_dt_strings(bytes, 4);
    assert_string_equal(dt_open(&tree, bytes, ROOM), "device tree: damaged");
    assert_int_equal(tree.damage, fdt_off_dt_struct(bytes) + 24);
    free(bytes);
}

static void old_names_of_phandles_count(void **state)
{
    struct tree tree = tree_with_room("virt-gic2", 256);
    struct dt_walk walk;
    struct device_tree read;

    (void)state;
    assert_int_equal(fdt_delprop(tree.bytes, fdt_path_offset(tree.bytes, "/intc@8000000"), "phandle"), 0);
    assert_int_equal(
        fdt_setprop_u32(tree.bytes, fdt_path_offset(tree.bytes, "/intc@8000000"), "linux,phandle", 0x8002),
        0);
    assert_opens(&read, tree.bytes, tree.size);
    assert_true(dt_find_phandle(&walk, &read, 0x8002));
    assert_string_equal(dt_name(&walk), "intc@8000000");
    assert_false(dt_find_phandle(&walk, &read, 0x12345));
    free(tree.bytes);
}

static void no_bytes_are_no_tree(void **state)
{
    struct tree tree = tree_load("virt-gic2");
    struct device_tree fdt;

    (void)state;
    assert_non_null(strstr(dt_open(&fdt, NULL, 0), "there is none"));
    assert_non_null(strstr(dt_open(&fdt, NULL, 100), "there is none"));
    for (size_t limit = 0; limit < sizeof(struct fdt_header); limit++) {
        struct tree cut = tree_copy(tree.bytes, limit);

        assert_non_null(dt_open(&fdt, cut.bytes, limit));
        free(cut.bytes);
    }
    free(tree.bytes);
}

/* A structure block of these tokens, between an empty reservation block and the strings "\0a\0". */
static const char *open_tokens(const uint32_t *tokens, size_t count, struct device_tree *fdt)
{
    static uint32_t cells[64];
    size_t at = 0;
    const uint32_t header[] = {0xd00dfeed, 0, 56, 0, 40, 17, 16, 0, 3, (uint32_t)count * 4, 0, 0, 0, 0};

    assert_true(count <= 40);
    for (size_t i = 0; i < 14; i++) {
        cells[at++] = cpu_to_fdt32(header[i]);
    }
    for (size_t i = 0; i < count; i++) {
        cells[at++] = cpu_to_fdt32(tokens[i]);
    }
    cells[3] = cpu_to_fdt32((uint32_t)at * 4);
    cells[at++] = cpu_to_fdt32(0x00610000);
    cells[1] = cpu_to_fdt32((uint32_t)at * 4);
    return dt_open(fdt, cells, at * 4);
}

struct token_case {
    uint32_t tokens[12];
    size_t count;
    const char *error; /* NULL: good */
    uint32_t damage;   /* offset from the start of the structure block */
};

static const struct token_case token_cases[] = {
    {{1, 0, 2, 9}, 4, NULL, 0},
    {{4, 1, 0, 4, 2, 4, 9}, 7, NULL, 0},
    {{1, 0, 3, 0, 1, 2, 9}, 7, NULL, 0},
    {{1, 0, 3, 5, 1, 0, 0, 2, 9}, 9, NULL, 0},
    {{0}, 0, "device tree: damaged", 0},
    {{1, 0, 2}, 3, "device tree: damaged", 12},
    {{1, 0, 7, 2, 9}, 5, "device tree: damaged", 8},
    {{1, 0x61616161}, 2, "device tree: damaged", 0},
    {{1, 0, 3, 0}, 4, "device tree: damaged", 8},
    {{1, 0, 3, 9, 1, 0, 0}, 7, "device tree: damaged", 8},
    {{1, 0, 3, 0xfffffffc, 1, 2, 9}, 7, "device tree: damaged", 8},
    {{1, 0, 3, 0, 3, 2, 9}, 7, "device tree: damaged", 8},
    {{1, 0x61000000, 2, 9}, 4, "device tree: the root node has a name", 0},
    {{1, 0, 2, 2, 9}, 5, "device tree: something follows the root node", 12},
    {{1, 0, 2, 1, 0, 2, 9}, 7, "device tree: something follows the root node", 12},
    {{2, 9}, 2, "device tree: a node ends that never began", 0},
    {{1, 0, 9}, 3, "device tree: ends inside a node", 8},
};

static void damaged_structure_is_named_with_its_offset(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(token_cases) / sizeof(token_cases[0]); i++) {
        struct device_tree fdt;
        const char *error = open_tokens(token_cases[i].tokens, token_cases[i].count, &fdt);

        if (token_cases[i].error == NULL) {
            assert_null(error);
        } else {
            assert_non_null(error);
            assert_string_equal(error, token_cases[i].error);
            assert_int_equal(fdt.damage, 56 + token_cases[i].damage);
        }
    }
}

/* ---- Properties ---- */

static void cells_and_strings_stay_inside_their_property(void **state)
{
    static const uint8_t list[] = "one\0\0two";
    struct dt_property property = {"p", list, sizeof(list)};
    uint32_t index;
    uint32_t cell;

    (void)state;
    assert_true(dt_string_index(&property, "one", &index) && index == 0);
    assert_true(dt_string_index(&property, "", &index) && index == 1);
    assert_true(dt_string_index(&property, "two", &index) && index == 2);
    assert_false(dt_string_index(&property, "tw", &index));
    assert_false(dt_string_index(&property, "twoo", &index));
    assert_string_equal(dt_string(&property), "one");
    property.length = sizeof(list) - 1;
    assert_false(dt_string_index(&property, "two", &index));
    property.length = 3;
    assert_null(dt_string(&property));
    property.length = 0;
    assert_null(dt_string(&property));
    assert_false(dt_string_index(&property, "", &index));
    assert_false(dt_cell(&property, 0, &cell));
    property.length = 7;
    assert_true(dt_cell(&property, 0, &cell) && cell == 0x6f6e6500);
    assert_false(dt_cell(&property, 1, &cell));
    assert_false(dt_cell(&property, 0x40000000, &cell));
}

static void status_counts_on_the_whole_path(void **state)
{
    struct tree tree = tree_with_room("imx8mm-evk", 256);
    static const char uart[] = "/soc@0/bus@30800000/spba-bus@30800000/serial@30890000";
    static const char *const places[] = {"/", "/soc@0", "/soc@0/bus@30800000", uart};
    static const struct {
        const char *status;
        bool enabled;
    } cases[] = {{"okay", true}, {"ok", true},   {"disabled", false}, {"fail", false},
                 {"", false},    {"ok2", false}, {"o", false}};

    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
            struct tree copy = tree_copy(tree.bytes, tree.size);
            struct dt_walk walk;
            struct device_tree fdt;

            assert_int_equal(fdt_setprop_string(copy.bytes, fdt_path_offset(copy.bytes, places[i]), "status",
                                                cases[k].status),
                             0);
            assert_opens(&fdt, copy.bytes, copy.size);
            assert_true(dt_find_path(&walk, &fdt, uart));
            assert_int_equal(dt_walk_enabled(&walk), cases[k].enabled);
            free(copy.bytes);
        }
    }
    free(tree.bytes);
}

/* The first string of a list is the value. */
static void property_is_its_first_string(void **state)
{
    struct tree tree = tree_with_room("virt-gic2", 256);
    struct device_tree fdt;
    struct dt_walk walk;

    (void)state;
    assert_int_equal(
        fdt_setprop(tree.bytes, fdt_path_offset(tree.bytes, "/psci"), "status", "disabled\0okay", 14), 0);
    assert_opens(&fdt, tree.bytes, tree.size);
    assert_true(dt_find_path(&walk, &fdt, "/psci"));
    assert_true(dt_property_is(&walk, "status", "disabled"));
    assert_false(dt_property_is(&walk, "status", "okay"));
    assert_false(dt_walk_enabled(&walk));
    free(tree.bytes);
}

static void paths_are_read_as_with_libfdt(void **state)
{
    static const char *const paths[] = {
        "/",
        "",
        "//",
        "/soc/",
        "//soc//serial@7e201000/",
        "/soc@",
        "/so",
        "/socket",
        "soc",
        "serial0",
        "serial1",
        "serial0/",
        "serial0/x",
        "serial",
        "serial00",
        "/soc/serial",
        "/x/soc",
        "/soc/serial@7e215040",
        "/soc/serial@7e21504",
        "/cpus/cpu@3",
        "/cpus/cpu@4",
        "/aliases",
        "/aliases/serial0",
    };
    static const char *const with_options[] = {"serial0:115200n8", "/aliases:", "//:/"};
    static const char *const nothing[] = {":", ":115200", "serial0/x:", "/x:/soc"};
    struct tree tree = tree_load("raspi4b");
    struct device_tree fdt;
    struct dt_walk colon;

    (void)state;
    assert_opens(&fdt, tree.bytes, tree.size);
    for (size_t i = 0; i < sizeof(with_options) / sizeof(with_options[0]); i++) {
        assert_true(dt_find_path(&colon, &fdt, with_options[i]));
    }
    for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
        assert_false(dt_find_path(&colon, &fdt, nothing[i]));
    }
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct dt_walk walk;
        int expected = fdt_path_offset(tree.bytes, paths[i]);
        bool found = dt_find_path(&walk, &fdt, paths[i]);

        if (found != (expected >= 0) || (found && (int)node_of(&walk) != expected)) {
            fail_msg("'%s': libfdt %d, we %d", paths[i], expected, found ? (int)node_of(&walk) : -1);
        }
    }
    free(tree.bytes);
}

/* ---- Addresses ---- */

/* A device two buses down: the cells of each bus, its ranges, the device's reg, and where that is for the
 * CPU. */
struct address_case {
    uint32_t outer_cells[2]; /* #address-cells and #size-cells; 0, 0: not stated */
    uint32_t inner_cells[2];
    int outer_ranges_count; /* cells; -1: no property */
    uint32_t outer_ranges[8];
    int inner_ranges_count;
    uint32_t inner_ranges[8];
    int reg_count;
    uint32_t reg[6];
    uint32_t index;
    enum dt_address answer;
    struct region region;
};

/* The root has two address cells and two size cells. */
static const struct address_case address_cases[] = {
    /* identity all the way; second entry */
    {{2, 2}, {2, 2}, 0, {0}, 0, {0}, 4, {0, 0x1000, 0, 0x100}, 0, DT_ADDRESS_GOOD, {0x1000, 0x1100}},
    {{2, 2}, {1, 1}, 0, {0}, 0, {0}, 4, {1, 2, 3, 4}, 1, DT_ADDRESS_GOOD, {3, 7}},
    {{2, 2}, {1, 1}, 0, {0}, 0, {0}, 4, {1, 2, 3, 4}, 2, DT_ADDRESS_NONE, {0, 0}},
    /* two cells and one where nothing is stated */
    {{0, 0}, {0, 0}, 0, {0}, 0, {0}, 3, {1, 0, 16}, 0, DT_ADDRESS_GOOD, {0x100000000, 0x100000010}},
    /* narrow bus below a wide one */
    {{1, 1},
     {1, 1},
     4,
     {0x7e000000, 0x4, 0xfe000000, 0x1000},
     0,
     {0},
     2,
     {0x7e000100, 0x10},
     0,
     DT_ADDRESS_GOOD,
     {0x4fe000100, 0x4fe000110}},
    /* translated twice; the second of two ranges */
    {{1, 1},
     {1, 1},
     4,
     {0x1000, 0, 0x80001000, 0x1000},
     6,
     {0, 0x9000, 0x10, 0x10, 0x1000, 0x100},
     2,
     {0x20, 0x8},
     0,
     DT_ADDRESS_GOOD,
     {0x80001010, 0x80001018}},
    /* outside the ranges, across the end of one, no ranges at all */
    {{1, 1}, {1, 1}, 4, {0x1000, 0, 0, 0x1000}, 0, {0}, 2, {0x2000, 1}, 0, DT_ADDRESS_BAD, {0, 0}},
    {{1, 1}, {1, 1}, 4, {0x1000, 0, 0, 0x1000}, 0, {0}, 2, {0x1ff0, 0x20}, 0, DT_ADDRESS_BAD, {0, 0}},
    {{1, 1}, {1, 1}, 4, {0x1000, 0, 0, 0x1000}, 0, {0}, 2, {0xff0, 0x20}, 0, DT_ADDRESS_BAD, {0, 0}},
    {{1, 1}, {1, 1}, -1, {0}, 0, {0}, 2, {0x10, 0x20}, 0, DT_ADDRESS_BAD, {0, 0}},
    {{1, 1}, {1, 1}, 0, {0}, -1, {0}, 2, {0x10, 0x20}, 0, DT_ADDRESS_BAD, {0, 0}},
    /* exactly the end of a range */
    {{1, 1},
     {1, 1},
     4,
     {0x1000, 0, 0, 0x1000},
     0,
     {0},
     2,
     {0x1ff0, 0x10},
     0,
     DT_ADDRESS_GOOD,
     {0xff0, 0x1000}},
    /* cells that no CPU address has; PCI; a bus without sizes */
    {{2, 2}, {3, 2}, 0, {0}, 0, {0}, 5, {0, 0, 1, 0, 1}, 0, DT_ADDRESS_BAD, {0, 0}},
    {{2, 2}, {1, 0xffffffff}, 0, {0}, 0, {0}, 1, {1}, 0, DT_ADDRESS_BAD, {0, 0}},
    {{3, 2}, {2, 2}, 0, {0}, 7, {0}, 4, {0, 1, 0, 1}, 0, DT_ADDRESS_BAD, {0, 0}},
    /* malformed reg and ranges */
    {{2, 2}, {2, 2}, 0, {0}, 0, {0}, 3, {0, 1, 2}, 0, DT_ADDRESS_BAD, {0, 0}},
    {{1, 1}, {1, 1}, 5, {0, 0, 0, 0x1000, 0}, 0, {0}, 2, {0x10, 0x10}, 0, DT_ADDRESS_BAD, {0, 0}},
    {{2, 2}, {2, 2}, 0, {0}, 0, {0}, -1, {0}, 0, DT_ADDRESS_NONE, {0, 0}},
    {{2, 2}, {2, 2}, 0, {0}, 0, {0}, 0, {0}, 0, DT_ADDRESS_NONE, {0, 0}},
    /* around the end of the address space: the region itself, and its translation */
    {{2, 2}, {2, 2}, 0, {0}, 0, {0}, 4, {0xffffffff, 0xffffff00, 0, 0x100}, 0, DT_ADDRESS_BAD, {0, 0}},
    {{1, 1},
     {1, 1},
     4,
     {0, 0xffffffff, 0xffffff00, 0x1000},
     0,
     {0},
     2,
     {0xf0, 0x20},
     0,
     DT_ADDRESS_BAD,
     {0, 0}},
    {{1, 1},
     {1, 1},
     4,
     {0, 0xffffffff, 0xffffff00, 0x1000},
     0,
     {0},
     2,
     {0x200, 0x20},
     0,
     DT_ADDRESS_BAD,
     {0, 0}},
};

static void add_cells(void *bytes, const char *name, const uint32_t *cells, int count)
{
    uint32_t raw[8];

    assert_true(count <= 8);
    for (int i = 0; i < count; i++) {
        raw[i] = cpu_to_fdt32(cells[i]);
    }
    if (count >= 0) {
        assert_int_equal(fdt_property(bytes, name, raw, count * 4), 0);
    }
}

static void add_bus_cells(void *bytes, const uint32_t *cells)
{
    /* All ones stand for a property that is there and too short. */
    if (cells[1] == 0xffffffff) {
        assert_int_equal(fdt_property(bytes, "#size-cells", "", 1), 0);
    } else if (cells[0] != 0) {
        add_cells(bytes, "#address-cells", &cells[0], 1);
        add_cells(bytes, "#size-cells", &cells[1], 1);
    }
}

static uint8_t *tree_of(const struct address_case *test)
{
    static const uint32_t root_cells[] = {2, 2};
    uint8_t *bytes = new_tree();

    fdt_begin_node(bytes, "");
    add_bus_cells(bytes, root_cells);
    fdt_begin_node(bytes, "outer");
    add_bus_cells(bytes, test->outer_cells);
    add_cells(bytes, "ranges", test->outer_ranges, test->outer_ranges_count);
    fdt_begin_node(bytes, "inner");
    add_bus_cells(bytes, test->inner_cells);
    add_cells(bytes, "ranges", test->inner_ranges, test->inner_ranges_count);
    fdt_begin_node(bytes, "device");
    add_cells(bytes, "reg", test->reg, test->reg_count);
    for (int i = 0; i < 4; i++) {
        fdt_end_node(bytes);
    }
    assert_int_equal(fdt_finish(bytes), 0);
    return bytes;
}

static void addresses_are_translated_through_buses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(address_cases) / sizeof(address_cases[0]); i++) {
        const struct address_case *test = &address_cases[i];
        uint8_t *bytes = tree_of(test);
        struct region region;
        struct dt_walk walk;
        struct device_tree fdt;

        assert_opens(&fdt, bytes, ROOM);
        assert_true(dt_find_path(&walk, &fdt, "/outer/inner/device"));
        enum dt_address answer = dt_reg(&walk, test->index, &region);

        if (answer != test->answer || (answer == DT_ADDRESS_GOOD && (region.start != test->region.start ||
                                                                     region.end != test->region.end))) {
            fail_msg("case %zu: answer %d, 0x%llx to 0x%llx", i, answer, (unsigned long long)region.start,
                     (unsigned long long)region.end);
        }
        free(bytes);
    }
}

static void the_root_has_no_address(void **state)
{
    struct tree tree = tree_with_room("virt-gic2", 256);
    struct region region;
    struct dt_walk walk;
    struct device_tree fdt;

    (void)state;
    assert_int_equal(fdt_setprop_u64(tree.bytes, 0, "reg", 1), 0);
    assert_opens(&fdt, tree.bytes, tree.size);
    dt_walk_start(&walk, &fdt);
    assert_true(dt_walk_next(&walk));
    assert_int_equal(dt_reg(&walk, 0, &region), DT_ADDRESS_NONE);
    free(tree.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_board_reads_as_with_libfdt),
        cmocka_unit_test(nodes_are_found_as_with_libfdt),
        cmocka_unit_test(aliases_are_resolved_as_with_libfdt),
        cmocka_unit_test(any_alignment_will_do),
        cmocka_unit_test(a_tree_may_be_smaller_than_it_states),
        cmocka_unit_test(what_was_overwritten_with_nop_tokens_is_skipped),
        cmocka_unit_test(damaged_trees_are_refused_or_read_as_with_libfdt),
        cmocka_unit_test(lengths_near_2_to_the_32_are_refused),
        cmocka_unit_test(nesting_is_limited),
        cmocka_unit_test(unusable_headers_are_named),
        cmocka_unit_test(no_tree_is_that_large),
        cmocka_unit_test(a_block_may_end_inside_padding),
        cmocka_unit_test(old_names_of_phandles_count),
        cmocka_unit_test(no_bytes_are_no_tree),
        cmocka_unit_test(damaged_structure_is_named_with_its_offset),
        cmocka_unit_test(cells_and_strings_stay_inside_their_property),
        cmocka_unit_test(status_counts_on_the_whole_path),
        cmocka_unit_test(property_is_its_first_string),
        cmocka_unit_test(paths_are_read_as_with_libfdt),
        cmocka_unit_test(addresses_are_translated_through_buses),
        cmocka_unit_test(the_root_has_no_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
