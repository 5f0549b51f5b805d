"""A driver tree in whole numbers: what is shown adds up to the change to the last digit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from analytics.drivers import OTHER, Driver, Link
from core.money import MICROS
from metrics.choices import Unit
from metrics.selectors import Metric

# What makes a total more or less at the same rate: clicks bring revenue, impressions bring clicks.
VOLUME_OF = {
    "revenue": "clicks",
    "order_value": "clicks",
    "conversions": "clicks",
    "leads": "clicks",
    "clicks": "impressions",
    "spend": "impressions",
    "engagements": "impressions",
    "video_views": "impressions",
    "impressions": "spend",
}
# The order in which money becomes results; a chain goes from one to another along it.
FUNNEL = ("spend", "impressions", "clicks", "conversions", "leads", "revenue", "order_value")
CHAINS = {
    "revenue": ("spend", "clicks", "conversions", "revenue"),
    "order_value": ("spend", "clicks", "conversions", "order_value"),
    "conversions": ("spend", "clicks", "conversions"),
    "leads": ("spend", "clicks", "leads"),
    "clicks": ("spend", "impressions", "clicks"),
    "roas": ("spend", "clicks", "conversions", "revenue"),
    "roas_order_value": ("spend", "clicks", "conversions", "order_value"),
    "cost_share": ("revenue", "conversions", "clicks", "spend"),
    "cpa": ("conversions", "clicks", "spend"),
    "cpl": ("leads", "clicks", "spend"),
    "cpc": ("clicks", "impressions", "spend"),
}
# A step of the funnel in words: what it is called, and what it says when it went up.
RATES = {
    ("impressions", "spend"): "impressions per unit spent",
    ("clicks", "spend"): "clicks per unit spent",
    ("clicks", "impressions"): "click-through rate",
    ("conversions", "clicks"): "conversion rate",
    ("conversions", "spend"): "conversions per unit spent",
    ("leads", "clicks"): "lead rate",
    ("leads", "spend"): "leads per unit spent",
    ("revenue", "conversions"): "value per conversion",
    ("revenue", "clicks"): "revenue per click",
    ("revenue", "spend"): "return on spend",
    ("revenue", "impressions"): "revenue per impression",
    ("order_value", "conversions"): "value per conversion",
    ("order_value", "clicks"): "order value per click",
    ("spend", "clicks"): "cost per click",
    ("spend", "impressions"): "cost per impression",
    ("spend", "conversions"): "cost per conversion",
    ("spend", "leads"): "cost per lead",
    ("clicks", "conversions"): "clicks per conversion",
    ("clicks", "leads"): "clicks per lead",
    ("conversions", "revenue"): "conversions per unit of revenue",
    ("impressions", "clicks"): "impressions per click",
}
# Millionths of the unit that are the smallest part shown: a cent, a hundredth of a conversion,
# a hundredth of a percentage point, a thousandth of a ratio.
_STEPS = {Unit.MONEY: 10_000, Unit.COUNT: 10_000, Unit.PERCENT: 100, Unit.RATIO: 1_000}
_FINE_MONEY = 100
CHEAP = 10
# A segment or step carries a change when it makes up so much of it.
MAIN = 0.5
DEEPEST_TOLD = 2


@dataclass(frozen=True, slots=True)
class Node:
    """A segment of the tree; all numbers are whole steps of the metric's unit.

    ``volume + rate + mix = change``; of a total the children's changes add up to ``change``, of a
    ratio to ``rate``, and to ``change`` at the root.
    """

    dimension: str
    segment: str
    before: int | None
    after: int | None
    change: int
    volume: int
    rate: int
    mix: int
    children: tuple[Node, ...]

    @property
    def parts(self) -> tuple[int, int, int]:
        return self.volume, self.rate, self.mix

    @property
    def main_part(self) -> str:
        """volume, rate or mix: whichever says most."""
        named = dict(zip(("volume", "rate", "mix"), self.parts, strict=True))
        return max(named, key=lambda name: abs(named[name]))

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Node]]:
        """Every node with its depth, parents first."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)

    def as_json(self) -> dict[str, Any]:
        return {
            "dimension": self.dimension,
            "segment": self.segment,
            "before": self.before,
            "after": self.after,
            "change": self.change,
            "volume": self.volume,
            "rate": self.rate,
            "mix": self.mix,
            "children": [child.as_json() for child in self.children],
        }


@dataclass(frozen=True, slots=True)
class Step:
    """One factor of the funnel: its value before and after, and its whole part of the change."""

    name: str
    before: float
    after: float
    part: int

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "before": self.before, "after": self.after, "part": self.part}


