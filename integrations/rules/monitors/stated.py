"""What is said about data: its currency, time zone, names and links."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from integrations.rules.monitors.answers import Observed, Signal, Statement
from integrations.rules.monitors.words import amount_text, counted, day_text, names_text
from integrations.rules.naming import link_problems, split_name

MOST_LISTED = 50


def currency_or_zone(seen: Observed, threshold: float) -> Iterator[Signal]:  # noqa: ARG001
    """A delivery in another currency than the source's, or in another time zone than before."""
    said = sorted(seen.statements, key=lambda item: item.day)
    foreign = [s for s in said if s.currencies and set(s.currencies) != {seen.currency}]
    if foreign:
        yield _foreign(seen, foreign)
    zones = [item for item in said if item.time_zone]
    wanted = seen.time_zone or (zones[0].time_zone if zones else "")
    moved = [item for item in zones if item.time_zone != wanted and item.day >= seen.since]
    if moved:
        yield _moved(seen, wanted, moved)
    others = {line: code for line, code in seen.line_currencies.items() if code != seen.currency}
    if others and not foreign:
        names = [seen.lines.get(line, str(line)) for line in others]
        yield Signal(
            cause="currency:lines",
            title=f"{seen.name} has campaigns paid in {', '.join(sorted(set(others.values())))}",
            detail=f"The source is in {seen.currency}. One account has one currency, so rows of "
            "another account came in here.",
            rows=len(others),
            facts=(("Campaigns", names_text(names)),),
        )


def _foreign(seen: Observed, foreign: list[Statement]) -> Signal:
    codes = sorted({code for item in foreign for code in item.currencies})
    return Signal(
        cause="currency",
        title=f"{seen.name} was delivered in {', '.join(codes)} in place of {seen.currency}",
        detail="An account keeps one currency for ever. Either this is the file of another account, "
        "or the account was exchanged; in both cases amounts must not be added to the old ones.",
        first_day=foreign[0].day,
        last_day=foreign[-1].day,
        rows=len(foreign),
        facts=(
            ("Files", names_text([item.name for item in foreign])),
            ("Source’s currency", seen.currency),
        ),
    )


def _moved(seen: Observed, wanted: str, moved: list[Statement]) -> Signal:
    return Signal(
        cause="currency:zone",
        title=f"{seen.name} cuts its days by another time zone",
        detail=f"Days followed {wanted}; now the file says {moved[-1].time_zone}. They are not the "
        "same 24 hours, so a part of each day moves to its neighbour.",
        first_day=moved[0].day,
        last_day=moved[-1].day,
        rows=len(moved),
        facts=(("Before", wanted), ("Now", moved[-1].time_zone), ("File", moved[-1].name)),
    )


def unknown(seen: Observed, threshold: float) -> Iterator[Signal]:  # noqa: ARG001
    """A campaign that nobody planned and that is not the beginning of this source."""
    for new in seen.new_lines:
        spend = new.spend_micros
        facts = [("First day", day_text(new.first_day))]
        if spend is not None:
            facts.append(("Spend so far", amount_text(spend, seen.currency)))
        yield Signal(
            cause=f"unknown:{new.line}",
            title=f"“{new.name}” is a campaign nobody planned",
            detail="It came with a delivery and was made here by itself, without a plan, a budget or "
            "an owner who chose it. It may be a known campaign under a new name.",
            first_day=new.first_day,
            last_day=seen.today,
            rows=1,
            amount_micros=spend,
            facts=tuple(facts),
            more={"line": new.line},
        )


def naming(seen: Observed, threshold: float) -> Iterator[Signal]:
    """Names that do not follow the team's pattern."""
    if seen.pattern is None:
        return
    split = [split_name(seen.pattern, name) for _, name in sorted(seen.lines.items())]
    wrong = [item for item in split if not item.fits]
    if len(wrong) < max(1, int(threshold)):
        return
    yield Signal(
        cause="naming",
        title=f"{counted(len(wrong), 'name')} of {seen.name} {_do(wrong)} not follow the pattern",
        detail=f"The team’s pattern is {seen.pattern.text}. What a name does not say cannot be "
        "compared: these campaigns count as “not named” wherever figures are split by a part.",
        rows=len(wrong),
        facts=tuple((item.name, " ".join(item.problems)) for item in wrong[:MOST_LISTED]),
    )


def _do(wrong: Sequence[object]) -> str:
    return "does" if len(wrong) == 1 else "do"


def landing(seen: Observed, threshold: float) -> Iterator[Signal]:
    """Links that lead nowhere."""
    dead = [link for link in seen.links if link.problem]
    if len(dead) < max(1, int(threshold)):
        return
    yield Signal(
        cause="landing",
        title=f"{counted(len(dead), 'landing page')} of {seen.name} cannot be reached",
        detail="People who click these ads see an error, and the clicks are paid all the same.",
        rows=len(dead),
        facts=tuple((link.url, link.problem) for link in dead[:MOST_LISTED]),
    )


def utm(seen: Observed, threshold: float) -> Iterator[Signal]:
    """Links without the parameters by which a visit is told apart."""
    found = [(link, link_problems(link.url, seen.utm)) for link in seen.links]
    wrong = [(link, problems) for link, problems in found if problems]
    if len(wrong) < max(1, int(threshold)):
        return
    yield Signal(
        cause="utm",
        title=f"{counted(len(wrong), 'link')} of {seen.name} cannot be told apart in analytics",
        detail="Visits without these parameters count as direct, so results of the campaign are lost.",
        rows=len(wrong),
        facts=tuple((link.url, "; ".join(problems)) for link, problems in wrong[:MOST_LISTED]),
    )
