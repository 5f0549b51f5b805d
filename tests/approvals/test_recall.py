"""Recalling, asking again and copying: what ended stays as it is, and nobody loses their past."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from approvals import services
from approvals.choices import RequestState
from approvals.models import ChangeRequest
from approvals.selectors import contributors, history
from core.errors import Conflict, NotAllowed
from tests.approvals.actions import AT, ask, decide, execute, turn
from tests.cast import Cast
from tests.sign_in import signed_in

pytestmark = pytest.mark.feature("9.1")


def recall(cast: Cast, request: ChangeRequest) -> ChangeRequest:
    return services.request_recall(request=request, user=cast.manager, reason="Wrong month", at=AT)


def test_a_recalled_request_is_a_draft_again_and_approvals_are_void(
    cast: Cast, told: list[tuple[str, str]]
) -> None:
    request = decide(ask(cast.manager, cast.dach, units=60_000), cast.executive)
    draft = recall(cast, request)
    assert (draft.state, draft.revision) == (RequestState.DRAFT, 2)
    assert (cast.executive.name, "recalled") in told
    assert (cast.auditor.name, "recalled") in told
    event = history(draft)[0]
    assert event.action == "request.recalled"
    assert (event.after or {})["void_approvals_of"] == [cast.executive.name]
    with pytest.raises(Conflict, match="still a draft"):
        decide(draft, cast.executive)
    sent = services.request_submit(request=draft, user=cast.manager, at=AT)
    assert list(turn(sent)) == ["executive"]
    assert decide(sent, cast.executive2).state == RequestState.OPEN


def test_only_who_asked_recalls_and_only_what_is_not_decided(cast: Cast) -> None:
    request = ask(cast.manager, cast.dach)
    for person in (cast.director, cast.uk_manager, cast.executive):
        with pytest.raises(NotAllowed):
            services.request_recall(request=request, user=person, reason="", at=AT)
    decide(request, cast.director)
    with pytest.raises(Conflict, match="is approved"):
        recall(cast, request)
    with pytest.raises(Conflict, match="still a draft"):
        recall(cast, ask(cast.manager, cast.dach, submit=False))


def test_what_was_sent_back_can_be_recalled(cast: Cast) -> None:
    back = decide(ask(cast.manager, cast.dach), cast.director, "changes", reason="Which market?")
    assert recall(cast, back).state == RequestState.DRAFT


@pytest.mark.parametrize("end", ["rejected", "withdrawn", "executed"])
def test_asking_again_makes_a_draft_that_follows_and_the_old_one_stays_final(
    cast: Cast, end: str
) -> None:
    request = ask(cast.manager, cast.dach, units=700)
    if end == "rejected":
        decide(request, cast.director, "reject", reason="Later")
    elif end == "withdrawn":
        services.request_withdraw(request=request, user=cast.manager, reason="", at=AT)
    else:
        execute(decide(request, cast.director))
    again = services.request_ask_again(request=request_now(request), user=cast.manager, at=AT)
    assert (again.state, again.follows_id) == (RequestState.DRAFT, request.pk)
    assert again.payload == request.payload
    assert request_now(request).state == end
    with pytest.raises(IntegrityError, match="approvals_decided_is_final"), transaction.atomic():
        ChangeRequest.objects.filter(pk=request.pk).update(state=RequestState.OPEN)


def request_now(request: ChangeRequest) -> ChangeRequest:
    return ChangeRequest.objects.get(pk=request.pk)


def test_whoever_had_a_hand_in_the_old_one_does_not_decide_the_new_one(cast: Cast) -> None:
    draft = ask(cast.manager, cast.dach, submit=False)
    services.request_edit(
        request=draft, user=cast.director, payload=draft.payload, reason="Help", at=AT
    )
    sent = services.request_submit(request=draft, user=cast.manager, at=AT)
    for made in (
        services.request_clone(request=sent, user=cast.manager, at=AT),
        services.request_ask_again(
            request=decide(sent, cast.executive, "reject", reason="No"), user=cast.manager, at=AT
        ),
    ):
        assert contributors(made) == {cast.manager.pk, cast.director.pk}
        services.request_submit(request=made, user=cast.manager, at=AT)
        with pytest.raises(NotAllowed, match="took part"):
            decide(made, cast.director)


def test_what_has_not_ended_is_changed_not_asked_for_again(cast: Cast) -> None:
    with pytest.raises(Conflict, match="has not ended"):
        services.request_ask_again(request=ask(cast.manager, cast.dach), user=cast.manager, at=AT)


def test_the_pages_recall_ask_again_copy_and_link_both_ways(cast: Cast) -> None:
    request, browser = ask(cast.manager, cast.dach), signed_in(cast.manager)
    page = browser.get(request.get_absolute_url()).content.decode()
    assert reverse("approvals:request-recall", args=[request.pk]) in page
    browser.post(reverse("approvals:request-clone", args=[request.pk]))
    copy = ChangeRequest.objects.latest("pk")
    assert (copy.state, copy.follows) == (RequestState.DRAFT, None)
    decide(request, cast.director, "reject", reason="No")
    browser.post(reverse("approvals:request-ask-again", args=[request.pk]))
    again = ChangeRequest.objects.get(follows=request)
    assert (
        f'Follows <a class="in-text" href="{request.get_absolute_url()}">'
        in browser.get(again.get_absolute_url()).content.decode()
    )
    assert again.get_absolute_url() in browser.get(request.get_absolute_url()).content.decode()
    refused = signed_in(cast.director).post(reverse("approvals:request-recall", args=[again.pk]))
    assert refused.status_code in (403, 409)


def test_the_api_does_the_same(cast: Cast) -> None:
    request, browser = ask(cast.manager, cast.dach), signed_in(cast.manager)

    def post(what: str, **data: str) -> dict[str, object]:
        answer = browser.post(f"/api/v1/requests/{request.pk}/{what}/", data, "application/json")
        found: dict[str, object] = answer.json()
        return found

    assert post("clone")["state"] == "draft"
    assert post("recall", reason="Later")["state"] == "draft"
    services.request_withdraw(request=request, user=cast.manager, reason="", at=AT)
    assert post("ask-again")["follows"] == request.pk


def test_no_notice_of_what_no_longer_holds_is_mailed(cast: Cast) -> None:
    from automation.models import Notification
    from automation.services.requests import no_longer_fits

    request = ask(cast.manager, cast.dach)
    notice = Notification.objects.get(user=cast.director, key__endswith=":decide")
    assert no_longer_fits(notice, AT) == ""
    recall(cast, request)
    assert "was changed since" in no_longer_fits(notice, AT)
    services.request_withdraw(request=request, user=cast.manager, reason="", at=AT)
    gone = Notification.objects.filter(key__endswith=":recalled").first()
    assert gone
    assert "had no mail about" in no_longer_fits(gone, AT)
    Notification.objects.filter(pk=notice.pk).update(mailed_at=AT)
    assert no_longer_fits(gone, AT) == ""
