"""The engine counts each row once, whatever the order, the pieces and the repetitions."""

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.rules.connector import RowsRefused, report, tables_to_rows
from tests.integrations.connector_rows import in_units, only, table, tiny

few = settings(max_examples=25, deadline=None)
HEADER = "id date clicks cost conversions synced"
NAMES = table(
    "id name updated_at",
    "1 Old 2026-01-02T09:00:00",
    "1 New 2026-01-02T10:00:00",
    "1 Older 2026-01-02T9:30:00",
)

stats = st.lists(
    st.tuples(
        st.sampled_from(["1", "2"]),
        st.sampled_from(["2026-11-01", "2026-11-02", "2026-11-03"]),
        st.sampled_from(["", "0", "3", "1,250"]),
        st.integers(0, 10**13).map(str),
        st.sampled_from(["", "0.000001", "2.5", "7e-6"]),
        st.sampled_from(["2026-11-04", "2026-11-05 7:00:00"]),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda row: row[:2],
)


def frame(rows: list[tuple[str, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=HEADER.split(), dtype="string")


def answer(rows: pd.DataFrame, names: pd.DataFrame = NAMES) -> pd.DataFrame:
    return report({"stats": rows, "names": names}, tiny(), "campaign")


@few
@given(stats, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[str, ...]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(answer(frame(shuffled), NAMES[::-1]), answer(frame(rows)))


@few
@given(stats, st.integers(0, 12))
def test_a_table_in_pieces_is_the_table(rows: list[tuple[str, ...]], cut: int) -> None:
    pieces = pd.concat([frame(rows[:cut]), frame(rows[cut:])])
    pd.testing.assert_frame_equal(answer(pieces), answer(frame(rows)))


@few
@given(stats)
def test_each_day_alone_gives_the_days_of_the_whole(rows: list[tuple[str, ...]]) -> None:
    days = sorted({row[1] for row in rows})
    alone = [answer(frame([row for row in rows if row[1] == day])) for day in days]
    pd.testing.assert_frame_equal(pd.concat(alone, ignore_index=True), answer(frame(rows)))


@few
@given(stats, st.integers(0, 11))
def test_a_repeated_row_counts_once(rows: list[tuple[str, ...]], again: int) -> None:
    repeated = [*rows, rows[again % len(rows)]]
    pd.testing.assert_frame_equal(answer(frame(repeated)), answer(frame(rows)))


def test_of_two_versions_of_a_row_the_latest_counts() -> None:
    rows = table(
        HEADER,
        "1 2026-11-01 5 1000000 - 2026-11-02T9:00:00",
        "1 2026-11-01 6 2000000 - 2026-11-02T10:00:00",
    )
    assert only(in_units(answer(rows)), "clicks", "spend") == [(6, 2)]


def test_two_figures_of_which_neither_is_later_are_refused() -> None:
    rows = table(HEADER, "1 2026-11-01 5 1 - 2026-11-02", "1 2026-11-01 6 2 - 2026-11-02")
    with pytest.raises(RowsRefused, match="different rows for id 1, date 2026-11-01, and none is"):
        answer(rows)


def test_a_name_is_that_of_the_latest_row_of_its_history() -> None:
    rows = table(HEADER, "1 2026-11-01 5 1 - -", "3 2026-11-01 5 1 - -")
    assert only(in_units(answer(rows)), "campaign_name") == [("New",), (None,)]


def test_no_data_stays_apart_from_zero() -> None:
    rows = table(HEADER, "1 2026-11-01 - 1 - -", "1 2026-11-02 0 1 0 -", "1 2026-11-03 -- 1 2 -")
    assert only(in_units(answer(rows)), "clicks", "conversions") == [(None, 0), (0, 0), (None, 2)]
    untold = rows.drop(columns="conversions")
    assert only(in_units(answer(untold)), "conversions") == [(None,)] * 3


def test_a_blank_number_never_finds_a_blank_name() -> None:
    rows = table(HEADER, "- 2026-11-01 5 1 - -")
    names = table("id name updated_at", "- Nobody 2026-01-01")
    assert only(in_units(answer(rows, names)), "campaign_id", "campaign_name") == [(None, None)]


def test_sums_beyond_what_can_be_kept_are_refused_and_large_ones_exact() -> None:
    big = "9000000000000000000"
    rows = table(HEADER, f"1 2026-11-01 5 {big} - -", f"1 2026-11-02 5 {big} - -")
    assert only(in_units(answer(rows)), "spend") == [(Decimal(big) / 10**6,)] * 2
    twice = tiny(instead={'key = ["id", "date"], latest = ["synced"], ': ""})
    with pytest.raises(RowsRefused, match="no number that can be added up"):
        report({"stats": table(HEADER, *[f"1 2026-11-01 5 {big} - -"] * 2)}, twice, "campaign")


@pytest.mark.parametrize(
    ("cell", "said"),
    [("many", "“many” is no number"), ("1.2.3", "“1.2.3” is no number"), ("NaN", "is no number")],
)
def test_a_cell_that_is_no_number_is_named(cell: str, said: str) -> None:
    with pytest.raises(RowsRefused, match=said) as refused:
        answer(table(HEADER, f"1 2026-11-01 {cell} 1 - -"))
    assert "stats.clicks" in refused.value.message


def test_a_day_that_is_none_is_named() -> None:
    with pytest.raises(RowsRefused, match="date: “2026-02-30” is no day"):
        answer(table(HEADER, "1 2026-02-30 1 1 - -"))


def test_a_missing_table_or_column_is_named() -> None:
    with pytest.raises(RowsRefused, match="The table stats of Tiny Ads is not there"):
        report({"names": NAMES}, tiny(), "campaign")
    with pytest.raises(RowsRefused, match="stats has no column clicks; it has id, date"):
        answer(table("id date cost", "1 2026-11-01 1"))
    assert answer(table(HEADER, "1 2026-11-01 5 1 - -"), NAMES.head(0)) is not None


def test_a_join_that_finds_several_rows_is_refused() -> None:
    loose = tiny(instead={'names = { key = ["id"], latest = ["updated_at"], ': "names = { "})
    with pytest.raises(RowsRefused, match="names has several rows for id 1"):
        report({"stats": table(HEADER, "1 2026-11-01 5 1 - -"), "names": NAMES}, loose, "campaign")


def test_what_several_rows_share_is_never_added_up() -> None:
    shared = tiny(instead={"sum(clicks)": "sum(names.clicks)"})
    names = table("id name clicks updated_at", "1 Brand 7 2026-01-01")
    rows = table(HEADER, "1 2026-11-01 5 1 - -", "1 2026-11-02 5 1 - -")
    with pytest.raises(
        RowsRefused, match=r"names\.clicks belongs to several rows of stats at once"
    ):
        report({"stats": rows, "names": names}, shared, "campaign")
    alone = report({"stats": rows.head(1), "names": names}, shared, "campaign")
    assert only(in_units(alone), "clicks") == [(7,)]


def test_a_count_with_a_fraction_is_no_row_of_an_import() -> None:
    rows = {"stats": table(HEADER, "1 2026-11-01 0.5 1 - -")}
    with pytest.raises(RowsRefused, match="clicks are counted in whole numbers"):
        tables_to_rows(rows, tiny())
