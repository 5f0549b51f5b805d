"""`attribute`: which channels get the credit for conversions, by nine models side by side."""

import sys
from argparse import ArgumentParser, Namespace
from typing import Any

import numpy as np

from analytics.attribution import Attribution, Credit, Position, Settings, attribute
from analytics.commands.journey_files import Journeys, read_journeys
from analytics.results import REASON_TEXT

FILE = (
    "a CSV or .csv.gz of paths (path, total_conversions, total_conversion_value, total_null) "
    "or of events (user_id, ts, channel, event, value)"
)
HELP = "which channels get the credit for conversions, by nine models side by side"
EXAMPLE = "python -m analytics attribute events.csv --lookback 30 --half-life 7 --json"


def add(parser: ArgumentParser) -> None:
    usual = Settings()
    parser.add_argument(
        "--lookback",
        type=_days,
        metavar="DAYS",
        help="how long before a conversion a touch counts; 30 where none is given, but then the "
        "Markov models use whole journeys",
    )
    parser.add_argument(
        "--view-lookback", type=_days, metavar="DAYS", help="the same for views alone"
    )
    parser.add_argument(
        "--half-life",
        type=_days,
        default=usual.half_life,
        metavar="DAYS",
        help="time decay: a touch counts half as much as one so much later",
    )
    parser.add_argument(
        "--position",
        type=Position,
        choices=list(Position),
        default=usual.position,
        help="40/20/40 (u), or with the touches of lead and opportunity (w, full)",
    )
    parser.add_argument("--direct", default=usual.direct, metavar="NAME", help="the direct channel")


def _days(text: str) -> float:
    days = float(text)
    if not 0 < days < np.inf:
        raise ValueError(text)
    return days


def run(options: Namespace) -> tuple[Any, list[str]]:
    """Return the answer for JSON, and the same in lines for people."""
    journeys = read_journeys(
        options.file, lookback=options.lookback, view_lookback=options.view_lookback
    )
    settings = Settings(options.half_life, options.position, options.direct)
    answer = attribute(journeys.paths, whole=journeys.whole, settings=settings)
    said = _said(journeys, answer)
    if options.json:
        sys.stderr.writelines(f"{line}\n" for line in said)
    return _plain(answer), [*_table(answer), *said]


def _said(journeys: Journeys, answer: Attribution) -> list[str]:
    reasons = [f"{REASON_TEXT[reason]} [{reason}]" for reason in answer.reasons]
    refused = [
        f"{name}: {REASON_TEXT[credit.reason]} [{credit.reason}]"
        for name, credit in answer.models.items()
        if credit.reason
    ]
    return [*journeys.notes, *reasons, *refused]


def _plain(answer: Attribution) -> dict[str, Any]:
    return {
        "models": {
            name: _channels(answer.channels, credit)
            for name, credit in answer.models.items()
            if credit.reason is None
        },
        "conversions": answer.conversions,
        "unattributed": answer.unattributed,
        "disagreement": answer.disagreement,
    }


def _channels(channels: tuple[str, ...], credit: Credit) -> dict[str, dict[str, float | None]]:
    effects = [None] * len(channels) if credit.removal_effect is None else credit.removal_effect
    return {
        channel: {
            "conversions": float(conversions),
            "value": float(value),
            "removal_effect": None if effect is None else float(effect),
        }
        for channel, conversions, value, effect in zip(
            channels, credit.conversions, credit.value, effects, strict=True
        )
    }


def _table(answer: Attribution) -> list[str]:
    """Channels down, models across, conversions inside."""
    models = {name: credit for name, credit in answer.models.items() if credit.reason is None}
    wide = max(map(len, (*answer.channels, "unattributed")))
    heading = " " * wide + "".join(f"{name:>17}" for name in models)
    rows = [
        f"{channel:<{wide}}" + "".join(f"{c.conversions[k]:17,.2f}" for c in models.values())
        for k, channel in enumerate(answer.channels)
    ]
    index = "" if answer.disagreement is None else f"; disagreement {answer.disagreement:.1%}"
    end = f"{answer.conversions:,.0f} conversions, {answer.unattributed:,.0f} unattributed{index}."
    return [heading, *rows, end]
