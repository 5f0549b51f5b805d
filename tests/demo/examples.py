"""Addresses that are there only with the demo company."""

from __future__ import annotations

from core import events
from core.models import Organisation
from demo.company.reset import MARK
from tests.cast import Cast
from tests.examples import Keywords, example
from tests.insights.scoring import NOW


@example("demo:planted", seen_by_all=True)
def planted(cast: Cast) -> Keywords:
    events.record(actor=events.SYSTEM, action=MARK, subject=Organisation.current(), at=NOW)
    return {}
