"""Every word that numbers hang on: measures, metrics, dimensions, and columns of files."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from integrations.rules.answers import AMOUNTS, FRACTIONS
from integrations.rules.layouts import FOLDER, layouts
from metrics.selectors import DIMENSIONS, MEASURE_LABELS, METRICS

KINDS = ("Measure", "Metric", "Dimension", "Column")
_MOST_HEADERS = 8


@dataclass(frozen=True, slots=True)
class Term:
    """A word with what it means and where it comes from."""

    kind: str
    key: str
    label: str
    meaning: str
    origin: str


@cache
def dictionary() -> Sequence[Term]:
    """Every term, in the order people read them: measures, metrics, dimensions, columns."""
    return (*_measures(), *_metrics(), *_dimensions(), *_columns())


def _measures() -> Iterator[Term]:
    headers = _headers_of_targets()
    for key, label in MEASURE_LABELS.items():
        unit = "An amount in the account’s currency" if key in AMOUNTS else "A count"
        whole = ", kept to a millionth" if key in FRACTIONS else ", whole numbers"
        found = headers.get(key, [])
        yield Term(
            "Measure", key, label,
            f"{unit}{whole}. It adds up over days, campaigns and channels; missing is not zero.",
            "Column " + " · ".join(found[:_MOST_HEADERS]) if found else "Not in any layout",
        )  # fmt: skip


def _metrics() -> Iterator[Term]:
    for metric in METRICS.values():
        yield Term("Metric", metric.key, metric.label, metric.description, metric.formula)


def _dimensions() -> Iterator[Term]:
    for key, dimension in DIMENSIONS.items():
        origin = "The day of the row" if dimension.is_time else "The campaign line of the row"
        if not dimension.of_line and not dimension.is_time:
            origin = "The row itself"
        yield Term(
            "Dimension", key, dimension.label, "Numbers can be split and filtered by it.", origin
        )
    yield Term(
        "Dimension", "segment:…", "Segment", "Any further split a file has, such as device.",
        "A column of the file that is neither a measure nor a name",
    )  # fmt: skip
    yield Term(
        "Dimension", "name:…", "Part of the name", "What a campaign’s name says, such as its market.",
        "The team’s naming rule",
    )  # fmt: skip


def _columns() -> Iterator[Term]:
    for layout in layouts().values():
        for target, header, language in _written(layout.key):
            label = MEASURE_LABELS.get(target, target.removeprefix("segment.").replace("_", " "))
            yield Term(
                "Column", header, header, f"Goes to {label.lower()}.",
                f"{layout.name}, {_language(language)}",
            )  # fmt: skip
        for reason, headers in _left_out(layout.key):
            for header in headers:
                yield Term("Column", header, header, f"Not imported: {reason}", layout.name)


def _headers_of_targets() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for layout in layouts().values():
        for target, header, language in _written(layout.key):
            if language in ("en", "any"):
                found[target].append(f"“{header}” ({layout.name})")
    return found


def _written(key: str) -> Iterator[tuple[str, str, str]]:
    source = tomllib.loads((FOLDER / f"{key}.toml").read_text("utf-8"))
    for section, prefix in (("columns", ""), ("fallback", ""), ("segments", "segment.")):
        for target, by_language in source.get(section, {}).items():
            for language, headers in by_language.items():
                for header in headers:
                    yield f"{prefix}{target}", header, language


def _left_out(key: str) -> Iterator[tuple[str, Sequence[str]]]:
    source = tomllib.loads((FOLDER / f"{key}.toml").read_text("utf-8"))
    for group in source.get("left_out", {}).values():
        yield group["why"], group["headers"]


_LANGUAGES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian",
    "pt": "Portuguese", "nl": "Dutch", "pl": "Polish", "sv": "Swedish", "da": "Danish",
    "ja": "Japanese", "any": "any language",
}  # fmt: skip


def _language(key: str) -> str:
    return _LANGUAGES.get(key, key)
