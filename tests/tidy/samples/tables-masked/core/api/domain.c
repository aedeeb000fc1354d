/* SPDX-License-Identifier: BSD-2-Clause */
static uint8_t domain_at(word_t index)
{
    return schedule[hal_index_masked(index, LENGTH)];
}
