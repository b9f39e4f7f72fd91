#!/bin/sh
# Draws the PNG sizes from countersign.svg. Needs rsvg-convert (Debian: librsvg2-bin; Homebrew: librsvg).
set -eu
cd "$(dirname "$0")"
for size in 16 24 32 48 64 128 256 512; do
    rsvg-convert -w "$size" -h "$size" countersign.svg -o "countersign-$size.png"
done
# The window carries the sizes that desktops ask it for.
for size in 16 32 48 128 256; do
    cp "countersign-$size.png" ../src/main/resources/dev/countersign/ui/icons/
done