def node_of(kept: dict[str, Any]) -> Node:
    """A node as it was kept."""
    children = tuple(node_of(child) for child in kept["children"])
    return Node(**{**kept, "children": children})


def step_size(metric: Metric, *values: float | None) -> int:
    """The smallest part shown, in millionths of the unit; finer for what costs cents."""
    known = [abs(value) for value in values if value is not None]
    if metric.is_money and metric.is_ratio and max(known, default=0.0) < CHEAP:
        return _FINE_MONEY
    return _STEPS[metric.unit]


def share_out(parts: Sequence[float], total: int) -> list[int]:
    """Whole numbers near ``parts`` that add up to ``total``, by the largest remainder.

    What ``parts`` themselves lack of the total (a rounding of both ends) goes where it shows least.
    """
    if not parts:
        return []
    floors = [int(part // 1) for part in parts]
    rest = [Fraction(part) - floor for part, floor in zip(parts, floors, strict=True)]
    order = sorted(range(len(parts)), key=lambda n: (-rest[n], n))
    each, left = divmod(total - sum(floors), len(parts))
    for place, n in enumerate(order):
        floors[n] += each + (place < left)
    return floors


def in_steps(value: float, step: int) -> int:
    return round(value * MICROS / step)


def exact(driver: Driver, step: int, *, is_ratio: bool) -> Node:
    """The tree in whole steps; the change is the difference of both ends as they are shown."""
    ends = [None if v is None else in_steps(v, step) for v in (driver.before, driver.after)]
    change = 0 if ends[0] is None or ends[1] is None else ends[1] - ends[0]
    return _exact(driver, step, change, is_ratio=is_ratio, is_root=True)


def _exact(driver: Driver, step: int, change: int, *, is_ratio: bool, is_root: bool) -> Node:
    scale = MICROS / step
    parts = share_out([one * scale for one in (driver.volume, driver.rate, driver.mix)], change)
    inside = change if is_root or not is_ratio else parts[1]
    shares = share_out([child.change * scale for child in driver.children], inside)
    children = tuple(
        _exact(child, step, share, is_ratio=is_ratio, is_root=False)
        for child, share in zip(driver.children, shares, strict=True)
    )
    if children and is_root:
        parts = [sum(column) for column in zip(*(child.parts for child in children), strict=True)]
    return Node(
        driver.dimension or "",
        driver.segment or "",
        None if driver.before is None else in_steps(driver.before, step),
        None if driver.after is None else in_steps(driver.after, step),
        change,
        parts[0],
        parts[1],
        parts[2],
        children,
    )


def exact_chain(links: Sequence[Link], step: int, change: int) -> tuple[Step, ...]:
    """The funnel's parts in whole steps that add up to the change."""
    parts = share_out([link.part * MICROS / step for link in links], change)
    return tuple(
        Step(link.name, link.before, link.after, part)
        for link, part in zip(links, parts, strict=True)
    )


def chain_of(metric: Metric, reported: set[str]) -> tuple[str, ...]:
    """The measures of the metric's funnel that are reported, first to last; () when too few."""
    full = CHAINS.get(metric.key, ())
    known = tuple(measure for measure in full if measure in reported)
    ends = known and (known[0], known[-1]) == (full[0], full[-1])
    least = 2 if not metric.is_ratio else 3
    return known if ends and len(known) >= least else ()


def link_words(name: str) -> str:
    """A factor in a marketer's words: ``conversions per clicks`` is the conversion rate."""
    top, _, bottom = name.partition(" per ")
    return RATES.get((top, bottom), name.replace("_", " "))


def main_child(node: Node) -> Node | None:
    """The segment that carries the change: the largest in its direction, if it makes up half."""
    same = [one for one in node.children if one.change * node.change > 0 and one.segment != OTHER]
    best = max(same, key=lambda one: abs(one.change), default=None)
    whole = node.change
    return best if best and abs(best.change) >= MAIN * abs(whole) else None


def main_path(tree: Node) -> tuple[Node, ...]:
    """From the segment that carries the change to the one within it that does."""
    path: list[Node] = []
    node = tree
    while len(path) < DEEPEST_TOLD and (child := main_child(node)):
        path.append(child)
        node = child
    return tuple(path)


def main_step(chain: Sequence[Step]) -> Step | None:
    """The factor of the funnel that carries the change, if one makes up half of it."""
    whole = sum(step.part for step in chain)
    best = max(chain, key=lambda step: step.part * (1 if whole > 0 else -1), default=None)
    return best if best and whole and best.part / whole >= MAIN else None
