/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The balanced tree against a sorted array: the same order, the same first node,
 * the balance and the links that its operations promise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/base/tree.h"
#include "tests/kit/random.h"

enum { NODES = 300 };

static struct tree tree;
static struct tree_node nodes[NODES];

/* The nodes in the tree in order. */
static struct {
    unsigned count;
    struct tree_node *node[NODES];
} model;

static struct random generator;

static int setup(void **state)
{
    (void)state;
    memset(&tree, 0, sizeof(tree));
    for (unsigned i = 0; i < NODES; i++) {
        tree_node_init(&nodes[i]);
    }
    model.count = 0;
    return 0;
}

/* ---- The model ---- */

static void model_insert(struct tree_node *node, word_t key)
{
    unsigned place = model.count;

    while (place > 0 && model.node[place - 1]->key > key) {
        model.node[place] = model.node[place - 1];
        place--;
    }
    model.node[place] = node;
    model.count++;
}

static unsigned model_place(const struct tree_node *node)
{
    unsigned place = 0;

    while (model.node[place] != node) {
        place++;
    }
    return place;
}

static void model_remove(const struct tree_node *node)
{
    unsigned place = model_place(node);

    model.count--;
    memmove(&model.node[place], &model.node[place + 1], (model.count - place) * sizeof(model.node[0]));
}

static struct tree_node *model_after(word_t key)
{
    for (unsigned i = 0; i < model.count; i++) {
        if (model.node[i]->key > key) {
            return model.node[i];
        }
    }
    return NULL;
}

/* ---- Comparison ---- */

/* Visits a subtree in order from place `at`; returns its height. */
static word_t assert_subtree(const struct tree_node *node, const struct tree_node *parent, unsigned *at)
{
    word_t left;
    word_t right;

    if (node == NULL) {
        return 0;
    }
    assert_ptr_equal(node->parent, parent);
    left = assert_subtree(node->left, node, at);
    assert_true(*at < model.count);
    assert_ptr_equal(node, model.node[*at]);
    (*at)++;
    right = assert_subtree(node->right, node, at);
    assert_true(left <= right + 1 && right <= left + 1);
    assert_int_equal(node->height, 1 + (left > right ? left : right));
    return node->height;
}

static void assert_same(void)
{
    unsigned at = 0;

    assert_subtree(tree.root, NULL, &at);
    assert_int_equal(at, model.count);
    assert_ptr_equal(tree.first, model.count > 0 ? model.node[0] : NULL);
    assert_int_equal(tree_empty(&tree), model.count == 0);
}

static void insert(struct tree_node *node, word_t key)
{
    model_insert(node, key);
    tree_insert(&tree, node, key);
}

static void remove_node(struct tree_node *node)
{
    static const struct tree_node unlinked;

    model_remove(node);
    tree_remove(&tree, node);
    assert_ptr_equal(node->parent, unlinked.parent);
    assert_ptr_equal(node->left, unlinked.left);
    assert_ptr_equal(node->right, unlinked.right);
    assert_int_equal(node->height, 1);
}

/* ---- Tests ---- */

static void ascending_and_descending_keys_stay_balanced(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NODES; i++) {
        insert(&nodes[i], i);
        assert_same();
    }
    for (unsigned i = 0; i < NODES; i++) {
        remove_node(&nodes[i]);
        assert_same();
    }
    for (unsigned i = 0; i < NODES; i++) {
        insert(&nodes[i], NODES - i);
        assert_same();
    }
    for (unsigned i = 0; i < NODES; i++) {
        remove_node(&nodes[i]);
        assert_same();
    }
}

static void equal_keys_keep_the_order_of_insertion(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NODES; i++) {
        insert(&nodes[i], 7 + i % 3);
    }
    assert_same();
    for (unsigned i = 0; i < NODES; i += 3) {
        assert_ptr_equal(tree.first, &nodes[i]);
        remove_node(&nodes[i]);
    }
    assert_ptr_equal(tree.first, &nodes[1]);
}

static void first_node_is_removed_over_and_over(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NODES; i++) {
        insert(&nodes[i], random_below(&generator, 50));
    }
    while (model.count > 0) {
        remove_node(tree.first);
        assert_same();
    }
    assert_true(tree_empty(&tree));
}

static void after_finds_the_next_greater_key(void **state)
{
    (void)state;
    assert_null(tree_after(&tree, 0));
    for (unsigned i = 0; i < 100; i++) {
        insert(&nodes[i], random_below(&generator, 128) * 2);
    }
    for (word_t key = 0; key < 260; key++) {
        assert_ptr_equal(tree_after(&tree, key), model_after(key));
    }
    assert_null(tree_after(&tree, WORD_MAX));
}

static void random_operations_agree_with_a_sorted_array(void **state)
{
    bool inside[NODES] = {false};

    (void)state;
    for (unsigned step = 0; step < 20000; step++) {
        unsigned i = random_below(&generator, NODES);
        unsigned range = step / 4000 % 2 == 0 ? 16 : 1u << 30;
        word_t key = random_below(&generator, range);

        if (inside[i]) {
            remove_node(&nodes[i]);
        } else {
            insert(&nodes[i], key);
        }
        inside[i] = !inside[i];
        assert_ptr_equal(tree_after(&tree, key), model_after(key));
        assert_same();
    }
}

/* Of nodes with equal keys, those of the upper half of the array come first. */
static bool before(const struct tree_node *a, const struct tree_node *b)
{
    bool upper = a - nodes >= NODES / 2;

    return a->key != b->key ? a->key < b->key : upper && b - nodes < NODES / 2;
}

/* A tree in a finer order than that of the keys; equals keep the order of insertion. */
static void finer_order_agrees_with_a_sorted_array(void **state)
{
    bool inside[NODES] = {false};

    (void)state;
    for (unsigned step = 0; step < 10000; step++) {
        unsigned i = random_below(&generator, NODES);

        if (inside[i]) {
            remove_node(&nodes[i]);
        } else {
            word_t key = random_below(&generator, 20);
            unsigned place = model.count;

            tree_insert_ordered(&tree, &nodes[i], key, before);
            assert_int_equal(nodes[i].key, key);
            while (place > 0 && before(&nodes[i], model.node[place - 1])) {
                model.node[place] = model.node[place - 1];
                place--;
            }
            model.node[place] = &nodes[i];
            model.count++;
        }
        inside[i] = !inside[i];
        assert_same();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(ascending_and_descending_keys_stay_balanced, setup),
        cmocka_unit_test_setup(equal_keys_keep_the_order_of_insertion, setup),
        cmocka_unit_test_setup(first_node_is_removed_over_and_over, setup),
        cmocka_unit_test_setup(after_finds_the_next_greater_key, setup),
        cmocka_unit_test_setup(random_operations_agree_with_a_sorted_array, setup),
        cmocka_unit_test_setup(finer_order_agrees_with_a_sorted_array, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
