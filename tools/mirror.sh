#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Prints the address from which this machine gets Debian's packages, as its own package sources say; nothing where they
# name none.

address=$(apt-get indextargets --format '$(ORIGIN) $(COMPONENT) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    awk '$1 == "Debian" && $2 == "main" && $3 !~ /-/ { print $4; exit }')
case $address in
mirror+file:*) address=$(grep -m 1 -o '^[a-z]*://[^[:space:]]*' "${address#mirror+file:}") ;; # a list of mirrors
esac
echo "$address"
