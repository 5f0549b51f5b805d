"""Reports as people see them: the archive, a pack with its footnotes, a review to sign; light and dark, desk and phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from core.models import Organisation
from reporting import services
from reporting.models import Report
from tests.cast import Cast
from tests.journeys.shots import Shots
from tests.reporting.conftest import pack_fonts
from tests.reporting.story import Story, create_story
from tests.world import AT, TODAY

__all__ = ["pack_fonts"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("pack_fonts"),
]


@pytest.fixture
def story(cast: Cast) -> Story:
    return create_story(cast)


@pytest.fixture
def review(cast: Cast, story: Story) -> Report:
    period = Organisation.current().calendar.parse("2026-10", today=TODAY)
    services.board_pack(team=cast.company, period=period, at=AT)
    for person in (cast.executive, cast.director):
        services.subscription_set(
            user=cast.executive, recipient=person, kind=Report.Kind.REVIEW, team=cast.dach, at=AT
        )
    return services.performance_review(team=cast.dach, period=period, at=AT)


def test_the_archive_and_a_pack(shots: Shots, cast: Cast, review: Report) -> None:
    shots.sign_in(cast.executive)
    shots.visit("/reports/", "reports-executive")
    pack = Report.objects.get(kind=Report.Kind.BOARD_PACK)
    shots.visit(f"/reports/{pack.pk}/", "report-pack")


def test_a_review_to_sign(shots: Shots, cast: Cast, review: Report) -> None:
    shots.sign_in(cast.manager)
    shots.visit(f"/reports/{review.pk}/", "report-review")


def test_an_empty_archive(shots: Shots, cast: Cast) -> None:
    shots.sign_in(cast.manager)
    shots.visit("/reports/", "reports-empty")


@pytest.mark.feature("9.7")
def test_make_read_a_footnote_and_sign(shots: Shots, cast: Cast, review: Report) -> None:
    """From the archive to a made report, to a footnote, to the signature, with the mouse."""
    shots.sign_in(cast.director)
    with shots.page() as page:
        page.goto(f"{shots.base}/reports/")
        page.get_by_role("link", name=review.title).first.click()
        page.locator("sup.footnote a").first.click()
        expect(page).to_have_url(re.compile("#note-"))
        page.get_by_label("Comment").fill("Move money to Shopping.")
        page.get_by_role("button", name="Sign this report").click()
        expect(page.get_by_text("Move money to Shopping.")).to_be_visible()
    review.refresh_from_db()
    assert review.signed_by == cast.director
