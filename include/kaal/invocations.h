/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The invocation table: every method of every kernel object, once
 * (docs/spec/abi.md 7 and 9). From it come the label numbers, the argument counts
 * that the kernel checks, and the stubs of the user library.
 *
 * X(label, object, method, word count, (words...), cap count, ((type, name)...), result words)
 *
 * object and the cap types are the lower-case names of capability types;
 * "any" is a capability whose type the kernel checks itself. Words travel in
 * message registers in the order given, caps as extra capabilities in the
 * order given. A method with KAAL_RESULTS_MANY answers a variable number of
 * words. The two register transfers have further words after the listed ones.
 */
#ifndef KAAL_INVOCATIONS_H
#define KAAL_INVOCATIONS_H

#define KAAL_RESULTS_MANY 36

#define KAAL_INVOCATIONS(X)                                                                                  \
    X(1, untyped, retype, 6, (type, size_bits, node_index, node_depth, node_offset, object_count), 1,        \
      ((cnode, root)), 0)                                                                                    \
    X(2, tcb, read_registers, 2, (flags, count), 0, (), KAAL_RESULTS_MANY)                                   \
    X(3, tcb, write_registers, 2, (flags, count), 0, (), 0)                                                  \
    X(4, tcb, copy_registers, 1, (flags), 1, ((tcb, source)), 0)                                             \
    X(5, tcb, configure, 3, (cspace_data, vspace_data, buffer_address), 3,                                   \
      ((cnode, cspace_root), (vspace, vspace_root), (frame, buffer)), 0)                                     \
    X(6, tcb, set_priority, 1, (priority), 1, ((tcb, authority)), 0)                                         \
    X(7, tcb, set_mcpriority, 1, (mcp), 1, ((tcb, authority)), 0)                                            \
    X(8, tcb, set_sched_params, 2, (mcp, priority), 3,                                                       \
      ((tcb, authority), (sched_context, sched_context), (endpoint, fault_handler)), 0)                      \
    X(9, tcb, set_timeout_endpoint, 0, (), 1, ((endpoint, timeout_handler)), 0)                              \
    X(10, tcb, set_ipc_buffer, 1, (buffer_address), 1, ((frame, buffer)), 0)                                 \
    X(11, tcb, set_space, 2, (cspace_data, vspace_data), 3,                                                  \
      ((endpoint, fault_handler), (cnode, cspace_root), (vspace, vspace_root)), 0)                           \
    X(12, tcb, suspend, 0, (), 0, (), 0)                                                                     \
    X(13, tcb, resume, 0, (), 0, (), 0)                                                                      \
    X(14, tcb, bind_notification, 0, (), 1, ((notification, notification)), 0)                               \
    X(15, tcb, unbind_notification, 0, (), 0, (), 0)                                                         \
    X(16, tcb, set_tls_base, 1, (tls_base), 0, (), 0)                                                        \
    X(17, tcb, set_flags, 2, (clear, set), 0, (), 1)                                                         \
    X(18, cnode, revoke, 2, (index, depth), 0, (), 0)                                                        \
    X(19, cnode, delete, 2, (index, depth), 0, (), 0)                                                        \
    X(20, cnode, cancel_badged_sends, 2, (index, depth), 0, (), 0)                                           \
    X(21, cnode, copy, 5, (dest_index, dest_depth, src_index, src_depth, rights), 1, ((cnode, src_root)), 0) \
    X(22, cnode, mint, 6, (dest_index, dest_depth, src_index, src_depth, rights, data), 1,                   \
      ((cnode, src_root)), 0)                                                                                \
    X(23, cnode, move, 4, (dest_index, dest_depth, src_index, src_depth), 1, ((cnode, src_root)), 0)         \
    X(24, cnode, mutate, 5, (dest_index, dest_depth, src_index, src_depth, data), 1, ((cnode, src_root)), 0) \
    X(25, cnode, rotate, 8,                                                                                  \
      (dest_index, dest_depth, pivot_data, pivot_index, pivot_depth, src_data, src_index, src_depth), 2,     \
      ((cnode, pivot_root), (cnode, src_root)), 0)                                                           \
    X(26, irq_control, get, 3, (irq, index, depth), 1, ((cnode, root)), 0)                                   \
    X(27, irq_handler, ack, 0, (), 0, (), 0)                                                                 \
    X(28, irq_handler, set_notification, 0, (), 1, ((notification, notification)), 0)                        \
    X(29, irq_handler, clear, 0, (), 0, (), 0)                                                               \
    X(30, domain, set, 1, (domain), 1, ((tcb, tcb)), 0)                                                      \
    X(31, domain, schedule_configure, 3, (index, domain, duration), 0, (), 0)                                \
    X(32, domain, schedule_set_start, 1, (index), 0, (), 0)                                                  \
    X(33, sched_control, configure_flags, 5, (budget, period, extra_refills, badge, flags), 1,               \
      ((sched_context, sched_context)), 0)                                                                   \
    X(34, sched_context, bind, 0, (), 1, ((any, object)), 0)                                                 \
    X(35, sched_context, unbind, 0, (), 0, (), 0)                                                            \
    X(36, sched_context, unbind_object, 0, (), 1, ((any, object)), 0)                                        \
    X(37, sched_context, consumed, 0, (), 0, (), 1)                                                          \
    X(38, sched_context, yield_to, 0, (), 0, (), 1)                                                          \
    X(39, vspace, clean_data, 2, (start, end), 0, (), 0)                                                     \
    X(40, vspace, invalidate_data, 2, (start, end), 0, (), 0)                                                \
    X(41, vspace, clean_invalidate_data, 2, (start, end), 0, (), 0)                                          \
    X(42, vspace, unify_instruction, 2, (start, end), 0, (), 0)                                              \
    X(44, page_table, map, 2, (vaddr, attributes), 1, ((vspace, vspace)), 0)                                 \
    X(45, page_table, unmap, 0, (), 0, (), 0)                                                                \
    X(46, frame, map, 3, (vaddr, rights, attributes), 1, ((vspace, vspace)), 0)                              \
    X(47, frame, unmap, 0, (), 0, (), 0)                                                                     \
    X(48, frame, clean_data, 2, (start, end), 0, (), 0)                                                      \
    X(49, frame, invalidate_data, 2, (start, end), 0, (), 0)                                                 \
    X(50, frame, clean_invalidate_data, 2, (start, end), 0, (), 0)                                           \
    X(51, frame, unify_instruction, 2, (start, end), 0, (), 0)                                               \
    X(52, frame, get_address, 0, (), 0, (), 1)                                                               \
    X(53, asid_control, make_pool, 2, (index, depth), 2, ((untyped, untyped), (cnode, root)), 0)             \
    X(54, asid_pool, assign, 0, (), 1, ((vspace, vspace)), 0)                                                \
    X(55, irq_control, get_trigger, 4, (irq, trigger, index, depth), 1, ((cnode, root)), 0)                  \
    X(56, irq_control, issue_sgi_signal, 4, (sgi, target, index, depth), 1, ((cnode, root)), 0)

