"""A change and its parts as people read them: one sentence, and each number with its sign."""

from __future__ import annotations

from core import formats
from core.money import MICROS, Money
from insights.rules import drivers as rules
from insights.rules.drivers import Node, Step
from insights.selectors.drivers import Why
from metrics.choices import MONEY_MEASURES, Unit
from metrics.selectors import written

PART_WORDS = {"volume": "Volume", "rate": "Rate", "mix": "Mix"}


def told(why: Why) -> str:
    """“Revenue fell €41k: €33k because Shopping’s conversion rate fell in Germany”, or why nothing can be said."""
    label = why.metric.label
    if why.reason and not why.change:
        return why.reason
    if not why.change:
        return f"{label} did not change"
    verb = _verb(why.change)
    start = f"{label} {verb} {_size(why, why.change)}"
    if not why.path:
        return f"{start}: {_spread(why)}" if why.tree.children else start
    return f"{start}: {_size(why, why.path[-1].change)} because {_because(why)}"


def _verb(change: float) -> str:
    return "fell" if change < 0 else "rose"


def _because(why: Why) -> str:
    """The segment that carries the change, what moved in it, and where."""
    first, where = why.path[0], _where(why.path)
    if not first.before:
        return f"{first.segment} came new{where}"
    if not first.after:
        step = rules.main_step(why.inner)
        if step is None or step.name == why_first(why):
            return f"{first.segment} brought nothing any more{where}"
    step = rules.main_step(why.inner)
    if step is None:
        return f"{_owner(first.segment)} {_part(why.path[-1])}{where}"
    return f"{_owner(first.segment)} {rules.link_words(step.name)} {_verb(step.after - step.before)}{where}"


def why_first(why: Why) -> str:
    """The first factor of the funnel: spend, where the change begins with money."""
    return why.inner[0].name if why.inner else ""


def _where(path: tuple[Node, ...]) -> str:
    return f" in {path[1].segment}" if len(path) > 1 else ""


def _owner(name: str) -> str:
    return f"{name}’" if name.endswith("s") else f"{name}’s"


def _part(node: Node) -> str:
    """What moved where no funnel can say it."""
    part = node.main_part
    way = getattr(node, part)
    if part == "volume":
        return "volume shrank" if way < 0 else "volume grew"
    if part == "mix":
        return "share shifted"
    return f"own rate {_verb(way)}"


def _spread(why: Why) -> str:
    """No segment carries it: the step of the funnel that does, if one does, and the largest segment."""
    biggest = why.tree.children[0]
    most = f"the most with {biggest.segment} ({signed(why, biggest.change)})"
    step = rules.main_step(why.chain)
    if step is None:
        return f"spread over several, {most}"
    moved = f"{rules.link_words(step.name)} {_verb(step.after - step.before)}"
    return f"{_size(why, step.part)} because {moved}, {most}"


def _size(why: Why, steps: int) -> str:
    return signed(why, abs(steps)).removeprefix("+")


def signed(why: Why, steps: int) -> str:
    """A part with its sign, short: ``−€33k``, ``+0.6 pt``, ``−0.26×``."""
    value, unit = why.units(steps), why.metric.unit
    if unit == Unit.MONEY:
        return formats.money_signed(Money(steps * why.step, why.currency))
    if unit == Unit.PERCENT:
        return formats.points(value, 2)
    if unit == Unit.RATIO:
        return formats.ratio_signed(value)
    text = formats.compact(value)
    return f"+{text}" if steps > 0 else text


def exact(why: Why, steps: int | None, *, is_change: bool = True) -> str:
    """A part at full precision, so that what is shown adds up."""
    if steps is None:
        return formats.NOTHING
    value, unit = why.units(steps), why.metric.unit
    digits = len(str(MICROS // why.step)) - 1
    write = formats.signed if is_change else formats.number
    if unit == Unit.MONEY:
        text = write(value, digits)
        return f"{text} {why.currency}"
    if unit == Unit.PERCENT:
        return f"{write(value * 100, digits - 2)} {'pt' if is_change else '%'}"
    return f"{write(value, digits)}{'×' if unit == Unit.RATIO else ''}"


def factor(step: Step, value: float, why: Why) -> str:
    """The value of a factor of the funnel: a rate, an amount, or a share."""
    if " per " not in step.name:
        if step.name in MONEY_MEASURES:
            return formats.money(Money(round(value * MICROS), why.currency))
        return formats.compact(value)
    top, _, bottom = step.name.partition(" per ")
    if top in MONEY_MEASURES and bottom not in MONEY_MEASURES:
        return formats.money_exact(Money(round(value * MICROS), why.currency))
    if (top, bottom) in (("conversions", "clicks"), ("leads", "clicks"), ("clicks", "impressions")):
        return formats.percent(value)
    return formats.number(value, 2)


def value_of(why: Why, steps: int | None) -> str:
    """The metric's own value, short."""
    return written(why.metric, why.amount(steps))
