"""Account, campaign, ad group and ad rows of one source: one level counts, the others stand beside."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.invariants import check_all
from core.periods import Period
from integrations import services
from integrations.models import ImportRun, LevelTotal, Source
from integrations.rules.levels import apart, level_of
from integrations.selectors import account_days, level_days
from integrations.services.holds import hold_make, hold_release
from metrics.models import Fact
from metrics.selectors import query
from tests.cast import Cast
from tests.integrations.files import read
from tests.integrations.streams import NOW, Ticking, count, event, make_stream, send
from tests.world import AT, TODAY

NOVEMBER = Period("november", date(2026, 11, 1), date(2026, 11, 30))
CAMPAIGNS = "Date,Campaign,Currency,Impressions,Clicks,Cost\n"
ADS = "Date,Campaign,Ad name,Currency,Impressions,Clicks,Cost\n"
GROUPS = "Date,Campaign,Ad group,Currency,Impressions,Clicks,Cost\n"


def bring(cast: Cast, tmp_path: object, text: str, minutes: int = 0) -> ImportRun:
    from pathlib import Path

    file = Path(str(tmp_path), f"export{minutes}.csv")
    file.write_text(text, encoding="utf-8")
    at = AT + timedelta(minutes=minutes)
    run = services.run_upload(
        team=cast.dach, file=file, name=file.name, actor=cast.manager.as_actor(), at=at,
        user=cast.manager,
    )  # fmt: skip
    services.run_check(run, today=TODAY)
    services.run_import(run, actor=cast.manager.as_actor(), at=at, today=TODAY, confirm=True)
    return run


def spend() -> int:
    rows = query(metrics=["spend"], period=NOVEMBER, viewer=None).rows
    return int(rows[0]["spend"]) if rows else 0


@pytest.mark.feature("3.4")
def test_ads_after_campaigns_are_kept_beside_and_never_added(cast: Cast, tmp_path: object) -> None:
    bring(cast, tmp_path, CAMPAIGNS + "2026-11-01,Winter,EUR,1000,20,50.00\n")
    run = bring(
        cast, tmp_path,
        ADS + "2026-11-01,Winter,A,EUR,600,12,30.00\n2026-11-01,Winter,B,EUR,300,5,15.00\n", 1,
    )  # fmt: skip
    assert spend() == 50_000_000
    assert any(warning["code"] == "OTHER_LEVEL" for warning in run.warnings)
    (day,) = level_days(Source.objects.get(), NOVEMBER, "spend")
    assert (day.loaded_level, day.loaded) == ("Campaign", 50_000_000)
    assert day.beside == {"Ad": 45_000_000}
    assert day.residual("Ad") == -5_000_000


def test_campaigns_after_ads_are_kept_beside(cast: Cast, tmp_path: object) -> None:
    bring(cast, tmp_path, ADS + "2026-11-01,Winter,A,EUR,600,12,30.00\n")
    bring(cast, tmp_path, CAMPAIGNS + "2026-11-01,Winter,EUR,1000,20,50.00\n", 1)
    assert spend() == 30_000_000
    (day,) = level_days(Source.objects.get(), NOVEMBER, "spend")
    assert (day.loaded_level, day.residual("Campaign")) == ("Ad", 20_000_000)


def test_other_days_of_another_level_are_loaded(cast: Cast, tmp_path: object) -> None:
    bring(cast, tmp_path, CAMPAIGNS + "2026-11-01,Winter,EUR,1000,20,50.00\n")
    bring(
        cast, tmp_path,
        ADS + "2026-11-01,Winter,A,EUR,600,12,30.00\n2026-11-02,Winter,A,EUR,300,5,15.00\n", 1,
    )  # fmt: skip
    assert spend() == 65_000_000


def test_a_total_for_the_campaign_in_a_file_of_ads_is_no_ad(cast: Cast, tmp_path: object) -> None:
    bring(
        cast, tmp_path,
        ADS + "2026-11-01,Winter,,EUR,900,17,46.00\n2026-11-01,Winter,A,EUR,600,12,30.00\n"
        "2026-11-01,Winter,B,EUR,300,5,15.00\n",
    )  # fmt: skip
    assert spend() == 45_000_000
    (day,) = level_days(Source.objects.get(), NOVEMBER, "spend")
    assert day.residual("Campaign") == 1_000_000


def test_ad_groups_after_campaigns_do_not_restate_them(cast: Cast, tmp_path: object) -> None:
    bring(cast, tmp_path, CAMPAIGNS + "2026-11-01,Winter,EUR,1000,20,50.00\n")
    bring(
        cast, tmp_path,
        GROUPS + "2026-11-01,Winter,One,EUR,600,12,30.00\n2026-11-01,Winter,Two,EUR,300,5,19.00\n",
        1,
    )  # fmt: skip
    assert spend() == 50_000_000
    (day,) = level_days(Source.objects.get(), NOVEMBER, "spend")
    assert day.beside == {"Ad group": 49_000_000}


def test_the_same_level_again_restates(cast: Cast, tmp_path: object) -> None:
    bring(cast, tmp_path, CAMPAIGNS + "2026-11-01,Winter,EUR,1000,20,50.00\n")
    bring(cast, tmp_path, CAMPAIGNS + "2026-11-01,Winter,EUR,1000,20,55.00\n", 1)
    assert spend() == 55_000_000
    assert not LevelTotal.objects.exists()


def test_a_file_split_by_device_beside_one_that_is_not(cast: Cast, tmp_path: object) -> None:
    bring(cast, tmp_path, CAMPAIGNS + "2026-11-01,Winter,EUR,1000,20,50.00\n")
    bring(
        cast, tmp_path,
        "Date,Campaign,Device,Currency,Impressions,Clicks,Cost\n"
        "2026-11-01,Winter,Mobile,EUR,600,12,30.00\n2026-11-01,Winter,Desktop,EUR,400,8,20.00\n", 1,
    )  # fmt: skip
    assert spend() == 50_000_000


def test_totals_of_an_undone_import_are_no_totals(cast: Cast, tmp_path: object) -> None:
    bring(cast, tmp_path, CAMPAIGNS + "2026-11-01,Winter,EUR,1000,20,50.00\n")
    run = bring(
        cast, tmp_path,
        ADS + "2026-11-01,Winter,A,EUR,600,12,30.00\n2026-11-02,Winter,A,EUR,300,5,15.00\n", 1,
    )  # fmt: skip
    services.run_undo(run, user=cast.director, reason="Wrong", at=AT + timedelta(hours=1))
    assert level_days(Source.objects.get(), NOVEMBER, "spend") == []


def test_the_platform_s_own_total_stands_beside_the_rows(cast: Cast, tmp_path: object) -> None:
    bring(
        cast, tmp_path,
        "Day,Campaign,Currency code,Impr.,Clicks,Cost\n2026-11-01,Winter,EUR,1000,20,50.00\n"
        "2026-11-02,Winter,EUR,1000,20,50.00\nTotal: Account,,EUR,2000,40,100.00\n",
    )  # fmt: skip
    (total,) = account_days(Source.objects.get(), NOVEMBER, "spend")
    assert (total.stated, total.loaded, total.residual) == (100_000_000, 100_000_000, 0)


def test_held_rows_stay_held_when_the_file_comes_again(cast: Cast, tmp_path: object) -> None:
    text = CAMPAIGNS + "2026-11-01,Winter,EUR,1000,20,50.00\n2026-11-02,Winter,EUR,900,20,40.00\n"
    bring(cast, tmp_path, text)
    source, line = Source.objects.get(), Fact.objects.first()
    assert line
    hold = hold_make(
        source=source, keys=[(line.line_id, date(2026, 11, 1))], reason="Doubtful",
        actor=cast.manager.as_actor(), user=cast.manager, at=AT + timedelta(minutes=1),
    )  # fmt: skip
    assert spend() == 40_000_000
    again = bring(cast, tmp_path, text, 2)
    assert (again.state, spend()) == ("unchanged", 40_000_000)
    bring(cast, tmp_path, text.replace("50.00", "51.00"), 3)
    assert spend() == 40_000_000
    hold_release(hold, user=cast.manager, reason="Right", at=AT + timedelta(minutes=5))
    assert spend() == 91_000_000


ROWS = st.lists(
    st.tuples(st.sampled_from(["1", "2"]), st.sampled_from("ab"), st.sampled_from(["", "G"]),
              st.sampled_from(["", "X"]), st.integers(0, 99)),
    min_size=1, max_size=12,
)  # fmt: skip


@given(ROWS)
def test_nothing_is_lost_and_no_day_mixes_levels(
    rows: list[tuple[str, str, str, str, int]],
) -> None:
    text = "Date,Campaign,Ad group,Ad name,Currency,Impressions\n" + "".join(
        f"2026-11-0{day},{campaign},{group},{ad},EUR,{n}\n" for day, campaign, group, ad, n in rows
    )
    found = read(text).rows
    if found.empty:
        return
    loaded, totals = apart(found)
    assert len(loaded) + sum(len(part) for part in totals.values()) == len(found)
    for _, part in loaded.groupby(["day", "campaign_name"], observed=True):
        levels = {level_of(part.loc[[row]]) for row in part.index}
        assert len(levels) == 1


def _into(source: Source, cast: Cast, tmp_path: object, text: str, minutes: int = 0) -> ImportRun:
    """The same file, imported into a source that is there."""
    from pathlib import Path

    file = Path(str(tmp_path), f"own{minutes}.csv")
    file.write_text(text, encoding="utf-8")
    at = NOW + timedelta(minutes=minutes)
    run = services.run_upload(
        team=cast.dach, file=file, name=file.name, actor=cast.manager.as_actor(), at=at,
        user=cast.manager, source=source,
    )  # fmt: skip
    services.run_check(run, today=TODAY + timedelta(days=1))
    services.run_import(
        run, actor=cast.manager.as_actor(), at=at, today=TODAY + timedelta(days=1), confirm=True
    )
    return run


ON = "2026-11-22"


@pytest.mark.feature("3.3")
@pytest.mark.parametrize(("header", "cells"), [(ADS, "A"), (GROUPS, "One")])
def test_a_finer_file_after_a_streams_day_is_kept_beside(
    cast: Cast, tmp_path: object, header: str, cells: str
) -> None:
    stream = make_stream(cast)
    send(cast, stream, [event(1, amount="50.00")])
    count()
    run = _into(
        stream.source, cast, tmp_path, header + f"{ON},Winter,{cells},EUR,600,12,30.00\n", 60
    )
    assert spend() == 50_000_000
    assert any(warning["code"] == "OTHER_LEVEL" for warning in run.warnings)
    assert [held for held in check_all() if not held.is_kept] == []


@pytest.mark.feature("3.3")
@pytest.mark.parametrize(("header", "cells"), [(ADS, "A"), (GROUPS, "One")])
def test_a_streams_day_after_a_finer_file_is_kept_beside_and_said_once(
    cast: Cast, tmp_path: object, header: str, cells: str
) -> None:
    stream = make_stream(cast)
    _into(stream.source, cast, tmp_path, header + f"{ON},Winter,{cells},EUR,600,12,30.00\n")
    for number in (1, 2):
        at = NOW + timedelta(minutes=number)
        send(cast, stream, [event(number, amount="25.00")], at=at)
        count(Ticking(at))
    assert spend() == 30_000_000
    assert LevelTotal.objects.get(level="campaign").spend == 50_000_000
    run = ImportRun.objects.get(origin="stream")
    assert [warning["code"] for warning in run.warnings] == ["OTHER_LEVEL"]
    assert [held for held in check_all() if not held.is_kept] == []


@pytest.mark.feature("3.3")
def test_a_held_day_of_a_stream_stays_held_when_more_comes(cast: Cast) -> None:
    stream = make_stream(cast)
    send(cast, stream, [event(1, amount="50.00")])
    count()
    fact = Fact.objects.get()
    at = NOW + timedelta(minutes=1)
    held = hold_make(
        source=stream.source, keys=[(fact.line_id, fact.day)], reason="wrong price",
        actor=cast.director.as_actor(), at=at,
    )  # fmt: skip
    later = NOW + timedelta(minutes=2)
    send(cast, stream, [event(2, amount="7.00")], at=later)
    count(Ticking(later))
    assert spend() == 0
    assert [held for held in check_all() if not held.is_kept] == []
    hold_release(held, user=cast.director, reason="right after all", at=NOW + timedelta(hours=1))
    assert spend() == 57_000_000
