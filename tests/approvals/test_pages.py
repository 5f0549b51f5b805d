"""Pages of approvals: inbox, one request, deciding, the mail's confirm page, the policy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from approvals import services
from approvals.choices import Outcome, RequestState
from approvals.models import ChangeRequest, Comment, Decision, Policy
from core.models import Event
from tests.approvals.actions import ADDING, AT, ask, decide, execute
from tests.cast import Cast
from tests.sign_in import signed_in

LATER = AT + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _at() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


def browser(user: User) -> Client:
    return signed_in(user)


def open_page(user: User, page: str, *args: Any, **query: str) -> Any:
    return browser(user).get(reverse(page, args=args), query)


def send(user: User, page: str, *args: Any, **data: Any) -> Any:
    return browser(user).post(reverse(page, args=args), data)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def say(request: ChangeRequest, user: User, outcome: str, reason: str = "", **also: str) -> Any:
    data = {"outcome": outcome, "reason": reason, "content_hash": request.content_hash, **also}
    return send(user, "approvals:request-decide", request.pk, **data)


def state(request: ChangeRequest) -> str:
    return ChangeRequest.objects.get(pk=request.pk).state


@pytest.mark.feature("9.1", "2.2")
def test_the_inbox_says_what_waits_and_how_long(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    ask(cast.manager, cast.dach, units=60_000)
    shown = open_page(cast.director, "approvals:inbox")
    assert "1 request waits for you; it lapses in 13 d 23 h" in text(shown)
    assert [row.record for row in shown.context["table"].page_rows] == [request]
    assert "No request waits for you" in text(open_page(cast.manager, "approvals:inbox"))
    mine = open_page(cast.manager, "approvals:inbox", show="mine")
    assert mine.context["table"].count == 2
    everything = open_page(cast.auditor, "approvals:inbox", show="all", state="rejected")
    assert everything.context["table"].count == 0
    # An administrator asks for changes of the policy; others' requests stay out of sight.
    assert open_page(cast.admin, "approvals:inbox", show="all").context["table"].count == 0
    assert "2 waiting" not in text(open_page(cast.auditor, "approvals:policy"))


def test_the_inbox_tells_how_long_decisions_took(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    with time_machine.travel(LATER - timedelta(minutes=4), tick=False):
        open_page(cast.director, "approvals:request", request.pk)
    say(request, cast.director, Outcome.APPROVE)
    tiles = open_page(cast.director, "approvals:inbox").context["tiles"]
    assert [(tile.label, tile.value) for tile in tiles] == [
        ("From opened to decided", "4 m"),
        ("Waiting until opened", "56 m"),
    ]


def test_the_inbox_keeps_its_ways_on_one_row(cast: Cast) -> None:
    """On a phone each button above the list would be a row of it."""
    shown = text(open_page(cast.director, "approvals:inbox"))
    actions = shown.split('<div class="page-actions">')[1].split("</header>")[0]
    outside, menu = actions.split('<div class="menu"')
    assert outside.count('class="btn') == 2
    for way in ("approvals:away", "approvals:policy"):
        assert f'href="{reverse(way)}"' in menu


def test_the_inbox_is_exported(cast: Cast) -> None:
    ask(cast.manager, cast.dach)
    response = open_page(cast.director, "approvals:inbox", show="all", export="csv")
    assert "Rename DACH" in response.content.decode("utf-8-sig")


@pytest.mark.feature("9.1")
def test_a_request_shows_before_and_after_steps_and_evidence(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    shown = open_page(cast.director, "approvals:request", request.pk)
    assert "Step 1 of 1 is yours" in text(shown)
    assert "You, Mara Lindqvist or Greta Holm or Ivo Marek" in text(shown)
    assert "a brand study" in text(shown)
    assert "raw_micros" not in text(shown)
    assert request.content_hash in text(shown)
    row = shown.context["effects"].page_rows[0]
    assert [cell.value for cell in row.cells] == ["Name", "DACH", "New name"]
    other = open_page(cast.analyst, "approvals:request", request.pk)
    assert "waits for a marketing director or an executive" in text(other)
    assert 'name="outcome"' not in text(other)
    for user in (cast.other_director, cast.uk_manager, cast.nobody):
        assert open_page(user, "approvals:request", request.pk).status_code in (403, 404)


@pytest.mark.feature("9.1")
def test_deciding_on_the_page(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    assert say(request, cast.director, Outcome.APPROVE).url == request.get_absolute_url()
    assert state(request) == RequestState.APPROVED
    again = browser(cast.executive)
    data = {"outcome": "approve", "content_hash": request.content_hash}
    answer = again.post(reverse("approvals:request-decide", args=[request.pk]), data, follow=True)
    assert "is approved, so nothing was changed" in text(answer)
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [("manager", 403), ("analyst", 403), ("admin", 404), ("auditor", 403), ("other_director", 404)],
)
def test_a_decision_of_the_wrong_person_is_refused_and_changes_nothing(
    cast: Cast, who: str, status: int
) -> None:
    request = ask(cast.manager, cast.dach)
    assert say(request, getattr(cast, who), Outcome.APPROVE).status_code == status
    assert state(request) == RequestState.OPEN
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("outcome", "reason", "status"),
    [("reject", "", 422), ("maybe", "x", 422), ("reject", "No", 302)],
)
def test_a_rejection_on_the_page_needs_its_reason(
    cast: Cast, outcome: str, reason: str, status: int
) -> None:
    request = ask(cast.manager, cast.dach)
    assert say(request, cast.director, outcome, reason).status_code == status
    assert state(request) == ("rejected" if status == 302 else "open")


def test_above_the_limit_the_page_offers_to_recommend(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach, units=20_000)
    page = text(open_page(cast.director, "approvals:request", request.pk))
    assert 'value="recommend"' in page
    assert 'value="approve"' not in page
    assert say(request, cast.director, Outcome.APPROVE).status_code == 403
    say(request, cast.director, Outcome.RECOMMEND, "Worth it")
    page = text(open_page(cast.executive, "approvals:request", request.pk))
    assert "recommended by Mara Lindqvist" in page


def test_comments_are_escaped_and_shown(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    send(cast.director, "approvals:request-comment", request.pk, text="<b>Why</b> now?")
    page = text(open_page(cast.manager, "approvals:request", request.pk))
    assert "&lt;b&gt;Why&lt;/b&gt; now?" in page
    assert Comment.objects.get().user == cast.director
    empty = send(cast.director, "approvals:request-comment", request.pk, text=" ")
    assert empty.status_code == 422
    unseen = send(cast.other_director, "approvals:request-comment", request.pk, text="x")
    assert unseen.status_code == 404


@pytest.mark.feature("9.1")
def test_a_draft_is_sent_and_a_request_withdrawn_by_who_asked(cast: Cast) -> None:
    draft = ask(cast.manager, cast.dach, submit=False)
    assert "Send for approval" in text(open_page(cast.manager, "approvals:request", draft.pk))
    send(cast.manager, "approvals:request-submit", draft.pk)
    assert state(draft) == RequestState.OPEN
    assert send(cast.director, "approvals:request-withdraw", draft.pk).status_code == 403
    assert state(draft) == RequestState.OPEN
    send(cast.manager, "approvals:request-withdraw", draft.pk, reason="Too early")
    assert state(draft) == RequestState.WITHDRAWN


def test_what_moved_since_is_said_and_cannot_be_approved(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    cast.dach.name = "Renamed"
    cast.dach.save()
    page = text(open_page(cast.director, "approvals:request", request.pk))
    assert "The plan has moved since this was asked for" in page
    say(request, cast.director, Outcome.APPROVE)
    assert state(request) == RequestState.OPEN


def test_a_decided_request_shows_what_was_decided_not_todays_world(cast: Cast) -> None:
    request = execute(decide(ask(cast.manager, cast.dach), cast.director))
    shown = open_page(cast.manager, "approvals:request", request.pk)
    row = shown.context["effects"].page_rows[0]
    assert [cell.value for cell in row.cells] == ["Name", "DACH", "New name"]
    assert "Mara Lindqvist · approved" in text(shown)
    assert [entry.title for entry in shown.context["history"]] == [
        "Carried out",
        "Approved",
        "Sent for approval",
        "Written",
    ]


def mail_link(request: ChangeRequest, user: User) -> str:
    return services.confirm_url(request, user).partition("://")[2].partition("/")[2]


@pytest.mark.feature("9.1")
def test_the_link_of_a_mail_decides_nothing_until_its_person_presses(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    link = f"/{mail_link(request, cast.director)}"
    events = Event.objects.count()
    stranger = Client().get(link)
    assert stranger.status_code == 302
    assert "/accounts/login/" in stranger["Location"]
    shown = browser(cast.director).get(link)
    assert "Rename DACH" in text(shown)
    assert state(request) == RequestState.OPEN
    assert Event.objects.count() == events
    data = {"outcome": "approve", "content_hash": request.content_hash}
    assert Client().post(link, data).status_code == 302
    assert browser(cast.executive).post(link, data).status_code == 403
    assert state(request) == RequestState.OPEN
    browser(cast.director).post(link, data)
    assert state(request) == RequestState.APPROVED
    assert Decision.objects.get().channel == "mail"


def test_a_link_of_a_mail_gives_no_right(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    data = {"outcome": "approve", "content_hash": request.content_hash}
    link = f"/{mail_link(request, cast.analyst)}"
    assert browser(cast.analyst).post(link, data).status_code == 403
    gone = f"/{mail_link(request, cast.director)}"
    cast.director.memberships.all().delete()
    assert browser(cast.director).post(gone, data).status_code in (403, 404)
    assert state(request) == RequestState.OPEN


def test_an_old_or_changed_link_says_so(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    link = f"/{mail_link(request, cast.director)}"
    services.request_edit(
        request=request,
        user=cast.manager,
        payload={**request.payload, "units": 9},
        reason="x",
        at=AT,
    )
    assert "changed after the mail was sent" in text(browser(cast.director).get(link))
    assert browser(cast.director).get(f"{link[:-3]}ab/").status_code == 422
    with time_machine.travel(LATER + timedelta(days=15), tick=False):
        assert "no longer valid" in text(browser(cast.director).get(link))


@pytest.mark.feature("9.1")
def test_the_policy_page_says_who_would_approve(cast: Cast) -> None:
    shown = open_page(cast.analyst, "approvals:policy")
    assert "Above €5,000, up to €50,000" in text(shown)
    assert not Policy.objects.exists()
    answer = open_page(
        cast.director, "approvals:policy", kind=ADDING, amount="20000", team=str(cast.dach.pk)
    )
    assert [step.who for step in answer.context["steps"]] == ["Greta Holm or Ivo Marek"]
    wrong = open_page(cast.director, "approvals:policy", kind=ADDING, amount="-1")
    assert wrong.status_code == 422


def test_search_finds_requests_by_number_title_and_person(cast: Cast) -> None:
    from core import search

    request = ask(cast.manager, cast.dach)
    for words in ("CR-1001", "1001", "rename", "jonas"):
        hits = search.find(cast.director, words)["Requests"]
        assert [hit.url for hit in hits] == [request.get_absolute_url()]
    assert "Requests" not in search.find(cast.other_director, "rename")
