/* SPDX-License-Identifier: BSD-2-Clause */
unsigned long strlen(const char *text);
unsigned long cap_name_length(const char *name);
unsigned long cap_name_length(const char *name)
{
    return strlen(name);
}
