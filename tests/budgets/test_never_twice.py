"""Nothing is counted twice: random histories of money equal a second reckoning after every step.

`ADROIT_SEED` runs others.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from budgets.rules.position import Part
from budgets.services.bills import posting
from tests.budgets.never_twice import Histories
from tests.budgets.world import World
from tests.cast import Cast
from tests.drills.sheet import keep, size

COUNT = size(40, 1_000)
SEED = int(os.environ.get("ADROIT_SEED", "20261122"))
STEPS = 12

pytestmark = [pytest.mark.feature("2.1", "2.4")]


@pytest.mark.drill
def test_what_is_available_is_what_the_documents_say(world: World, cast: Cast) -> None:
    histories = Histories(cast, world.year, COUNT, SEED)
    histories.run(STEPS)
    done = histories.done
    carried_out = sum(number for name, number in done.items() if not name.endswith("refused"))
    assert carried_out > COUNT * STEPS * 0.6, done
    for step in ("bill_order", "bill_line", "credit", "accrue", "reverse", "void", "release"):
        assert done[step], f"no history came to {step}: {done}"
    keep(
        "Money counted twice",
        did=f"{COUNT:,} random histories of {STEPS} steps, {carried_out:,} steps carried out, seed {SEED}",
        found="0 differences to a second reckoning",
        control="two planted double counts are found",
    )


def _keeps_the_order(*_: Any) -> list[Any]:
    """A bill that leaves its order as it is: the classic double count."""
    return []


def _adds_both(part: Part) -> int:
    """A platform's report and its bill added up."""
    return (part.imported or 0) + part.billed + part.accrued


@pytest.mark.parametrize(
    ("where", "name", "wrong"),
    [(posting, "_let_go", _keeps_the_order), (Part, "actual", property(_adds_both))],
    ids=["order and bill", "report and bill"],
)
def test_a_planted_double_count_is_found(
    world: World, cast: Cast, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, wrong: Any
) -> None:
    histories = Histories(cast, world.year, 12, SEED)
    monkeypatch.setattr(where, name, wrong)
    with pytest.raises(AssertionError, match="instead of"):
        histories.run(STEPS)
