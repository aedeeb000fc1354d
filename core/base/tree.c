/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/tree.h"

static word_t height_of(const struct tree_node *node)
{
    return node ? node->height : 0;
}

static void update_height(struct tree_node *node)
{
    node->height = 1 + word_max(height_of(node->left), height_of(node->right));
}

/* Makes `child` (may be NULL) take the place of `node` below node's parent. */
static void replace_child(struct tree *tree, struct tree_node *node, struct tree_node *child)
{
    struct tree_node *parent = node->parent;

    if (!parent) {
        tree->root = child;
    } else if (parent->left == node) {
        parent->left = child;
    } else {
        parent->right = child;
    }
    if (child) {
        child->parent = parent;
    }
}

/* The child on one side comes up, `node` goes down on the other. */
static inline struct tree_node *rotate(struct tree *tree, struct tree_node *node, bool left)
{
    struct tree_node *pivot = left ? node->right : node->left;
    struct tree_node **freed = left ? &node->right : &node->left;
    struct tree_node **taken = left ? &pivot->left : &pivot->right;

    replace_child(tree, node, pivot);
    *freed = *taken;
    if (*freed) {
        (*freed)->parent = node;
    }
    *taken = node;
    node->parent = pivot;
    update_height(node);
    update_height(pivot);
    return pivot;
}

/* Restores the balance of one node whose subtrees are balanced; returns the root of the result. */
static struct tree_node *balance(struct tree *tree, struct tree_node *node)
{
    word_t left = height_of(node->left);
    word_t right = height_of(node->right);

    if (left > right + 1) {
        if (height_of(node->left->left) < height_of(node->left->right)) {
            rotate(tree, node->left, true);
        }
        return rotate(tree, node, false);
    }
    if (right > left + 1) {
        if (height_of(node->right->right) < height_of(node->right->left)) {
            rotate(tree, node->right, false);
        }
        return rotate(tree, node, true);
    }
    update_height(node);
    return node;
}

/* Walks up from `node` as long as heights change. At most one step per level. */
static void rebalance_upwards(struct tree *tree, struct tree_node *node)
{
    while (node) {
        word_t before = node->height;

        node = balance(tree, node);
        if (node->height == before) {
            return;
        }
        node = node->parent;
    }
}

void tree_insert(struct tree *tree, struct tree_node *node, word_t key)
{
    struct tree_node *parent = NULL;
    struct tree_node **link = &tree->root;
    bool is_first = true;

    while (*link) {
        parent = *link;
        if (key < parent->key) {
            link = &parent->left;
        } else {
            link = &parent->right;
            is_first = false;
        }
    }
    node->parent = parent;
    node->key = key;
    *link = node;
    if (is_first) {
        tree->first = node;
    }
    rebalance_upwards(tree, parent);
}

void tree_insert_ordered(struct tree *tree, struct tree_node *node, word_t key,
                         bool (*before)(const struct tree_node *, const struct tree_node *))
{
    struct tree_node *parent = NULL;
    struct tree_node **link = &tree->root;

    node->key = key;
    while (*link) {
        parent = *link;
        link = before(node, parent) ? &parent->left : &parent->right;
    }
    if (!parent || link == &tree->first->left) {
        tree->first = node;
    }
    node->parent = parent;
    *link = node;
    rebalance_upwards(tree, parent);
}

static struct tree_node *leftmost(struct tree_node *node)
{
    while (node->left) {
        node = node->left;
    }
    return node;
}

/* The node after the first one, which has nothing to its left and is nobody's right child; or NULL. */
static struct tree_node *second(const struct tree_node *first)
{
    return first->right ? leftmost(first->right) : first->parent;
}

struct tree_node *tree_after(const struct tree *tree, word_t key)
{
    struct tree_node *node = tree->root;
    struct tree_node *after = NULL;

    while (node) {
        if (node->key > key) {
            after = node;
            node = node->left;
        } else {
            node = node->right;
        }
    }
    return after;
}

/* Puts the successor of a node with two children in its place; returns where rebalancing starts. */
static struct tree_node *replace_by_successor(struct tree *tree, struct tree_node *node)
{
    struct tree_node *successor = leftmost(node->right);
    struct tree_node *start = successor->parent == node ? successor : successor->parent;

    if (successor->parent != node) {
        replace_child(tree, successor, successor->right);
        successor->right = node->right;
        successor->right->parent = successor;
    }
    replace_child(tree, node, successor);
    successor->left = node->left;
    successor->left->parent = successor;
    successor->height = node->height;
    return start;
}

void tree_remove(struct tree *tree, struct tree_node *node)
{
    struct tree_node *start = node->parent;

    if (tree->root == node && node->height == 1) { /* it is alone, and as it has to be outside */
        tree->root = NULL;
        tree->first = NULL;
        return;
    }
    if (tree->first == node) {
        tree->first = second(node);
    }
    if (node->left && node->right) {
        start = replace_by_successor(tree, node);
    } else {
        replace_child(tree, node, node->left ? node->left : node->right);
    }
    rebalance_upwards(tree, start);
    tree_node_init(node);
}
