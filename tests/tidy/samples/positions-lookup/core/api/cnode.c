/* SPDX-License-Identifier: BSD-2-Clause */
static enum outcome find_source(struct invocation *invocation, struct slot **source)
{
    return lookup_slot(invocation, extra_cap(invocation, EXTRA(cnode, rotate, src_root)),
                       6, true, source);
}
