"""Targets of the team and what is below it: reached, and where they should stand by now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from core.money import MICROS
from metrics.models import Target
from metrics.selectors import (
    METRICS,
    Metric,
    Standing,
    TargetProgress,
    children_of,
    target_progress,
)
from reporting.rules.pack.content import Change, Headline, Note, TargetRow, TargetsPage
from reporting.rules.pack.figures import Name, Ref, Sentence, When, say
from reporting.rules.pack.judgement import Judgement
from reporting.selectors.pack import goals
from reporting.selectors.pack.brief import Brief, batch_runs, day_text, span
from reporting.selectors.pack.campaigns import own_money

MOST_ROWS = 48


def targets_page(brief: Brief, *, with_campaigns: bool) -> TargetsPage | None:
    """Every target that touches the period, team by team; None when there is none.

    ``with_campaigns``: also the targets of single campaigns (the review), else those of
    teams and channels, and of campaigns only when there are no others.
    """
    targets = goals.visible_targets(brief)
    wide = [target for target in targets if target.campaign_id is None]
    shown = _tree(targets if with_campaigns or not wide else wide)
    rows = [row for node in shown[:MOST_ROWS] if (row := _row(brief, node))]
    if not rows:
        return None
    return TargetsPage(
        Headline("Targets", _title(brief, rows), _standfirst(brief)),
        tuple(rows),
        _notes(rows, shown),
    )


def no_targets(brief: Brief) -> TargetsPage:
    """The page of a review when nothing has a target: it says so."""
    title = say(
        "{team} has no target that touches {period}",
        team=Name(brief.team.name, 60),
        period=When(brief.period_text),
    )
    note = Note(
        "What to do",
        ("Set a target for the team and for every campaign; attainment is measured from then on.",),
    )
    return TargetsPage(Headline("Targets", title, _standfirst(brief)), (), (note,))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Node:
    """A target with its depth in the tree of measures."""

    target: Target
    level: int


def _tree(targets: Sequence[Target]) -> list[_Node]:
    """Team by team from the top; in a team the measures as the registry has them.

    Below a measure stand its channels' and campaigns' own targets, then the measures that
    explain it.
    """
    teams = sorted({target.team for target in targets}, key=lambda team: team.path)
    return [node for team in teams for node in _of_team([t for t in targets if t.team == team])]


def _of_team(targets: Sequence[Target]) -> list[_Node]:
    by_metric: dict[str, list[Target]] = {}
    for target in sorted(targets, key=_place):
        by_metric.setdefault(target.metric, []).append(target)
    nodes: list[_Node] = []
    roots = [
        key
        for key in METRICS
        if key in by_metric and not set(METRICS[key].parents) & set(by_metric)
    ]
    for key in roots:
        _grow(key, 0, by_metric, nodes)
    return nodes


def _grow(key: str, level: int, left: dict[str, list[Target]], nodes: list[_Node]) -> None:
    """Put a measure's targets into the tree, then the measures below it; each once."""
    own = left.pop(key, [])
    # Parts stand below the whole's target when it has one, else beside each other.
    below = int(bool(own) and not (own[0].campaign_id or own[0].channel_id))
    nodes += [_Node(target, level + (below if number else 0)) for number, target in enumerate(own)]
    for child in children_of(key):
        if child.key in left:
            _grow(child.key, level + 1, left, nodes)


def _place(target: Target) -> tuple[object, ...]:
    channel = target.channel.position if target.channel else -1
    campaign = target.campaign.name if target.campaign else ""
    return (bool(campaign), campaign, channel, target.first_day, target.pk)


def _stand(brief: Brief) -> dict[int, TargetProgress]:
    """Where each target stood at the end of the period, by its number, as the goals page says it."""
    day_after = brief.period.end + timedelta(days=1)

    def read() -> dict[int, TargetProgress]:
        targets = goals.visible_targets(brief)
        found = target_progress(targets, today=day_after, as_of=brief.as_of)
        return {item.target.pk: item for item in found}

    return brief.once("progress", read)


def _row(brief: Brief, node: _Node) -> TargetRow | None:
    """A target so far; None when its metric has no value yet."""
    found = _stand(brief)[node.target.pk]
    target, metric = found.target, found.metric
    actual, expected = found.progress.actual_micros, found.progress.expected_micros
    if actual is None:
        return None
    key, name = f"target.{target.pk}", _name(target, metric)
    reached = Fraction(actual, target.value_micros) if target.value_micros else None
    return TargetRow(
        Name(name, 80),
        node.level,
        _value(brief, f"{key}.actual", found, actual, f"{name}, so far", _actual_note(brief)),
        _value(brief, f"{key}.goal", found, target.value_micros, f"Target of {name}", _goal_note(brief)),
        None if reached is None else brief.book.percent(
            f"{key}.reached", reached, label=f"{name}: share of target",
            footnote=_share_note(brief), digits=0,
        ),
        float(Fraction(expected, target.value_micros)) if expected and target.value_micros else None,
        _pace(brief, key, name, found),
        owner=Name(target.owner.name),
        due=When(day_text(target.last_day)),
    )  # fmt: skip


