"""Chances as people look at them: enough to learn from, too little, and why one is what it is."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import User
from core import events
from core.models import Organisation
from demo.company.people import found_company
from demo.company.prospects import chances_first, plan_prospects
from demo.company.records import Company
from demo.company.reset import MARK
from demo.company.timeline import Moments, Timeline
from demo.market import simulate
from insights.models import Score
from insights.rules.scores import LEADS
from tests.journeys.shots import Shots

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.feature("13.2", "13.8", "13.9", "5.4")
def test_chances_and_what_was_planted(shots: Shots, settings: Any, tmp_path: Path) -> None:
    now = timezone.now()
    moments = Moments(now, ZoneInfo("Europe/Berlin"))
    last_day = moments.today - timedelta(days=1)
    company = Company(simulate(7, last_day - timedelta(days=400), last_day), moments, Timeline())
    found_company(company)
    plan_prospects(company)
    company.timeline.run(lambda *_: None)
    chances_first(now)
    events.record(actor=events.SYSTEM, action=MARK, subject=Organisation.current(), at=now)
    settings.VAR = tmp_path
    ids: dict[str, Any] = {"lines": {}, "optimisations": {}}
    (tmp_path / "demo_truth.json").write_text(
        json.dumps({"truth": dict(company.market.truth), "ids": ids})
    )
    likely = Score.objects.filter(kind=LEADS, is_latest=True).order_by("-chance")[0]
    shots.sign_in(User.objects.get(email__startswith="greta@"))
    wrong = shots.tour_all(
        [
            ("/insights/scores/", "scores-leads"),
            ("/insights/scores/?kind=expansion", "scores-thin"),
            (f"/insights/scores/{likely.pk}/", "score-why"),
            ("/demo/planted/", "planted"),
        ]
    )
    assert not wrong, "\n".join(wrong)
    with shots.page() as page:
        page.goto("/insights/scores/")
        page.locator("#scores .where-col a").first.click()
        page.get_by_text("What raises it").wait_for()
        shots.look(page, "scores-drawer-light-1440")
