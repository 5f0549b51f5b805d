"""What the documents name is there: links, commands, addresses, settings, parts of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from config.places import PROJECT_ROOT
from tests.architecture.source import nothing, project_files

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
MANAGE = re.compile(r"manage\.py ([a-z_]+)")
MAKE = re.compile(r"(?:^|[`( ])make ([a-z][a-z-]*)(?=[`),.;]|\s+#|\s*$|\s+[A-Z]+=)", re.MULTILINE)
TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
PAGE = re.compile(r"`(/[a-z-]+(?:/[a-z-]+)*/)`")
# `core/events.py`, not `<app>/urls.py`, which stands for one in every app.
FILE = re.compile(r"`((?:[a-z_]+/)+[A-Za-z0-9_-]+\.(?:py|toml|css|ts|csv|md|html|in))`")
FOLDER = re.compile(r"`((?:tests|docs|integrations|reporting)/[a-z_/]+)`")
# Written as code, so that a line of prose ("make sure") is not taken for a target.
CODE = re.compile(r"`[^`\n]+`|^ {4}.+$", re.MULTILINE)
ELSEWHERE = ("http://", "https://", "mailto:")
TEMPLATES = PROJECT_ROOT / "templates"
LONGEST_PERSONA = 90


def documents() -> list[str]:
    return [path for path in project_files() if path.endswith(".md")]


def text_of(path: str) -> str:
    return (PROJECT_ROOT / path).read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    """The names under which a page's headings can be linked to."""
    heads = HEADING.findall(FENCE.sub("", text))
    return {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads}


def broken_links(path: str, text: str) -> Iterator[str]:
    """Relative links that lead nowhere, and anchors that no heading has."""
    for link in LINK.findall(text):
        if link.startswith(ELSEWHERE):
            continue
        place, _, anchor = link.partition("#")
        target = (PROJECT_ROOT / path).parent / place if place else PROJECT_ROOT / path
        if not target.exists():
            yield f"{path}: {link}"
        elif anchor and anchor not in anchors(target.read_text(encoding="utf-8")):
            yield f"{path}: {link} names no heading"


def code_in(text: str) -> str:
    return "\n".join(CODE.findall(text))


def unknown_commands(path: str, text: str) -> Iterator[str]:
    """`manage.py X` and `make X` that do not exist."""
    known, targets = get_commands(), TARGET.findall(text_of("Makefile"))
    for name in MANAGE.findall(text):
        if name not in known:
            yield f"{path}: manage.py {name}"
    for name in MAKE.findall(code_in(text)):
        if name not in targets:
            yield f"{path}: make {name}"


def unknown_pages(path: str, text: str) -> Iterator[str]:
    """Addresses that no page answers."""
    for page in PAGE.findall(text):
        try:
            resolve(page)
        except Resolver404:
            yield f"{path}: {page}"


def unknown_files(path: str, text: str) -> Iterator[str]:
    """Files and folders named from the root, or beside the page, that are not there."""
    here = (PROJECT_ROOT / path).parent
    for name in [*FILE.findall(text), *FOLDER.findall(text)]:
        if not any((place / name).exists() for place in (PROJECT_ROOT, TEMPLATES, here)):
            yield f"{path}: {name}"


def test_links_lead_somewhere() -> None:
    assert "README.md" in documents()
    nothing(found for path in documents() for found in broken_links(path, text_of(path)))


def test_commands_exist() -> None:
    nothing(found for path in documents() for found in unknown_commands(path, text_of(path)))


def test_pages_exist() -> None:
    named = [path for path in documents() if path.startswith(("docs/personas/", "docs/capab"))]
    assert named
    nothing(found for path in named for found in unknown_pages(path, text_of(path)))


def test_files_exist() -> None:
    nothing(found for path in documents() for found in unknown_files(path, text_of(path)))


def test_every_persona_and_capability_is_in_the_index() -> None:
    index = text_of("docs/README.md")
    pages = [p for p in documents() if p.startswith("docs/") and p != "docs/README.md"]
    nothing(path for path in pages if f"({path.removeprefix('docs/')})" not in index)


@pytest.mark.parametrize(
    "role", ["executive", "director", "manager", "analyst", "admin", "auditor"]
)
def test_a_persona_is_one_page(role: str) -> None:
    assert text_of(f"docs/personas/{role}.md").count("\n") <= LONGEST_PERSONA


def test_decisions_are_numbered_once() -> None:
    numbers = [Path(path).name[:4] for path in documents() if path.startswith("docs/decisions/")]
    assert len(numbers) == len(set(numbers))


def test_the_check_finds_each_kind() -> None:
    bad = (
        "[x](nowhere.md) [y](README.md#no-such) `manage.py fly` `make tea` see `/nowhere/at-all/`\n"
    )
    assert len(list(broken_links("README.md", bad))) == 2
    assert len(list(unknown_commands("README.md", bad))) == 2
    assert len(list(unknown_pages("README.md", bad))) == 1
    assert len(list(unknown_files("README.md", "`core/magic.py` and `tests/nowhere`"))) == 2
    good = "[x](README.md) make sure to run `make run` or `manage.py migrate`; see `/alerts/`\n"
    for look in (broken_links, unknown_commands, unknown_pages, unknown_files):
        assert list(look("README.md", good)) == []
