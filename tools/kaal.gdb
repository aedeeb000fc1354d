# SPDX-License-Identifier: BSD-2-Clause
#
# Commands for gdb on a stopped kernel with its symbols. `make gdb` loads them;
# elsewhere: gdb-multiarch -x tools/kaal.gdb build/aarch64-debug/kernel.elf

define kaal-log
  printf "%s%s", &hardware.console.log.text[hardware.console.log.next + 1], hardware.console.log.text
end
document kaal-log
The last output of a debug kernel, oldest first: what is on its console, or would be if it had one.
end
