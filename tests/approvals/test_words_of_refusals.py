"""Refusals speak of what is on the page, never of a field's inner name."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.errors import Invalid
from tests.approvals.actions import ask
from tests.cast import Cast
from tests.sign_in import signed_in


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"outcome": "approve", "content_hash": "x"}, "The decision could not be read"),
        ({"outcome": "reject", "reason": "x" * 4001}, "The reason has more than 4,000 characters"),
    ],
)
def test_a_decision_that_cannot_be_taken(cast: Cast, data: dict[str, str], words: str) -> None:
    request = ask(cast.manager, cast.dach)
    address = reverse("approvals:request-decide", args=[request.pk])
    answer = signed_in(cast.director).post(address, {"content_hash": "0" * 64, **data})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    for inner in ("content_hash", "<p>reason</p>", "<p>outcome</p>"):
        assert inner not in page


def test_a_comment_and_a_leaving_without_words(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    comment = reverse("approvals:request-comment", args=[request.pk])
    page = signed_in(cast.director).post(comment, {"text": "@Nobody Here"}).content.decode()
    assert "is called “Nobody Here”" in page
    assert "<p>text</p>" not in page
    address = reverse("accounts:person-deactivate", args=[cast.nobody.pk])
    answer = signed_in(cast.admin).post(address, {"reason": ""})
    assert "Say why, for the trail." in answer.content.decode()
    assert "<p>reason</p>" not in answer.content.decode()


def test_a_place_that_people_read_is_kept() -> None:
    assert Invalid("No date.", where="row 12").place == "row 12"
    assert Invalid("No date.", where="content_hash").place == ""
