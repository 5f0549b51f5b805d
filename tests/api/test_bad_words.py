"""A parameter that names one of some words, or a number, refuses anything else and says where."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.api.test_out_of_sight import ROUTES, operations
from tests.cast import Cast
from tests.config.test_permissions import address

# These fall back to all, or to one day, as their pages do.
LENIENT = {
    ("api-budget-pacing", "risk"),
    ("api-dictionary", "kind"),
    ("api-lineage-rows", "days"),
}
NONSENSE = "²nonsense", "²"


def closed(parameter: dict[str, Any]) -> bool:
    """Whether the description says which values there are; sizes of a page fall back."""
    kind = parameter["schema"]
    is_ours = parameter["in"] == "query" and parameter["name"] != "per_page"
    return is_ours and ("enum" in kind or kind.get("type") == "integer")


ASKED = [
    (name, parameter["name"])
    for name, method, operation in operations()
    if method == "get"
    for parameter in operation.get("parameters", [])
    if closed(parameter) and (name, parameter["name"]) not in LENIENT
]


@pytest.mark.parametrize(("name", "parameter"), ASKED, ids=str)
def test_a_word_that_is_none_of_those_described_is_refused(
    name: str, parameter: str, cast: Cast
) -> None:
    client = Client()
    client.force_login(cast.director)
    url = address(ROUTES[name], cast).partition("?")[0]
    for word in NONSENSE:
        answer = client.get(url, {parameter: word})
        assert 400 <= answer.status_code < 500, f"{answer.status_code} for {parameter}={word}"
