"""Exports that hold several tables one below the other, each under a block of ``#`` lines (GA4).

The one table that a known layout recognises is read; the lines of the others are emptied rather
than cut out, so that every row keeps the number an editor gives it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from integrations.rules.answers import Choice, FileRefused, Question
from integrations.rules.codes import Code
from integrations.rules.layouts import GENERIC, Layout, layouts, normal

_MOST_SECTIONS = 100
_LONGEST_HEADER = 4_000


@dataclass(frozen=True, slots=True)
class Section:
    """Lines ``first`` up to ``last`` (from 0, the last not included); its header is ``header``."""

    first: int
    last: int
    header: str


class SectionUnclear(FileRefused):
    """Several tables could be meant; carries the question which one."""

    def __init__(self, sections: list[Section]) -> None:
        sentence = (
            "This file holds several tables one below the other. Which one is to be imported?"
        )
        super().__init__(Code.SEVERAL_TABLES, sentence, column="section")
        options = tuple(
            Choice(str(section.first + 1), f"From line {section.first + 1}", section.header[:200])
            for section in sections
        )
        self.question = Question("section", Code.SEVERAL_TABLES, sentence, options)


def one_section(content: bytes, settings: Mapping[str, str]) -> bytes:
    """``content`` with every table but the wanted one emptied; as it is when it holds only one."""
    if not content.lstrip().startswith(b"#"):
        return content
    lines = content.split(b"\n")
    sections = _sections(lines)
    if len(sections) < 2:
        return content
    wanted = _choose(sections, settings.get("section", ""))
    kept = range(wanted.first, wanted.last)
    return b"\n".join(line if at in kept else b"" for at, line in enumerate(lines))


def _sections(lines: list[bytes]) -> list[Section]:
    """A section is a block of comments with the table below it, up to the next such block."""
    found: list[Section] = []
    start, header, was_comment = 0, "", False
    for at, line in enumerate(lines):
        is_comment = line.startswith(b"#")
        if is_comment and not was_comment and header:
            found.append(Section(start, at, header))
            start, header = at, ""
        if not is_comment and not header and line.strip():
            header = line[:_LONGEST_HEADER].decode("utf-8", "replace").strip()
        was_comment = is_comment or (was_comment and not line.strip())
        if len(found) > _MOST_SECTIONS:
            break
    return [*found, Section(start, len(lines), header)] if header else found


def _choose(sections: list[Section], said: str) -> Section:
    if said:
        named = [section for section in sections if said == str(section.first + 1)]
        if not named:
            raise FileRefused(
                Code.UNKNOWN_CHOICE, f"No table begins in line {said}.", column="section"
            )
        return named[0]
    known = [section for section in sections if any(_knows(x, section) for x in layouts().values())]
    if len(known) != 1:
        raise SectionUnclear(known or sections)
    return known[0]


def _knows(layout: Layout, section: Section) -> bool:
    keys = {normal(cell).key for cell in section.header.split(",")}
    return layout.key != GENERIC and len(layout.distinctive & keys) >= layout.at_least
