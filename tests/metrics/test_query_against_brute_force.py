"""Random facts, restatements and undos: every answer equals the one worked out in plain Python."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from campaigns.models import CampaignLine
from core.errors import Conflict
from core.periods import FiscalCalendar, Period
from metrics.models import Batch
from metrics.selectors import query
from tests.cast import Cast
from tests.metrics.brute import Books, Key, Measures
from tests.world import KNOWN, TODAY, make_campaign, make_line

METRICS = ["clicks", "spend", "conversions", "roas", "cpa", "ctr"]
SPLITS: list[list[str]] = [
    [],
    ["line"],
    ["channel"],
    ["team", "month"],
    ["campaign", "source"],
    ["source"],
    ["day"],
    ["channel", "week"],
    ["quarter"],
    ["creative"],
    ["segment"],
    ["segment", "source"],
    ["creative", "month", "channel"],
]
PERIODS = ["2026-08..2026-10", "2026-09", "2026-09-10..2026-10-05", "2026-09-30"]
ASKED = [FiscalCalendar().parse(text, today=TODAY) for text in PERIODS]

small = st.one_of(st.none(), st.integers(-5, 10**9), st.just(0))
measures = st.fixed_dictionaries(
    dict.fromkeys(("impressions", "clicks", "spend", "conversions", "revenue"), small)
)
days = st.sampled_from([date(2026, 8, 30) + timedelta(days=n) for n in range(0, 50, 3)])


def keys(lines: int, lengths: tuple[int, ...]) -> st.SearchStrategy[Any]:
    return st.tuples(
        st.integers(0, lines - 1),
        days,
        st.integers(0, 1),
        st.integers(0, 2),
        st.integers(0, 2),
        st.sampled_from(lengths),
    )


def batches(lengths: tuple[int, ...]) -> st.SearchStrategy[Any]:
    return st.lists(
        st.dictionaries(keys(4, lengths), measures, min_size=1, max_size=12), min_size=1, max_size=4
    )


quick = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


@contextmanager
def forgotten() -> Iterator[None]:
    """What happens inside never happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def lines(cast: Cast) -> list[CampaignLine]:
    shared = make_campaign(cast, "Shared")
    return [
        make_line(cast, shared, channel="search"),
        make_line(cast, shared, channel="email"),
        make_line(cast, channel="search"),
        make_line(cast, channel="search", team=cast.uk, owner=cast.uk_manager),
    ]


def moment(number: int) -> datetime:
    return KNOWN + timedelta(hours=number)


def load_all(books: Books, drawn: list[dict[Any, Measures]]) -> list[Batch]:
    found = []
    for number, facts in enumerate(drawn):
        placed: dict[Key, Measures] = {
            (books.lines[key[0]].pk, *key[1:]): values for key, values in facts.items()
        }
        if batch := books.load(placed, moment(number)):
            found.append(batch)
    return found


def compare(
    books: Books,
    by: list[str],
    period: Period,
    as_of: datetime | None = None,
    where: Mapping[str, list[Any]] | None = None,
) -> None:
    found = query(metrics=METRICS, by=by, where=where, period=period, as_of=as_of, viewer=None)
    rows, totals = books.answer(METRICS, by, period, as_of, where)
    got = {tuple(row[d] for d in by): {m: row[m] for m in METRICS} for row in found.rows}
    assert got == rows, f"{by} {period.key} {as_of} {where}"
    assert {m: found.totals[m] for m in METRICS} == totals, f"{by} {period.key} {as_of} {where}"


@pytest.mark.feature("1.12")
@quick
@given(drawn=batches((1,)), period=st.sampled_from(ASKED))
def test_every_split_of_daily_facts(lines: list[CampaignLine], drawn: Any, period: Period) -> None:
    with forgotten():
        books = Books(lines)
        load_all(books, drawn)
        for by in SPLITS:
            compare(books, by, period)


@pytest.mark.feature("3.2")
@quick
@given(
    drawn=batches((1, 1, 1, 7, 30)),
    undone=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    period=st.sampled_from(ASKED),
    by=st.sampled_from(SPLITS),
)
def test_every_as_of_after_restatements_and_undos(
    lines: list[CampaignLine], drawn: Any, undone: tuple[int, int], period: Period, by: list[str]
) -> None:
    with forgotten():
        books = Books(lines)
        loaded = load_all(books, drawn)
        for number, place in enumerate(undone):
            undo_if_possible(books, loaded, place, moment(10 + number))
        for as_of in (None, *(moment(n) for n in (-1, *range(len(drawn)), 10, 11, 12))):
            compare(books, by, period, as_of)


def undo_if_possible(books: Books, loaded: list[Batch], place: int, at: datetime) -> None:
    """A batch that others changed since must be refused, and then nothing may have moved."""
    if place >= len(loaded) or loaded[place].pk in books.undone:
        return
    with suppress(Conflict), transaction.atomic():
        books.undo(loaded[place], at)


@quick
@given(drawn=batches((1, 1, 5)), line=st.integers(0, 3), period=st.sampled_from(ASKED))
def test_filters(lines: list[CampaignLine], drawn: Any, line: int, period: Period) -> None:
    chosen = lines[line]
    wheres: list[dict[str, list[Any]]] = [
        {"line": [chosen.pk]},
        {"channel": [chosen.channel_id]},
        {"source": [1], "channel": [chosen.channel_id]},
        {"creative": [1, 2]},
        {"segment": [0], "line": [chosen.pk]},
        {"team": [chosen.campaign.team_id]},
    ]
    with forgotten():
        books = Books(lines)
        load_all(books, drawn)
        for where in wheres:
            for by in ([], ["month"], ["line"]):
                compare(books, by, period, where=where)