/* kaal_label_cnode_copy, ...; 0 is no invocation and 43 is reserved for SMC calls. */
enum kaal_label {
    kaal_label_invalid = 0,
#define KAAL_LABEL_ENUM(label, object, method, nwords, words, ncaps, caps, results) \
    kaal_label_##object##_##method = (label),
    KAAL_INVOCATIONS(KAAL_LABEL_ENUM)
#undef KAAL_LABEL_ENUM
};

#define KAAL_LABEL_COUNT 57

/* Applies F to each element of a parenthesised list of n elements (n is a literal from 0 to 8). */
#define KAAL_EACH(n, F, list) KAAL_EACH_JOIN(n)(F, KAAL_EACH_STRIP list)
#define KAAL_EACH_JOIN(n)     KAAL_EACH_##n
#define KAAL_EACH_STRIP(...)  __VA_ARGS__
#define KAAL_EACH_0(F, ...)
#define KAAL_EACH_1(...)                        KAAL_EACH_A1(__VA_ARGS__)
#define KAAL_EACH_2(...)                        KAAL_EACH_A2(__VA_ARGS__)
#define KAAL_EACH_3(...)                        KAAL_EACH_A3(__VA_ARGS__)
#define KAAL_EACH_4(...)                        KAAL_EACH_A4(__VA_ARGS__)
#define KAAL_EACH_5(...)                        KAAL_EACH_A5(__VA_ARGS__)
#define KAAL_EACH_6(...)                        KAAL_EACH_A6(__VA_ARGS__)
#define KAAL_EACH_8(...)                        KAAL_EACH_A8(__VA_ARGS__)
#define KAAL_EACH_A1(F, a)                      F(a)
#define KAAL_EACH_A2(F, a, b)                   F(a) F(b)
#define KAAL_EACH_A3(F, a, b, c)                F(a) F(b) F(c)
#define KAAL_EACH_A4(F, a, b, c, d)             F(a) F(b) F(c) F(d)
#define KAAL_EACH_A5(F, a, b, c, d, e)          F(a) F(b) F(c) F(d) F(e)
#define KAAL_EACH_A6(F, a, b, c, d, e, f)       F(a) F(b) F(c) F(d) F(e) F(f)
#define KAAL_EACH_A8(F, a, b, c, d, e, f, g, h) F(a) F(b) F(c) F(d) F(e) F(f) F(g) F(h)

#endif
