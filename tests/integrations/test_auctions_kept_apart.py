"""Auction insights of an older export, or of another ad account, never replace what stands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from core.errors import Invalid
from integrations import services
from integrations.choices import RunState
from metrics.choices import OURS
from tests.auctions import WEEK_1, WEEK_2, changed, weekly
from tests.cast import Cast
from tests.customers.files import bring_in, upload
from tests.integrations.test_auction_insights import NEW, OLD, kept
from tests.integrations.test_pages import browser, page
from tests.world import AT, TODAY

pytestmark = [pytest.mark.feature("14.1"), pytest.mark.django_db]
LATER = AT + timedelta(hours=1)
OLDER = weekly(*changed(WEEK_1, "30.5%", "29%"))


def test_an_older_report_after_a_newer_one_is_refused_and_says_why(cast: Cast) -> None:
    bring_in(cast, weekly())
    run = upload(cast, OLDER, at=LATER)
    assert run.verdict == "REFUSE"
    shown = page(browser(cast.manager), run)
    assert "one that goes up to" in shown
    assert "1 share differently" in shown
    with pytest.raises(Invalid):
        services.run_import(run, actor=cast.manager.as_actor(), at=LATER, today=TODAY)
    assert kept()["alpine.example", OLD] == (305_000, "")


def test_a_second_person_may_let_the_older_report_pass(cast: Cast) -> None:
    bring_in(cast, weekly())
    run = upload(cast, OLDER, at=LATER)
    services.run_override(
        run, user=cast.director, reason="Google corrected that week", today=TODAY, at=LATER
    )
    services.run_import(run, actor=cast.manager.as_actor(), at=LATER, today=TODAY)
    assert kept()["alpine.example", OLD] == (290_000, "")


def test_an_older_report_that_says_the_same_or_adds_to_it_is_fine(cast: Cast) -> None:
    bring_in(cast, weekly(*WEEK_2))
    assert upload(cast, weekly(*WEEK_1), at=LATER).verdict == "ACCEPT"
    bring_in(cast, weekly(), at=LATER)
    assert upload(cast, weekly(*WEEK_1), at=LATER).verdict == "ACCEPT"


def test_a_newer_report_restates_what_it_covers(cast: Cast) -> None:
    bring_in(cast, weekly(*WEEK_1))
    bring_in(cast, weekly(*changed((*WEEK_1, *WEEK_2), "30.5%", "31%")), at=LATER)
    assert kept()["alpine.example", OLD] == (310_000, "")
    assert kept()[OURS, NEW] == (500_000, "")


def test_another_ad_account_of_the_team_is_refused_and_the_same_one_is_not(cast: Cast) -> None:
    bring_in(cast, weekly(), account="111")
    other = upload(cast, weekly(*changed(WEEK_2, "38.5%", "9%")), at=LATER, account="222")
    assert other.verdict == "REFUSE"
    assert "two ad accounts" in page(browser(cast.manager), other)
    nameless = upload(cast, weekly(*changed(WEEK_2, "38.5%", "9%")), at=LATER)
    assert nameless.verdict == "REFUSE"
    bring_in(cast, weekly(*changed((*WEEK_1, *WEEK_2), "38.5%", "40%")), at=LATER, account="111")
    assert kept()["alpine.example", NEW] == (400_000, "")


def test_the_page_of_the_import_calls_them_shares(cast: Cast) -> None:
    client = browser(cast.manager)
    run = upload(cast, weekly())
    answer = client.post(reverse("integrations:run-import", args=[run.pk]), follow=True)
    shown = answer.content.decode()
    assert "shares were new or different" in shown
    assert "facts were" not in shown
    run.refresh_from_db()
    assert run.state == RunState.IMPORTED
