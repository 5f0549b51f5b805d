"""A change as a page draws it: the sentence, the bridge, the funnel and the tree of its parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core import formats
from core.charts import Chart, WaterStep
from core.tables import Column, Table
from insights.rules import drivers as rules
from insights.rules.drivers import Node, Step
from insights.selectors import driver_words as words
from insights.selectors.drivers import Why, dimension_label
from metrics.selectors.words import chart_unit

METHOD = (
    "Volume: there was more or less of everything. Rate: the segment itself did better or worse. Mix: its "
    "share of the whole moved. Each is taken at the midpoint of what the others did (its Shapley value), so "
    "that the parts add up to the change to the last digit. It says where a change happened, not why people "
    "behaved so. Days that still grow count as they should be when final."
)
VOLUME_WORDS = {
    "clicks": "clicks", "impressions": "impressions", "spend": "spend", "conversions": "conversions",
    "leads": "leads", "revenue": "revenue",
}  # fmt: skip


class DriverTable(Table):
    """Every segment of every level, for files."""

    key = "drivers"
    noun = "segments"
    columns = (
        Column("name", "Segment", sortable=False),
        Column("dimension", "Split by", sortable=False),
        Column("level", "Level", kind="number", sortable=False),
        Column("before", "Before", kind="number", sortable=False),
        Column("after", "After", kind="number", sortable=False),
        Column("change", "Adds to the change", kind="number", sortable=False),
        Column("volume", "Volume", kind="number", sortable=False),
        Column("rate", "Rate", kind="number", sortable=False),
        Column("mix", "Mix", kind="number", sortable=False),
    )
    search = ("name",)


def why_context(why: Why) -> dict[str, Any]:
    """What ``insights/_why.html`` shows."""
    return {
        "why": why,
        "sentence": words.told(why),
        "before_words": formats.span(why.before.start, why.before.end),
        "after_words": formats.span(why.after.start, why.after.end),
        "bridge": bridge(why) if why.tree.children else None,
        "funnel": funnel(why) if why.chain else None,
        "tree": [_branch(why, child) for child in why.tree.children],
        "split": dimension_label(why.tree.children[0].dimension) if why.tree.children else "",
        "parts": _parts(why),
        "proof": _proof(why),
        "method": METHOD,
        "volume_of": VOLUME_WORDS[why.metric.denominator or rules.VOLUME_OF[why.metric.numerator]],
    }


def bridge(why: Why) -> Chart:
    """From the period before to the one after, segment by segment."""
    return Chart(
        kind="waterfall",
        title=words.told(why),
        sub=f"{why.metric.label} by {dimension_label(why.tree.children[0].dimension).lower()}, "
        f"{formats.span(why.before.start, why.before.end)} to "
        f"{formats.span(why.after.start, why.after.end)}",
        unit=chart_unit(why.metric, why.currency),
        start=(formats.span(why.before.start, why.before.end), why.amount(why.tree.before)),
        steps=[
            WaterStep(
                child.segment,
                why.amount(child.change),
                tone=tone(why, child.change),
                note=_share(child.change, why.change),
            )
            for child in why.tree.children
        ],
        end=(formats.span(why.after.start, why.after.end), why.amount(why.tree.after)),
        id="drivers-bridge",
        height=260,
    )


def funnel(why: Why) -> Chart:
    """The same change by the steps from money to results."""
    steps = [
        WaterStep(
            rules.link_words(step.name).capitalize(),
            why.amount(step.part),
            tone=tone(why, step.part),
            note=_share(step.part, why.change),
        )
        for step in why.chain
    ]
    main = rules.main_step(why.chain)
    title = (
        f"{rules.link_words(main.name).capitalize()} carries {_share(main.part, why.change)} of it"
        if main
        else "No step of the funnel carries it alone"
    )
    return Chart(
        kind="waterfall",
        title=title,
        sub=" · ".join(_moved(why, step) for step in why.chain),
        unit=chart_unit(why.metric, why.currency),
        start=("Before", why.amount(why.tree.before)),
        steps=steps,
        end=("After", why.amount(why.tree.after)),
        id="drivers-funnel",
        height=240,
    )


def _moved(why: Why, step: Step) -> str:
    before, after = (words.factor(step, value, why) for value in (step.before, step.after))
    return f"{rules.link_words(step.name)} {before} → {after}"


def tone(why: Why, change: int) -> str:
    """Good, bad, or neither where the metric has no better side."""
    if not change or why.metric.up_is_good is None:
        return "neutral"
    return "good" if (change > 0) == why.metric.up_is_good else "bad"


def _share(part: int, whole: int) -> str:
    """How much of the change a part makes up; "" of small ones and of those against it."""
    share = part / whole if whole else 0.0
    return formats.percent(share, 0) if share >= 0.1 else ""


def _branch(why: Why, node: Node) -> dict[str, Any]:
    below = node.children
    return {
        "name": node.segment,
        "before": words.value_of(why, node.before),
        "after": words.value_of(why, node.after),
        "change": words.exact(why, node.change),
        "tone": tone(why, node.change),
        "volume": words.exact(why, node.volume),
        "rate": words.exact(why, node.rate),
        "mix": words.exact(why, node.mix),
        "split": dimension_label(below[0].dimension) if below else "",
        "children": [_branch(why, child) for child in below],
    }


def _parts(why: Why) -> list[tuple[str, str, str]]:
    """Volume, rate and mix of the whole, with their tone."""
    named = zip(("volume", "rate", "mix"), why.tree.parts, strict=True)
    return [
        (words.PART_WORDS[name], words.signed(why, part), tone(why, part))
        for name, part in named
        if name != "volume" or not why.metric.is_ratio
    ]


def _proof(why: Why) -> str:
    """The sum written out."""
    parts = [words.exact(why, child.change) for child in why.tree.children]
    return f"{' '.join(parts)} = {words.exact(why, why.change)}"


def driver_rows(why: Why) -> list[dict[str, Any]]:
    """Every segment of every level, the whole first."""
    return list(_rows(why))


def _rows(why: Why) -> Iterator[dict[str, Any]]:
    for level, node in why.tree.walk():
        yield {
            "name": node.segment or "All",
            "dimension": dimension_label(node.dimension),
            "level": level,
            "before": words.exact(why, node.before, is_change=False),
            "after": words.exact(why, node.after, is_change=False),
            **{
                name: words.exact(why, getattr(node, name))
                for name in ("change", "volume", "rate", "mix")
            },
        }