def _name(target: Target, metric: Metric) -> str:
    about = target.campaign or target.channel
    place = f"{about}, {target.team.name}" if target.channel and not target.campaign else about
    return f"{metric.label}: {place or target.team.name}"


def _value(
    brief: Brief, key: str, found: TargetProgress, micros: int, label: str, note: str
) -> Ref:
    """A value of a target; amounts in the target's own currency."""
    currency = found.target.currency
    if found.metric.is_money and currency != brief.currency:
        return own_money(brief, key, micros, currency, label, note)
    return brief.figure(key, found.metric, Fraction(micros, MICROS), label=label, note=note)


_WORDS = {
    Standing.AHEAD: (Judgement.AHEAD, "ahead"),
    Standing.ACHIEVED: (Judgement.AHEAD, "achieved"),
    Standing.ON: (Judgement.NEUTRAL, "on pace"),
    Standing.BEHIND: (Judgement.BEHIND, "behind"),
    Standing.MISSED: (Judgement.BEHIND, "missed"),
}


def _pace(brief: Brief, key: str, name: str, found: TargetProgress) -> Change | None:
    """Actual against what should stand there by the end of the period; None when that is too thin."""
    actual, expected = found.progress.actual_micros, found.progress.expected_micros
    if actual is None or not expected or found.status not in _WORDS:
        return None
    note = brief.book.source(
        "t4", "Against pace",
        formula="actual ÷ expected by the period’s end − 1, as the goals page reckons it",
        filters=brief.team.name, batches=brief.batches(), query="targets",
    )  # fmt: skip
    change = Fraction(actual, expected) - 1
    ref = brief.book.change(f"{key}.pace", change, label=f"{name}: against pace", footnote=note)
    if found.metric.up_is_good is None and found.status in (Standing.AHEAD, Standing.BEHIND):
        return Change(ref, Judgement.NEUTRAL, "over plan" if change > 0 else "under plan")
    return Change(ref, *_WORDS[found.status])


def _actual_note(brief: Brief) -> str:
    """One footnote for all actuals of targets: their formulas are the registry's."""
    keys = [key for key in METRICS if any(t.metric == key for t in goals.visible_targets(brief))]
    first = min(target.first_day for target in goals.visible_targets(brief))
    answer = brief.ask(keys, period=span(first, brief.period.end))
    return brief.book.source(
        "t2", "Actual of a target", formula="the metric’s formula over the target’s days so far",
        filters=f"{brief.team.name} and below; the target’s own team, channel or campaign",
        batches=batch_runs(answer.batches), query="targets",
    )  # fmt: skip


def _goal_note(brief: Brief) -> str:
    return brief.book.source(
        "t5", "Value of a target", formula="as approved",
        filters=brief.team.name, batches=goals.target_numbers(brief), query="targets",
    )  # fmt: skip


def _share_note(brief: Brief) -> str:
    return brief.book.source(
        "t3", "Share of target reached", formula="actual ÷ target",
        filters=brief.team.name, batches=brief.batches(), query="targets",
    )  # fmt: skip


def _title(brief: Brief, rows: Sequence[TargetRow]) -> Sentence:
    """How many are behind, and whose pace is the worst of them."""
    judged = [row for row in rows if row.change]
    behind = [r for r in judged if r.change and r.change.judgement is Judgement.BEHIND]
    if not behind:
        return ("Every target is on its pace",)
    if len(behind) == 1:
        return say("{name} is behind its pace", name=Name(behind[0].name.text, 60))
    note = brief.book.source(
        "t6", "Targets behind", formula="number of targets behind their pace, of those with one",
        filters=brief.team.name, batches=brief.batches(), query="targets",
    )  # fmt: skip
    counts = {
        "few": brief.book.count("targets.behind", len(behind), label="Targets behind", footnote=note),
        "all": brief.book.count("targets.judged", len(judged), label="Targets judged", footnote=note),
    }  # fmt: skip
    return say("{few} of {all} targets are behind; first {name}", name=Name(behind[0].name.text, 44), **counts)  # fmt: skip


def _standfirst(brief: Brief) -> Sentence:
    return say(
        "Targets that touch {period}, up to {day}. The thin mark is where each should stand by then.",
        period=When(brief.period_text), day=When(day_text(brief.period.end)),
    )  # fmt: skip


def _notes(rows: Sequence[TargetRow], shown: Sequence[_Node]) -> tuple[Note, ...]:
    if len(shown) > len(rows):
        return (
            Note(
                "Not on this page",
                (
                    "Targets without any value yet, and those beyond the room of the page, stand under Goals.",
                ),
            ),
        )
    return ()
