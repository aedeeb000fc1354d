/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Balanced trees of threads: wait queues, the release queue, preempted cancellations.
 */
#include "core/check/checker.h"
#include "core/sched/thread.h"

static const void *owner_of_node(const struct checker *checker, const struct tree_node *node)
{
    return (const char *)node - checker->node_offset;
}

static bool node_valid(const struct checker *checker, const struct tree_node *node)
{
    return is_object(checker, owner_of_node(checker, node), OBJECT_TCB);
}

static word_t node_height(const struct tree_node *node)
{
    return node ? node->height : 0;
}

/* A node and what hangs directly below it. */
static const char *check_node(struct checker *checker, const struct tree_node *node)
{
    const struct tree_node *const children[] = {node->left, node->right};
    word_t left;
    word_t right;

    for (unsigned i = 0; i < 2; i++) {
        if (!children[i]) {
            continue;
        }
        if (!node_valid(checker, children[i]) || children[i]->parent != node) {
            return broken(checker, node, "a tree node and its child do not name each other");
        }
    }
    left = node_height(node->left);
    right = node_height(node->right);
    if (node->height != 1 + word_max(left, right) || left > right + 1 || right > left + 1) {
        return broken(checker, node, "a tree is not balanced, or does not know its height");
    }
    return NULL;
}

/* The node that stands first below `node`; *error: the way there is broken. Heights decrease, so it ends. */
static struct tree_node *leftmost(struct checker *checker, struct tree_node *node, const char **error)
{
    *error = check_node(checker, node);
    while (!*error && node->left) {
        node = node->left;
        *error = check_node(checker, node);
    }
    return node;
}

/* The next node in order; all that is touched has been checked, or is now. NULL at the end. */
static struct tree_node *successor(struct checker *checker, struct tree_node *node, const char **error)
{
    if (node->right) {
        return leftmost(checker, node->right, error);
    }
    while (node->parent && node->parent->right == node) {
        node = node->parent;
    }
    return node->parent;
}

const char *check_tree(struct checker *checker, const struct tree *tree, word_t *members, check_member *visit)
{
    return check_tree_of(checker, offsetof(struct tcb, node), tree, members, visit);
}

const char *check_tree_of(struct checker *checker, word_t node_offset, const struct tree *tree,
                          word_t *members, check_member *visit)
{
    const char *error = NULL;
    const struct tree_node *prev = NULL;
    struct tree_node *node;

    checker->node_offset = node_offset;
    if (!tree->root) {
        return tree->first ? broken(checker, tree, "a tree without a root has a first node") : NULL;
    }
    if (!node_valid(checker, tree->root) || tree->root->parent) {
        return broken(checker, tree, "the root of a tree is not one");
    }
    node = leftmost(checker, tree->root, &error);
    if (!error && node != tree->first) {
        return broken(checker, tree, "the first node of a tree is not the leftmost");
    }
    while (node && !error) {
        if (prev && prev->key > node->key) {
            return broken(checker, node, "a tree is not in order");
        }
        (*members)++;
        error = visit(checker, tree, owner_of_node(checker, node));
        prev = node;
        if (!error) {
            node = successor(checker, node, &error);
        }
    }
    return error;
}
