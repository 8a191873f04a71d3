#!/usr/bin/env python3
"""Makes chinese.otf, the font of the screen for simplified Chinese.

    chinese.py NotoSansCJK-Regular.ttc

The collection is in the package fonts-noto-cjk of Debian, and at https://github.com/notofonts/noto-cjk. Needs fontTools.
Kept are the 6,763 characters of GB 2312, its signs, and whatever the words of the screens use beyond; hinting and layout
tables go. The outlines stay as they are. The subset bears a name of its own.
"""

import pathlib
import sys

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

HERE = pathlib.Path(__file__).resolve().parent
WORDS = HERE.parents[2] / "floor" / "words" / "chinese.rs"
OUTPUT = HERE / "chinese.otf"
FAMILY = "Tallyman Sans SC"
DROPPED = "GPOS GSUB GDEF STAT meta BASE VORG vhea vmtx DSIG".split()

# Rows of GB 2312: 1 and 3 hold signs and full-width forms, 16 to 87 the characters.
ROWS = [1, 3, *range(16, 88)]


def gb2312():
    for row in ROWS:
        for cell in range(1, 95):
            try:
                yield bytes([0xA0 + row, 0xA0 + cell]).decode("gb2312")
            except UnicodeDecodeError:
                pass


def number_of(collection):
    fonts = TTCollection(collection, lazy=True).fonts
    return next(n for n, font in enumerate(fonts) if font["name"].getDebugName(4) == "Noto Sans CJK SC")


def main(collection):
    words = {c for c in WORDS.read_text(encoding="utf-8") if ord(c) > 0x2000}
    options = subset.Options(
        layout_features=[],
        hinting=False,
        glyph_names=False,
        notdef_outline=True,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        recalc_timestamp=False,
    )
    options.drop_tables += DROPPED
    font = TTFont(collection, fontNumber=number_of(collection), recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(words | set(gb2312()))))
    subsetter.subset(font)
    for record in font["name"].names:
        name = {1: FAMILY, 3: FAMILY, 4: FAMILY, 6: FAMILY.replace(" ", "")}.get(record.nameID)
        if name:
            record.string = name
    cff = font["CFF "].cff
    cff.fontNames = [FAMILY.replace(" ", "")]
    top = cff.topDictIndex[0]
    top.FullName = top.FamilyName = FAMILY
    font.save(OUTPUT)


if __name__ == "__main__":
    main(*sys.argv[1:])
