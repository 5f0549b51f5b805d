"""Prepare the fonts of the PDFs: ``python tools/fonts.py`` writes them to ``static/dist/fonts/``.

ReportLab embeds TrueType outlines only and cannot switch OpenType features, so each face is made
once at build time: one static weight, the characters of European languages, tabular figures moved
into the character map, and a small table of kerning pairs beside the serif used for titles.
The same packages give the same bytes. Nothing made here is committed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

from fontTools.merge import Merger
from fontTools.merge import Options as MergeOptions
from fontTools.subset import Options as SubsetOptions
from fontTools.subset import Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
OUTPUT = ROOT / "static" / "dist" / "fonts"

# Latin with its extensions, Greek, Cyrillic, Vietnamese, punctuation, currencies, arrows,
# mathematical signs and the geometric marks that carry a judgement.
RANGES = (
    (0x0020, 0x007E),
    (0x00A0, 0x024F),
    (0x02B0, 0x02DD),
    (0x0300, 0x0331),
    (0x0370, 0x03FF),
    (0x0400, 0x052F),
    (0x1E00, 0x1EFF),
    (0x2000, 0x200A),
    (0x2010, 0x2027),
    (0x202F, 0x203A),
    (0x2044, 0x2044),
    (0x2070, 0x208E),
    (0x20A0, 0x20C0),
    (0x2100, 0x2122),
    (0x2150, 0x215E),
    (0x2190, 0x2199),
    (0x2202, 0x2265),
    (0x25A0, 0x25FF),
    (0x2713, 0x2713),
    (0x2717, 0x2717),
    (0xFB01, 0xFB02),
    (0xFFFD, 0xFFFD),
)
DROPPED_TABLES = ("GSUB", "GPOS", "GDEF", "STAT", "DSIG", "BASE", "MATH", "meta", "avar", "kern")


@dataclass(frozen=True)
class Face:
    """One face to make: its name, the files it comes from, and where on the axes it sits."""

    name: str
    sources: tuple[str, ...]
    axes: tuple[tuple[str, float], ...] = ()
    kerned: bool = False


def _inter(name: str, file: str) -> Face:
    return Face(name, (f"inter-ui/web/{file}.woff2",))


def _serif(name: str, weight: float, optical_size: float) -> Face:
    folder = "@fontsource-variable/source-serif-4/files"
    scripts = ("latin", "latin-ext", "cyrillic", "greek", "vietnamese")
    files = tuple(f"{folder}/source-serif-4-{script}-opsz-normal.woff2" for script in scripts)
    return Face(name, files, (("wght", weight), ("opsz", optical_size)), kerned=True)


FACES = (
    _inter("AdroitSans-Regular", "Inter-Regular"),
    _inter("AdroitSans-Medium", "Inter-Medium"),
    _inter("AdroitSans-SemiBold", "Inter-SemiBold"),
    _inter("AdroitSans-Italic", "Inter-Italic"),
    _serif("AdroitSerif-SemiBold", 600, 20),
    _serif("AdroitSerif-Regular", 400, 36),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make every face; exit code 1 and one sentence when a font package is not installed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--packages", type=Path, default=PACKAGES, help="the node_modules folder")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="where the faces are written")
    options = parser.parse_args(arguments)
    missing = [
        path for face in FACES for path in face.sources if not (options.packages / path).exists()
    ]
    if missing:
        print(
            f"Fonts: {missing[0]} is not installed. Run npm ci --ignore-scripts first.",
            file=sys.stderr,
        )
        return 1
    options.output.mkdir(parents=True, exist_ok=True)
    write = partial(write_face, packages=options.packages, output=options.output)
    with ProcessPoolExecutor() as pool:
        for number, (face, size) in enumerate(zip(FACES, pool.map(write, FACES), strict=True), 1):
            print(f"Fonts {number}/{len(FACES)}  {face.name}  {size // 1024} kB", flush=True)
    return 0


def write_face(face: Face, *, packages: Path, output: Path) -> int:
    """Write ``<name>.ttf`` (and ``<name>.kern.json`` if kerned) into ``output``; returns its size in bytes."""
    parts = [_open(packages / source, face.axes) for source in face.sources]
    if face.kerned:
        pairs = _kerning_pairs(parts[0])
        (output / f"{face.name}.kern.json").write_text(
            json.dumps(pairs, ensure_ascii=False, sort_keys=True)
        )
    for part in parts:
        _freeze_tabular_figures(part)
        _keep_wanted_characters(part)
    font = parts[0] if len(parts) == 1 else _merged(parts)
    _rename(font, face.name)
    path = output / f"{face.name}.ttf"
    font.save(path, reorderTables=True)
    return path.stat().st_size


def _open(path: Path, axes: Iterable[tuple[str, float]]) -> TTFont:
    font = TTFont(path, recalcTimestamp=False)
    font.flavor = None
    if "fvar" in font:
        font = instantiateVariableFont(font, dict(axes), inplace=True)
    return font


def _freeze_tabular_figures(font: TTFont) -> None:
    """Make the digits of the character map the equally wide ones (OpenType ``tnum``)."""
    tabular = _single_substitutions(font, "tnum")
    for table in font["cmap"].tables:
        for digit in "0123456789":
            glyph = table.cmap.get(ord(digit))
            if glyph in tabular:
                table.cmap[ord(digit)] = tabular[glyph]


def _single_substitutions(font: TTFont, feature: str) -> dict[str, str]:
    if "GSUB" not in font:
        return {}
    table = font["GSUB"].table
    indices = {
        index
        for record in table.FeatureList.FeatureRecord
        if record.FeatureTag == feature
        for index in record.Feature.LookupListIndex
    }
    swaps: dict[str, str] = {}
    for index in sorted(indices):
        for subtable in table.LookupList.Lookup[index].SubTable:
            swaps.update(getattr(getattr(subtable, "ExtSubTable", subtable), "mapping", {}))
    return swaps


def _keep_wanted_characters(font: TTFont) -> None:
    """Subset to ``RANGES``, drop layout tables, keep ``.notdef``."""
    for tag in DROPPED_TABLES:
        if tag in font:
            del font[tag]
    options = SubsetOptions()
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.glyph_names = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for low, high in RANGES for code in range(low, high + 1)])
    subsetter.subset(font)


def _merged(parts: Sequence[TTFont]) -> TTFont:
    """One font from the files of several scripts; the first file wins where two have a character."""
    taken: set[int] = set()
    files = []
    for part in parts:
        for table in part["cmap"].tables:
            table.cmap = {code: glyph for code, glyph in table.cmap.items() if code not in taken}
        taken |= set(part.getBestCmap())
        file = BytesIO()
        part.save(file)
        file.seek(0)
        files.append(file)
    font = Merger(MergeOptions(drop_tables=["vmtx", "vhea"])).merge(files)
    font.recalcTimestamp = False
    font["head"].created = font["head"].modified = parts[0]["head"].modified
    return font


def _rename(font: TTFont, name: str) -> None:
    """Give the face its own name: subsets must not pass for the original family."""
    family, style = name.split("-")
    for record in list(font["name"].names):
        if record.nameID in (1, 2, 3, 4, 6, 16, 17, 25):
            font["name"].removeNames(nameID=record.nameID)
    for identifier, text in ((1, family), (2, style), (3, name), (4, name), (6, name)):
        font["name"].setName(text, identifier, 3, 1, 0x409)


def _kerning_pairs(font: TTFont) -> dict[str, int]:
    """Pair adjustments of the Latin letters in 1/1000 em, ``{"AV": -60}``, from the GPOS pair lookups."""
    if "GPOS" not in font:
        return {}
    characters = {
        glyph: chr(code)
        for code, glyph in sorted(font.getBestCmap().items(), reverse=True)
        if code < 0x2100
    }
    scale = 1000 / font["head"].unitsPerEm
    pairs: dict[str, int] = {}
    for subtable in _pair_subtables(font):
        for left, right, advance in _pairs_of(subtable, characters):
            pairs.setdefault(characters[left] + characters[right], round(advance * scale))
    return {pair: advance for pair, advance in pairs.items() if advance}


def _pair_subtables(font: TTFont) -> Iterable[object]:
    table = font["GPOS"].table
    records = [
        record.Feature for record in table.FeatureList.FeatureRecord if record.FeatureTag == "kern"
    ]
    for index in sorted({index for feature in records for index in feature.LookupListIndex}):
        for subtable in table.LookupList.Lookup[index].SubTable:
            inner = getattr(subtable, "ExtSubTable", subtable)
            if getattr(inner, "PairValueRecord", None) is not None or hasattr(inner, "ClassDef1"):
                yield inner


def _pairs_of(subtable: object, characters: dict[str, str]) -> Iterable[tuple[str, str, int]]:
    lefts = [glyph for glyph in subtable.Coverage.glyphs if glyph in characters]  # type: ignore[attr-defined]
    if subtable.Format == 1:  # type: ignore[attr-defined]
        sets = dict(zip(subtable.Coverage.glyphs, subtable.PairSet, strict=True))  # type: ignore[attr-defined]
        for left in lefts:
            for record in sets[left].PairValueRecord:
                if record.SecondGlyph in characters:
                    yield left, record.SecondGlyph, _advance(record.Value1)
        return
    firsts, seconds = subtable.ClassDef1.classDefs, subtable.ClassDef2.classDefs  # type: ignore[attr-defined]
    for left in lefts:
        row = subtable.Class1Record[firsts.get(left, 0)].Class2Record  # type: ignore[attr-defined]
        for right in characters:
            advance = _advance(row[seconds.get(right, 0)].Value1)
            if advance:
                yield left, right, advance


def _advance(value: object) -> int:
    return int(getattr(value, "XAdvance", 0) or 0)


if __name__ == "__main__":
    sys.exit(main())
