"""Mentions in comments: suggested from those who can see, told once, refused for who cannot."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from approvals import services
from approvals.models import Comment
from core.errors import Invalid
from tests.approvals.actions import AT, ask
from tests.cast import Cast

pytestmark = pytest.mark.feature("9.5")


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_who_can_see_the_request_is_suggested(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    address = reverse("approvals:request-mentions", args=[request.pk])
    shown = browser(cast.manager).get(address, {"q": "ma"}).content.decode()
    assert "Mara Lindqvist" in shown
    assert "Ivo Marek" in shown
    hidden = browser(cast.manager).get(address, {"q": "da"}).content.decode()
    assert "Dana Cole" not in hidden
    assert "Nobody of that name can see this request" in hidden
    api = browser(cast.manager).get(f"/api/v1/requests/{request.pk}/mentions/", {"q": "gre"})
    assert [person["name"] for person in api.json()] == ["Greta Holm"]
    assert browser(cast.other_director).get(address).status_code == 404


def test_a_mention_is_kept_told_and_highlighted(cast: Cast, told: list[tuple[str, str]]) -> None:
    request = ask(cast.manager, cast.dach)
    told.clear()
    address = reverse("approvals:request-comment", args=[request.pk])
    words = "@greta holm please look, @Mara Lindqvist too; <b>mail@Ada Novak</b>"
    assert browser(cast.manager).post(address, {"text": words}).status_code == 302
    comment = Comment.objects.get()
    named = {cast.executive, cast.director, cast.analyst}
    assert set(comment.mentions.all()) == named
    assert {why for _, why in told} == {"mention"}
    assert len(told) == len(named)
    shown = browser(cast.director).get(request.get_absolute_url()).content.decode()
    assert '<strong class="mention">@Mara Lindqvist</strong>' in shown
    assert "<b>mail" not in shown
    api = browser(cast.director).get(f"/api/v1/requests/{request.pk}/comments/").json()
    assert set(api[0]["mentions"]) == {person.pk for person in named}


@pytest.mark.parametrize("name", ["Dana Cole", "Dina Cole", "Dana", "Žofie Ångström", "Mara"])
def test_out_of_sight_and_unknown_are_refused_alike(cast: Cast, name: str) -> None:
    request = ask(cast.manager, cast.dach)
    with pytest.raises(Invalid) as refused:
        services.request_comment(request=request, user=cast.manager, text=f"Hm, @{name}?", at=AT)
    assert refused.value.message == f"Nobody who can see CR-1001 is called “{name}”."
    assert "full name" in refused.value.remedy
    assert not Comment.objects.exists()


def test_who_left_is_refused_alike(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    User.objects.filter(pk=cast.analyst.pk).update(is_active=False)
    with pytest.raises(Invalid, match="CR-1001 is called “Ada Novak”"):
        services.request_comment(request=request, user=cast.manager, text="@Ada Novak", at=AT)


def test_an_address_or_a_price_is_no_mention(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    words = "me@home.test, 3 @ 5 EUR, @2 EUR, @Greta Holm said"
    services.request_comment(request=request, user=cast.manager, text=words, at=AT)
    assert list(Comment.objects.get().mentions.all()) == [cast.executive]


def test_of_names_that_begin_alike_the_longest_counts(cast: Cast) -> None:
    User.objects.filter(pk=cast.analyst.pk).update(name="Greta Holmgren")
    request = ask(cast.manager, cast.dach)
    comment = services.request_comment(
        request=request, user=cast.manager, text="@Greta Holmgren.", at=AT
    )
    assert list(comment.mentions.all()) == [cast.analyst]


def test_a_delegate_can_be_mentioned_while_they_decide(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    services.absence_create(
        user=cast.director, starts_at=AT, ends_at=AT.replace(day=28), at=AT,
        delegate=cast.other_director,
    )  # fmt: skip
    services.request_comment(request=request, user=cast.manager, text="@Dana Cole?", at=AT)
    assert list(Comment.objects.get().mentions.all()) == [cast.other_director]
