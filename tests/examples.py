"""One example object for every address that needs one, for tests that walk all addresses.

An app's examples stand in `tests/<app>/examples.py`:

    @example("campaigns:edit", "campaigns:clone", "api-campaign")
    def campaign(cast: Cast) -> Keywords:
        return {"pk": make_campaign(cast).pk}

The object belongs to DACH and Jonas, so that the people of the Americas must not see it;
`seen_by_all=True` says that it is meant for everybody with the right. A key "query" is
what stands behind the question mark.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from config.places import PROJECT_ROOT
from tests.cast import Cast

Keywords = dict[str, Any]
Make = Callable[[Cast], Keywords]


@dataclass(frozen=True)
class Example:
    make: Make
    seen_by_all: bool


EXAMPLES: dict[str, Example] = {}


def example(*names: str, seen_by_all: bool = False) -> Callable[[Make], Make]:
    """Say how to make the object that the addresses of these names are about."""

    def keep(make: Make) -> Make:
        EXAMPLES.update(dict.fromkeys(names, Example(make, seen_by_all)))
        return make

    return keep


def load_examples() -> dict[str, Example]:
    """The examples of all apps."""
    for file in sorted((PROJECT_ROOT / "tests").glob("*/examples.py")):
        importlib.import_module(f"tests.{file.parent.name}.examples")
    return EXAMPLES
