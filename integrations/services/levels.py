"""Loading what a source brings: facts at one level, the other levels kept to compare with.

Facts of a line's day come from one level and one split (device, placement ...). What comes at
another is kept as ``LevelTotal`` and added to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pandas as pd
from django.db import connection

from core import outbox
from core.events import Actor
from core.text import counted
from integrations.choices import QUALITY, Level
from integrations.models import EventStream, ImportRun, LevelTotal, Source
from integrations.rules import FRACTIONS, MEASURES, ControlTotal
from integrations.rules.levels import AD, CAMPAIGN, apart, level_of
from integrations.services.frames import facts_of
from integrations.services.holds import hold_again, without_held
from metrics.models import Segment
from metrics.services import LoadResult, Progress, facts_load, lock_teams

LINE_DAY = ["line_id", "day", "period_days"]
MOST_SAID = 3


@dataclass(frozen=True, slots=True)
class _Grain:
    """How a line's day is cut: its level and the dimensions it is split by."""

    level: str
    split: str

    def __str__(self) -> str:
        words = {AD: "ads", CAMPAIGN: "campaigns"}.get(self.level, "ad groups")
        return f"{words} by {self.split}" if self.split else words


def source_load(
    rows: pd.DataFrame,
    *,
    run: ImportRun,
    source: Source,
    actor: Actor,
    at: datetime,
    controls: Sequence[ControlTotal] = (),
    on_progress: Progress | None = None,
) -> LoadResult:
    """Write standard rows as one batch of facts; see the top of this module.

    Held rows stay held, and the source is looked at again once the load is done.
    """
    level = level_of(rows)
    loaded, totals = apart(rows)
    for name, part in totals.items():
        frame = facts_of(_bare(part), run=run, source=source, actor=actor, at=at)
        _keep_totals(frame, _Grain(name, ""), run, source)
    frame = facts_of(loaded, run=run, source=source, actor=actor, at=at)
    if not frame.empty:
        frame = _without_split_totals(frame, run, source)
    _keep_account(controls, run, source)
    run.check_result = {**run.check_result, "level": level}
    result = frame_load(
        frame, level=level, run=run, source=source, actor=actor, at=at, on_progress=on_progress
    )
    if result.batch:
        outbox.enqueue(
            QUALITY,
            f"quality:batch:{result.batch.pk}",
            {"source": source.pk, "batch": result.batch.pk},
            at=at,
        )
    return result


def frame_load(
    frame: pd.DataFrame,
    *,
    level: str,
    run: ImportRun,
    source: Source,
    actor: Actor,
    at: datetime,
    on_progress: Progress | None = None,
) -> LoadResult:
    """Write facts that are all of one level (``metrics.services.facts_load`` says their columns,
    here all of the key); days of another cut and held days do not count."""
    # Two files of different levels at once: the second must see how the first cut its days.
    lock_teams([source.team_id])
    frame = _of_one_grain(frame, level, run, source)
    result = facts_load(
        frame=without_held(frame, source), label=run.file_name, source=source.pk, known_at=at,
        actor=actor, on_progress=on_progress,
    )  # fmt: skip
    if result.batch:
        hold_again(source=source, batch=result.batch, actor=actor, at=at)
    return result


def _without_split_totals(frame: pd.DataFrame, run: ImportRun, source: Source) -> pd.DataFrame:
    """The facts without rows that leave a dimension out and say what the others say together.

    Such a row is the total of its line's day: counted beside the pieces it would double them.
    One that says something else is a piece of which the platform does not know the dimension.
    """
    splits = _splits([int(pk) for pk in frame["segment_id"].unique()])
    if len(set(splits.values())) < 2:
        return frame
    widths = frame["segment_id"].map({pk: len(_keys(text)) for pk, text in splits.items()})
    measures = [name for name in MEASURES if name in frame]
    key = [frame[name] for name in LINE_DAY]
    is_short = widths < widths.groupby(key).transform("max")
    values = frame[measures].fillna(0).astype("int64")
    short = values.where(is_short, 0).groupby(key).transform("sum")
    whole = values.where(~is_short, 0).groupby(key).transform("sum")
    is_total = is_short & (short == whole).all(axis=1) & (whole != 0).any(axis=1)
    if not is_total.any():
        return frame
    _keep_totals(frame[is_total], _Grain(CAMPAIGN, ""), run, source)
    _warn(run, "SPLIT_TOTAL", (
        f"{counted(int(is_total.sum()), 'row leaves', 'rows leave')} a dimension out and "
        f"{'says' if is_total.sum() == 1 else 'say'} as much as the rows beside it: kept as a control "
        "total, and added to nothing."
    ))  # fmt: skip
    return frame[~is_total]


def _keys(split: str) -> list[str]:
    return split.split(", ") if split else []


