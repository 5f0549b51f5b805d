"""Everything a page can read or do, the API can: config/api_twins.csv says by which operation.

A new page or action without a line there fails here; so does a line whose operation is
gone, or lets in other people than the page does.
"""

from __future__ import annotations

import csv
from typing import NamedTuple

import pytest

from config.places import PROJECT_ROOT
from core.routes import SIGNED_IN, Route, routes

OURS = {one.name: one for one in routes() if one.is_ours}
PAGES = [one for one in OURS.values() if not one.is_api]
EVERYBODY = "everybody"


class Twin(NamedTuple):
    page: str
    method: str
    operations: tuple[tuple[str, str], ...]
    reason: str


def _operation(text: str) -> tuple[str, str]:
    method, name = text.split()
    return method, name


def twins() -> list[Twin]:
    with (PROJECT_ROOT / "config" / "api_twins.csv").open(newline="", encoding="utf-8") as file:
        return [
            Twin(
                row["page"],
                row["method"],
                tuple(_operation(part) for part in row["twin"].split(";") if part.strip()),
                row["reason"],
            )
            for row in csv.DictReader(file)
        ]


TWINS = twins()


def test_every_page_and_action_says_its_operation_or_why_there_is_none() -> None:
    asked = {(page.name, method) for page in PAGES for method in page.rights}
    said = [(twin.page, twin.method) for twin in TWINS]
    assert asked - set(said) == set(), "say in config/api_twins.csv which operation does the same"
    assert set(said) - asked == set(), "these pages are gone"
    assert len(said) == len(set(said))


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: f"{twin.method} {twin.page}")
def test_the_operation_exists_and_lets_in_the_same_people(twin: Twin) -> None:
    assert bool(twin.operations) != bool(twin.reason), "an operation, or a reason, not both"
    page = OURS[twin.page]
    for method, name in twin.operations:
        operation = OURS[name]
        assert method in operation.rights, f"{name} does not answer {method}"
        assert _meet(page, twin.method, operation, method), f"{method} {name} is for other people"


def _meet(page: Route, method: str, operation: Route, by: str) -> bool:
    """Whether whoever may open the page finds the operation open; the services ask the rest.

    A page that only reads may gather what several rights show; one that reads and writes
    has the door of a reader.
    """
    pages, theirs = set(page.rights[method]), set(operation.rights[by])
    if SIGNED_IN in pages | theirs or any(right.startswith(EVERYBODY) for right in pages):
        return True
    return method == "GET" or bool(pages & theirs) or page.rights.get("GET") == page.rights[method]
