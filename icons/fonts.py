#!/usr/bin/env python3
"""Makes the window's static font faces from upstream ones (both under the SIL Open Font License).

Inter 4.1 (variable, for example from the Python package fontpkg-inter) is fixed at the text size and three
weights; JetBrains Mono 2.242 comes from the Debian package fonts-jetbrains-mono. Both are cut to Latin,
Greek, Cyrillic, punctuation, arrows, box drawing and symbols. JetBrains Mono loses its substitution table, so that `--`, `!=` and `=>` show their characters, and takes the family name
"JetBrains Mono NL" that upstream gives to that variant.

    pip install fonttools
    icons/fonts.py INTER_VARIABLE.ttf DIRECTORY_WITH_JETBRAINS_MONO TARGET
"""
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

RANGES = [(0x20, 0x24F), (0x2B0, 0x2FF), (0x370, 0x3FF), (0x400, 0x52F), (0x1E00, 0x1EFF), (0x2000, 0x206F),
          (0x2070, 0x209F), (0x20A0, 0x20BF), (0x2100, 0x214F), (0x2190, 0x21FF), (0x2200, 0x22FF),
          (0x2300, 0x23FF), (0x2500, 0x25FF), (0x2600, 0x26FF), (0x2700, 0x27FF)]


def cut(font, target, mono):
    options = subset.Options()
    options.hinting = False
    options.layout_features = [] if mono else ["kern", "mark", "mkmk", "ccmp", "locl"]
    options.name_IDs = ["*"]
    options.notdef_outline = True
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[c for a, b in RANGES for c in range(a, b + 1)])
    cutter.subset(font)
    if mono:
        for table in ("GSUB", "GPOS"):
            if table in font:
                del font[table]
        for record in font["name"].names:
            if record.nameID in (1, 3, 4, 16):
                record.string = record.toUnicode().replace("JetBrains Mono", "JetBrains Mono NL")
            elif record.nameID == 6:
                record.string = record.toUnicode().replace("JetBrainsMono", "JetBrainsMonoNL")
    font.save(target)
    names = {n.nameID: n.toUnicode() for n in font["name"].names if n.nameID in (1, 2, 4)}
    print(target.name, target.stat().st_size, names)


def main():
    inter, mono, target = map(Path, sys.argv[1:4])
    for weight, number in (("Regular", 400), ("Medium", 500), ("SemiBold", 600)):
        font = instancer.instantiateVariableFont(TTFont(inter), {"opsz": 14, "wght": number})
        family = "Inter" if weight == "Regular" else f"Inter {weight}"
        for name, text in ((1, family), (2, "Regular"), (3, f"4.1;Inter-{weight}"), (4, family), (6, f"Inter-{weight}")):
            font["name"].setName(text, name, 3, 1, 0x409)
        for name in (16, 17, 21, 22, 25):
            font["name"].removeNames(nameID=name)
        cut(font, target / f"Inter-{weight}.ttf", mono=False)
    for weight in ("Regular", "SemiBold"):
        cut(TTFont(mono / f"JetBrainsMono-{weight}.ttf"), target / f"JetBrainsMonoNL-{weight}.ttf", mono=True)


main()
