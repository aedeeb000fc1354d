/* SPDX-License-Identifier: BSD-2-Clause */
enum outcome invoke_asid_pool(struct invocation *invocation)
{
    struct slot *vspace = invocation->extra[0];

    return assign(invocation, vspace);
}
