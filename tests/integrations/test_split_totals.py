"""A row that leaves a dimension out: the total of the rows beside it, or a piece of its own."""

from __future__ import annotations

import pytest

from core.periods import Period
from integrations.models import LevelTotal
from integrations.rules.samples import sample
from metrics.selectors import query
from tests.cast import Cast
from tests.integrations.test_levels import NOVEMBER, bring, spend

pytestmark = [pytest.mark.feature("3.4"), pytest.mark.django_db]
HEAD = "Date,Campaign,Device,Currency,Impressions,Clicks,Cost\n"
PIECES = "2026-11-01,Winter,Mobile,EUR,600,12,30.00\n2026-11-01,Winter,Desktop,EUR,300,5,15.00\n"


def _by_device(period: Period = NOVEMBER) -> dict[str, int]:
    rows = query(metrics=["spend"], by=["device"], period=period, viewer=None).rows
    return {str(row["device"]): int(row["spend"]) for row in rows}


def test_a_row_without_device_that_says_all_of_them_is_not_added(
    cast: Cast, tmp_path: object
) -> None:
    run = bring(cast, tmp_path, HEAD + PIECES + "2026-11-01,Winter,,EUR,900,17,45.00\n")
    assert spend() == 45_000_000
    assert LevelTotal.objects.get(split="").spend == 45_000_000
    assert any("added to nothing" in warning["message"] for warning in run.warnings)


def test_a_row_without_device_that_says_something_else_is_a_piece(
    cast: Cast, tmp_path: object
) -> None:
    run = bring(cast, tmp_path, HEAD + PIECES + "2026-11-01,Winter,,EUR,10,1,0.50\n")
    assert spend() == 45_500_000
    assert not LevelTotal.objects.exists()
    assert run.warnings == []


def test_the_total_of_one_day_leaves_the_pieces_of_another(cast: Cast, tmp_path: object) -> None:
    text = HEAD + PIECES + "2026-11-01,Winter,,EUR,900,17,45.00\n"
    bring(cast, tmp_path, text + "2026-11-02,Winter,,EUR,100,1,2.00\n")
    assert spend() == 47_000_000


def test_the_same_file_again_changes_nothing(cast: Cast, tmp_path: object) -> None:
    text = HEAD + PIECES + "2026-11-01,Winter,,EUR,900,17,45.00\n"
    bring(cast, tmp_path, text)
    again = bring(cast, tmp_path, text, 1)
    assert again.state == "unchanged"
    assert spend() == 45_000_000


def test_a_row_of_zeros_beside_zeros_is_no_total(cast: Cast, tmp_path: object) -> None:
    zeros = "2026-11-01,Winter,Mobile,EUR,0,0,0\n2026-11-01,Winter,,EUR,0,0,0\n"
    bring(cast, tmp_path, HEAD + zeros)
    assert not LevelTotal.objects.exists()


def test_the_samples_have_no_such_rows(cast: Cast, tmp_path: object) -> None:
    run = bring(cast, tmp_path, sample("google_ads"))
    assert "SPLIT_TOTAL" not in {warning["code"] for warning in run.warnings}
