/* SPDX-License-Identifier: BSD-2-Clause
 *
 * An intrusive balanced search tree (AVL) that serves as a priority queue:
 * insertion and removal are O(log n), the first node is found in O(1).
 * Nodes with equal keys keep the order in which they were inserted.
 *
 * Used for endpoint and notification queues and for the release queue.
 */
#ifndef CORE_BASE_TREE_H
#define CORE_BASE_TREE_H

#include "core/base/word.h"

struct tree_node {
    struct tree_node *parent;
    struct tree_node *left;
    struct tree_node *right;
    word_t key;
    word_t height; /* of the subtree; a leaf and a node in no tree have 1 */
};

struct tree {
    struct tree_node *root;
    struct tree_node *first; /* smallest key, oldest among equals; NULL exactly when the tree is empty */
};

static inline bool tree_empty(const struct tree *tree)
{
    core_assert(!tree->first == !tree->root);
    return tree->first == NULL;
}

/* A node in no tree. */
static inline void tree_node_init(struct tree_node *node)
{
    node->parent = NULL;
    node->left = NULL;
    node->right = NULL;
    node->height = 1;
}

/* Adds a node that is in no tree. It comes after all nodes with the same key. */
void tree_insert(struct tree *tree, struct tree_node *node, word_t key);

/*
 * The same for a tree whose order is finer than that of the keys: `before` tells the order of two nodes, and
 * the node comes after all that it is not before.
 */
void tree_insert_ordered(struct tree *tree, struct tree_node *node, word_t key,
                         bool (*before)(const struct tree_node *, const struct tree_node *));

/* Removes a node that is in this tree; it keeps its key. */
void tree_remove(struct tree *tree, struct tree_node *node);

/* First node with a key greater than `key`, or NULL. O(log n). */
struct tree_node *tree_after(const struct tree *tree, word_t key);

#endif
