# SPDX-License-Identifier: BSD-2-Clause
#
# Walks the kernel's own translation tables (TTBR1) of a running kernel and checks
# every leaf: executable ones are read-only, no other one is executable at EL1 or
# EL0, none is accessible to EL0. Tables are in the image or in RAM, which the
# window shows.

set $window = 0xffff000000000000
set $image = (unsigned long)image_start
set $physical = hardware.image.raw
set $image_end = (unsigned long)&image_end
set $leaves = 0
set $executable = 0

# table_at PHYSICAL: its address in $table
define table_at
  if $arg0 >= $physical && $arg0 < $physical + ($image_end - $image)
    set $table = $image + ($arg0 - $physical)
  else
    set $table = $window + $arg0
  end
end

define check_leaf
  set $leaves = $leaves + 1
  if ($arg0 & 0x40) != 0 || ($arg0 >> 54 & 1) == 0
    printf "mappings: BAD open to EL0: 0x%lx\n", $arg0
  end
  if ($arg0 >> 53 & 1) == 0
    set $executable = $executable + 1
    if ($arg0 & 0x80) == 0
      printf "mappings: BAD writable and executable: 0x%lx\n", $arg0
    end
  end
end

define walk_3
  set $i3 = 0
  while $i3 < 512
    set $e3 = ((unsigned long *)$t3)[$i3]
    if ($e3 & 3) == 3
      check_leaf $e3
    end
    set $i3 = $i3 + 1
  end
end

define walk_2
  set $i2 = 0
  while $i2 < 512
    set $e2 = ((unsigned long *)$t2)[$i2]
    if ($e2 & 3) == 1
      check_leaf $e2
    end
    if ($e2 & 3) == 3
      table_at ($e2&0xfffffffff000)
      set $t3 = $table
      walk_3
    end
    set $i2 = $i2 + 1
  end
end

define walk_1
  set $i1 = 0
  while $i1 < 512
    set $e1 = ((unsigned long *)$t1)[$i1]
    if ($e1 & 3) == 1
      check_leaf $e1
    end
    if ($e1 & 3) == 3
      table_at ($e1&0xfffffffff000)
      set $t2 = $table
      walk_2
    end
    set $i1 = $i1 + 1
  end
end

set $i0 = 0
while $i0 < 512
  set $e0 = early_tables.root[$i0]
  if ($e0 & 3) == 3
    table_at ($e0&0xfffffffff000)
    set $t1 = $table
    walk_1
  end
  set $i0 = $i0 + 1
end
printf "mappings: %d leaves\n", $leaves
printf "mappings: %d executable, all read-only unless said otherwise\n", $executable
