/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The whole ABI: what user code and kernel share.
 */
#ifndef KAAL_KAAL_H
#define KAAL_KAAL_H

#include <kaal/bootinfo.h>
#include <kaal/errors.h>
#include <kaal/faults.h>
#include <kaal/invocations.h>
#include <kaal/message.h>
#include <kaal/objects.h>
#include <kaal/registers.h>
#include <kaal/syscalls.h>
#include <kaal/types.h>

#endif
