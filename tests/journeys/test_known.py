"""Facts as known in the browser: choose a moment, see what changed, follow a number to its file."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from time_machine import travel

from campaigns.models import CampaignLine
from core.periods import Period
from integrations import services as imports
from metrics.models import BatchLine
from metrics.services import month_close
from tests.cast import Cast
from tests.journeys.shots import Shots

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
OCTOBER = Period("2026-10", date(2026, 10, 1), date(2026, 10, 31), "October 2026")
HEAD = "Campaign,Day,Currency code,Keyword,Impr.,Clicks,Cost,Conversions,Conv. value\n"
CAMPAIGNS = {"Winter Layers DACH": 320, "Down & Shell Launch": 260, "Newsletter win-back": 40}


def export(seed: int, until: date, grown: float) -> str:
    """A platform's export up to a day; what it restates of the last three weeks has ``grown``."""
    rows = []
    for name, spend in CAMPAIGNS.items():
        chance = random.Random(f"{name}{seed}")
        for n in range(45):
            day = date(2026, 10, 8) + timedelta(days=n)
            cost = spend * chance.uniform(0.8, 1.2)
            if day > until:
                break
            more = 1 + grown * chance.random() if (until - day).days > 3 and n % 3 else 1
            clicks = int(cost / 0.6)
            rows += [
                f"{name},{day},EUR,{word},{clicks * 35},{clicks // 2},{cost / 2:.2f},"
                f"{clicks * 0.015 * more:.2f},{cost * 2 * more:.2f}\n"
                for word in ("coat", "parka")
            ]
    return HEAD + "".join(rows)


def bring(cast: Cast, folder: Path, name: str, text: str, at: datetime) -> None:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    actor = cast.analyst.as_actor()
    run = imports.run_upload(
        team=cast.dach, file=file, name=name, actor=actor, at=at, user=cast.analyst
    )
    imports.run_check(run, today=at.date())
    imports.run_import(run, actor=actor, user=cast.analyst, at=at, today=at.date(), confirm=True)


@pytest.fixture
def market(cast: Cast, tmp_path: Path) -> Iterator[None]:
    """Two exports of one market: the second restates the first, after October was closed."""
    with travel(NOW, tick=True):
        first = datetime(2026, 11, 3, 6, 0, tzinfo=UTC)
        bring(cast, tmp_path, "google_02_nov.csv", export(7, date(2026, 11, 2), 0), first)
        month_close(
            month=OCTOBER, at=first + timedelta(days=1), actor=cast.auditor.as_actor(),
            user=cast.auditor, reason="Reported to the board",
        )  # fmt: skip
        later = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
        bring(cast, tmp_path, "google_21_nov.csv", export(7, date(2026, 11, 21), 0.3), later)
        yield


def test_the_pages_of_known_facts(shots: Shots, cast: Cast, market: None) -> None:
    shots.sign_in(cast.director)
    line = CampaignLine.objects.get(name="Winter Layers DACH")
    asked = f"metrics=spend,roas&period=2026-11-01..2026-11-02&campaign={line.campaign_id}"
    then = "as_of=2026-11-03T12:00"
    batch = line_batch(line)
    wrong = shots.tour_all(
        [
            (f"/?period=this-quarter&{then}", "known-home"),
            (f"/campaigns/{line.campaign_id}/?{then}", "known-campaign"),
            ("/goals/metrics/roas/", "known-metric"),
            ("/goals/restatements/?measure=conversions&period=this-quarter", "known-restatements"),
            (
                "/goals/restatements/?measure=revenue&by=campaign&period=2026-10",
                "known-by-campaign",
            ),
            ("/goals/months/", "known-months"),
            ("/goals/months/2026-10/?measure=conversions", "known-month"),
            (f"/goals/lineage/?{asked}", "known-lineage"),
            (f"/goals/lineage/{batch}/{line.pk}/2026-11-01/", "known-rows"),
        ]
    )
    assert not wrong, "\n".join(wrong)


def line_batch(line: CampaignLine) -> int:
    return BatchLine.objects.filter(line=line).order_by("batch").values_list("batch", flat=True)[0]


def test_a_moment_is_chosen_carried_and_given_back(shots: Shots, cast: Cast, market: None) -> None:
    shots.sign_in(cast.director)
    with shots.page() as page:
        page.goto("/campaigns/")
        page.get_by_role("button", name="Known at: Now").click()
        page.get_by_label("Day and time").fill("2026-11-03T12:00")
        shots.look(page, "known-choosing")
        page.get_by_role("button", name="Show", exact=True).click()
        banner = page.get_by_text("As known on 3 Nov 2026, 12:00")
        expect(banner).to_be_visible()
        page.get_by_role("link", name="Winter Layers DACH").click()
        expect(banner).to_be_visible()
        page.locator(".as-known").get_by_role("link", name="Back to now").click()
        expect(banner).to_have_count(0)
        page.goto("/campaigns/")
        expect(banner).to_have_count(0)


def test_a_tile_opens_the_drawer_down_to_the_rows(shots: Shots, cast: Cast, market: None) -> None:
    shots.sign_in(cast.director)
    line = CampaignLine.objects.get(name="Winter Layers DACH")
    with shots.page() as page:
        page.goto(f"/campaigns/{line.campaign_id}/?period=2026-11")
        page.get_by_role("link", name="Where Spend comes from").click()
        drawer = page.locator("#drawer")
        expect(drawer.get_by_text("they add up to the sums above exactly")).to_be_visible()
        shots.look(page, "known-drawer")
        drawer.get_by_role("link", name="Rows of Winter Layers DACH").first.click()
        expect(drawer.get_by_text("SHA-256 of the file")).to_be_visible()
        expect(drawer.get_by_role("cell", name="Winter Layers DACH")).to_have_count(2)
        shots.look(page, "known-drawer-rows")


def test_a_click_on_a_point_opens_where_it_comes_from(
    shots: Shots, cast: Cast, market: None
) -> None:
    shots.sign_in(cast.director)
    with shots.page() as page:
        page.goto("/goals/metrics/roas/?period=2026-11")
        page.wait_for_function("() => document.documentElement.dataset.charts === 'drawn'")
        box = page.locator(".chart").first.bounding_box()
        assert box
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(page.locator("#drawer").get_by_text("The question")).to_be_visible()
