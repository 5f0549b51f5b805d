"""Pages of data quality look as they should, in light and dark, on a desk and on a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.models import LevelTotal, QualityIssue, QualityScore
from integrations.services import quality
from tests.cast import Cast
from tests.integrations.test_levels import ADS, CAMPAIGNS, bring
from tests.integrations.test_quality_issues import broken, clean, load, make_source
from tests.journeys.shots import Shots
from tests.world import AT, TODAY, make_line

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_quality_pages(shots: Shots, cast: Cast, tmp_path: object) -> None:
    source = make_source(cast)
    lines = [make_line(cast, name=f"DE_search_Part {n}") for n in (1, 2)]
    clean(source, lines)
    load(source, [broken(lines[0], clicks=99_999, impressions=12)], AT + timedelta(minutes=1))
    load(source, [{**broken(lines[1]), "spend": "-4.20"}], AT + timedelta(minutes=2))
    for back in range(30, 0, -1):
        QualityScore.objects.create(
            source=source, day=TODAY - timedelta(days=back), score=100 - back % 7 * 5, errors=0,
            warnings=0,
        )  # fmt: skip
    quality.naming_save(
        cast.dach, pattern="{market}_{channel}_{campaign}", allowed={"market": ["DE", "AT"]}, utm={},
        user=cast.manager, at=AT,
    )  # fmt: skip
    quality.source_check(source, at=AT + timedelta(minutes=3))
    issue = QualityIssue.objects.get(monitor="clicks")
    bring(cast, tmp_path, CAMPAIGNS + "2026-11-01,Winter,EUR,1000,20,50.00\n", 5)
    bring(cast, tmp_path, ADS + "2026-11-01,Winter,A,EUR,600,12,30.00\n", 6)
    other = LevelTotal.objects.get().source
    shots.sign_in(cast.manager)
    wrong = shots.tour_all(
        [
            ("/imports/quality/", "quality"),
            (f"/imports/quality/{issue.pk}/", "quality-issue"),
            (f"/imports/quality/sources/{source.pk}/", "quality-source"),
            (f"/imports/quality/sources/{other.pk}/levels/?first=2026-11-01", "quality-levels"),
            ("/imports/naming/", "naming"),
            (f"/imports/naming/edit/?team={cast.dach.pk}", "naming-edit"),
            ("/imports/dictionary/", "dictionary"),
        ]
    )
    assert not wrong, "\n".join(wrong)
