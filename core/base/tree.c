/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/tree.h"

/* ---- What holds of one node and those next to it ---- */

static word_t height_of(const struct tree_node *node)
{
    return node ? node->height : 0;
}

static void update_height(struct tree_node *node)
{
    node->height = 1 + word_max(height_of(node->left), height_of(node->right));
    core_assert(node->height < WORD_BITS); /* more nodes than memory has bytes, or a circle */
}

/* As tree_node_init() leaves a node. */
static bool is_outside(const struct tree_node *node)
{
    return !node->parent && !node->left && !node->right && node->height == 1;
}

/* Does its parent, or the tree, name this node? */
static bool is_named_above(const struct tree *tree, const struct tree_node *node)
{
    const struct tree_node *parent = node->parent;

    return parent ? (parent->left == node) != (parent->right == node) : tree->root == node;
}

static bool is_named_below(const struct tree_node *node)
{
    return (!node->left || node->left->parent == node) && (!node->right || node->right->parent == node);
}

static bool is_balanced(const struct tree_node *node)
{
    word_t left = height_of(node->left);
    word_t right = height_of(node->right);

    return left <= right + 1 && right <= left + 1 && node->height == 1 + word_max(left, right);
}

static bool is_ordered(const struct tree_node *node)
{
    return (!node->left || node->left->key <= node->key) && (!node->right || node->key <= node->right->key);
}

/* Is the first node one that nothing comes before, as far as can be seen from it? */
static bool starts_well(const struct tree *tree)
{
    const struct tree_node *first = tree->first;

    return !first ? !tree->root
                  : tree->root && !first->left && (!first->parent || first->parent->left == first);
}

/* Follows the parents: at most one step per level. */
static bool belongs_to(const struct tree *tree, const struct tree_node *node)
{
    unsigned steps = 0;

    while (node->parent && steps++ < WORD_BITS) {
        node = node->parent;
    }
    return tree->root == node;
}

/* ---- Balance ---- */

/* Makes `child` (may be NULL) take the place of `node` below node's parent. */
static void replace_child(struct tree *tree, struct tree_node *node, struct tree_node *child)
{
    struct tree_node *parent = node->parent;

    core_assert(is_named_above(tree, node));
    core_assert(child != node);
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

    core_assert(is_named_below(node) && is_named_below(pivot));
    core_assert(is_ordered(node) && is_ordered(pivot));
    replace_child(tree, node, pivot);
    *freed = *taken;
    if (*freed) {
        (*freed)->parent = node;
    }
    *taken = node;
    node->parent = pivot;
    update_height(node);
    update_height(pivot);
    core_assert(is_named_above(tree, pivot) && is_named_below(pivot) && is_named_below(node));
    core_assert(is_ordered(node) && is_ordered(pivot));
    return pivot;
}

/* Restores the balance of one node whose subtrees are balanced; returns the root of the result. */
static struct tree_node *balance(struct tree *tree, struct tree_node *node)
{
    word_t left = height_of(node->left);
    word_t right = height_of(node->right);

    core_assert(left <= right + 2 && right <= left + 2); /* one node has come or gone */
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
        core_assert(is_balanced(node) && is_ordered(node));
        core_assert(is_named_above(tree, node) && is_named_below(node));
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

    core_assert(is_outside(node));
    core_assert(starts_well(tree) && tree->first != node);
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
    core_assert(starts_well(tree));
    core_assert(is_named_above(tree, node) && is_ordered(node) && is_balanced(node));
    core_assert(tree->first->key <= key);
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
    core_assert(!first->left && (!first->parent || first->parent->left == first));
    return first->right ? leftmost(first->right) : first->parent;
}

struct tree_node *tree_after(const struct tree *tree, word_t key)
{
    struct tree_node *node = tree->root;
    struct tree_node *after = NULL;

    core_assert(starts_well(tree));
    while (node) {
        if (node->key > key) {
            after = node;
            node = node->left;
        } else {
            node = node->right;
        }
    }
    core_assert(!tree->first || tree->first->key <= key || after == tree->first);
    return after;
}

/* Puts the successor of a node with two children in its place; returns where rebalancing starts. */
static struct tree_node *replace_by_successor(struct tree *tree, struct tree_node *node)
{
    struct tree_node *successor = leftmost(node->right);
    struct tree_node *start = successor->parent == node ? successor : successor->parent;

    core_assert(node->key <= successor->key);
    if (successor->parent != node) {
        replace_child(tree, successor, successor->right);
        successor->right = node->right;
        successor->right->parent = successor;
    }
    replace_child(tree, node, successor);
    successor->left = node->left;
    successor->left->parent = successor;
    successor->height = node->height;
    core_assert(is_named_above(tree, successor) && is_named_below(successor) && is_ordered(successor));
    return start;
}

void tree_remove(struct tree *tree, struct tree_node *node)
{
    struct tree_node *start = node->parent;

    core_assert(belongs_to(tree, node) && starts_well(tree));
    core_assert(is_named_above(tree, node) && is_named_below(node) && is_balanced(node));
    if (tree->root == node && node->height == 1) { /* it is alone, and as it has to be outside */
        tree->root = NULL;
        tree->first = NULL;
        core_assert(is_outside(node));
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
    core_assert(starts_well(tree) && tree->first);
    core_assert(tree->root != node && tree->first != node);
}
