"""What an approver should know of the lines in question, frozen when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from accounts.models import User
from budgets.selectors.rates import local_day
from budgets.services.moves import LineMove
from core import formats
from core.models import Organisation
from core.money import Money
from metrics.selectors import QueryResult, query

DAYS = 28


def evidence_for(moves: Sequence[LineMove], *, user: User, at: datetime) -> Mapping[str, str]:
    """Spend and return of each campaign line in the 28 days before, and how far data reaches."""
    names = {move.campaign_line.pk: move.name for move in moves if move.campaign_line}
    if not names:
        return {}
    found = query(
        metrics=["spend", "roas"],
        by=["line", "currency"],
        where={"line": list(names)},
        period=Organisation.current().calendar.parse(f"last-{DAYS}d", today=local_day(at)),
        as_of=at,
        viewer=user,
    )
    told = {f"{names[row['line']]}, {DAYS} days before": _told(found, row) for row in found.rows}
    reach = formats.day(found.last_day) if found.last_day else "no data in these days"
    return {"Data up to": reach, **told}


def _told(found: QueryResult, row: Mapping[str, object]) -> str:
    spend, roas = found.value("spend", row), found.value("roas", row)
    words = [f"{formats.money(spend)} spent" if isinstance(spend, Money) else "no spend"]
    if roas is not None and not isinstance(roas, Money):
        words.append(f"ROAS {formats.ratio(roas)}")
    return ", ".join(words)