def _bare(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a total: what is below its level says nothing."""
    return rows.assign(creative_name="", creative_external_id="")


def _of_one_grain(frame: pd.DataFrame, level: str, run: ImportRun, source: Source) -> pd.DataFrame:
    """The facts whose days are new or cut the same way; the others are kept as totals."""
    if frame.empty:
        return frame
    splits = _splits(list(frame["segment_id"].unique()))
    cut = frame.assign(ad=frame["creative_id"] != 0, split=frame["segment_id"].map(splits))
    mine = cut.groupby(LINE_DAY).agg(ad=("ad", "max"), split=("split", "max"))
    known = _known(frame, source)
    both = mine.join(known, how="inner", rsuffix="_known")
    clash = both[
        (both["ad"] != both["ad_known"])
        | (both["split"] != both["split_known"])
        | _other_level(both, level)
    ]
    if clash.empty:
        return frame
    index = pd.MultiIndex.from_frame(frame[LINE_DAY])
    left_out = index.isin(clash.index)
    parts: Any = clash.groupby(["ad", "split"])
    for (is_ad, split), part in parts:
        grain = _Grain(AD if is_ad else level if level != AD else CAMPAIGN, split)
        _keep_totals(frame[index.isin(part.index)], grain, run, source)
    _say(run, mine, clash)
    return frame[~left_out]


def _other_level(both: pd.DataFrame, level: str) -> pd.Series:
    """Campaigns over ad groups or the other way: both have no ad, so the import must say it."""
    return ~both["ad"] & (both["level"] != "") & (both["level"] != level) & (level != AD)


def _splits(segments: Sequence[int]) -> dict[int, str]:
    """What each segment is split by: ``device, network``; "" for none."""
    found = Segment.objects.filter(pk__in=[int(pk) for pk in segments]).values_list(
        "pk", "attributes"
    )
    return {0: ""} | {pk: ", ".join(sorted(attributes)) for pk, attributes in found}


def _known(frame: pd.DataFrame, source: Source) -> pd.DataFrame:
    """How the days of these lines are cut now, by line and day."""
    lines = [int(line) for line in frame["line_id"].unique()]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.line_id, f.day, f.period_days, bool_or(f.creative_id <> 0),"
            " array_agg(DISTINCT f.segment_id), max(f.batch_id) FROM metrics_fact f"
            " WHERE f.source = %s AND f.line_id = ANY(%s) AND f.day BETWEEN %s AND %s"
            " GROUP BY f.line_id, f.day, f.period_days",
            [source.pk, lines, frame["day"].min().date(), frame["day"].max().date()],
        )
        rows = cursor.fetchall()
    found = pd.DataFrame(rows, columns=[*LINE_DAY, "ad", "segments", "batch"])
    found["day"] = pd.to_datetime(found["day"])
    splits = _splits(sorted({pk for pks in found["segments"] for pk in pks}))
    found["split"] = [max(splits.get(pk, "") for pk in pks) for pks in found["segments"]]
    runs = ImportRun.objects.filter(batch__in=[int(pk) for pk in found["batch"].unique()])
    levels = dict(runs.values_list("batch", "check_result__level"))
    # What a stream counts has no import of its own that could say it: it is of campaigns.
    usual = CAMPAIGN if EventStream.objects.filter(source=source).exists() else ""
    found["level"] = [levels.get(batch) or usual for batch in found["batch"]]
    return found.set_index(LINE_DAY)[["ad", "split", "level"]]


def _keep_totals(frame: pd.DataFrame, grain: _Grain, run: ImportRun, source: Source) -> None:
    """Sums of a line's days, the newest word of the source on each."""
    measures = [name for name in MEASURES if name in frame]
    summed = frame.groupby(LINE_DAY)[measures].sum(min_count=1)
    counts = frame.groupby(LINE_DAY).size()
    items: Any = summed.iterrows()
    totals = [
        LevelTotal(
            source=source,
            run=run,
            level=grain.level,
            split=grain.split,
            line_id=int(line),
            first_day=(day - pd.Timedelta(days=int(length) - 1)).date(),
            day=day.date(),
            rows=int(counts[line, day, length]),
            **{name: None if pd.isna(row[name]) else int(row[name]) for name in measures},
        )
        for (line, day, length), row in items
    ]
    _store(totals, measures)


def _store(totals: Sequence[LevelTotal], measures: Sequence[str]) -> None:
    LevelTotal.objects.bulk_create(
        totals,
        update_conflicts=True,
        unique_fields=["source", "level", "split", "line", "first_day", "day"],
        update_fields=["run", "rows", *measures],
        batch_size=2_000,
    )


def _keep_account(controls: Sequence[ControlTotal], run: ImportRun, source: Source) -> None:
    """The total that the platform wrote below (or above) the rows, over the days of the file."""
    whole = [total for total in controls if "account" in total.label.casefold()] or controls
    first = min((total.row or 0 for total in whole), default=0)
    stated = {total.measure: total.expected for total in whole if (total.row or 0) == first}
    if not stated or not run.first_day or not run.last_day:
        return
    values = {name: _stored(name, value) for name, value in stated.items() if name in MEASURES}
    _store(
        [
            LevelTotal(
                source=source, run=run, level=Level.ACCOUNT, first_day=run.first_day,
                day=run.last_day, **values,
            )
        ],
        list(values),
    )  # fmt: skip


def _stored(measure: str, value: Decimal) -> int:
    return int(value * 1_000_000) if measure in FRACTIONS else int(value)


def _say(run: ImportRun, mine: pd.DataFrame, clash: pd.DataFrame) -> None:
    """A warning of the import: what was kept aside, beside what, and how to change that."""
    first = clash.iloc[0]
    here = _Grain(AD if first["ad"] else CAMPAIGN, first["split"])
    there = _Grain(AD if first["ad_known"] else CAMPAIGN, first["split_known"])
    days, verb = f"{len(clash):,} of {len(mine):,}", "is" if len(clash) == 1 else "are"
    _warn(run, "OTHER_LEVEL", (
        f"{days} days of campaigns {verb} loaded from {there} already. These rows are of {here}: "
        "they were kept as control totals and added to nothing. To load them in place of the "
        "others, undo the import that brought those."
    ))  # fmt: skip


def _warn(run: ImportRun, code: str, message: str) -> None:
    others = [warning for warning in run.warnings if warning["code"] != code]
    run.warnings = [*others, {"code": code, "message": message}]
