"""What a review must settle before it is signed, read from what it says itself."""

from __future__ import annotations

from dataclasses import dataclass

from reporting.rules.pack.content import PackContent, ReviewContent
from reporting.rules.pack.judgement import Judgement, Verdict


@dataclass(frozen=True, slots=True)
class Check:
    """One point: what, whether it is settled, and what is missing when it is not."""

    text: str
    is_settled: bool
    missing: str = ""


def checklist(document: PackContent | ReviewContent) -> tuple[Check, ...]:
    """The points of a review in the order they are gone through; a pack has none."""
    if isinstance(document, PackContent):
        return ()
    rows, changes = document.targets.rows, document.decisions.rows
    behind = [r for r in rows if r.change and r.change.judgement is Judgement.BEHIND]
    measured = [r for r in changes if r.verdict is not Verdict.MEASURING]
    owned = all(point.owner.text for point in document.open_points)
    return (
        Check("Targets are set and measured", bool(rows), "No target has a value."),
        Check(
            "No target is behind its pace", bool(rows) and not behind,
            f"{len(behind)} behind" if behind else "Nothing to compare with.",
        ),
        Check(
            "Every change has its verdict", len(measured) == len(changes),
            f"{len(changes) - len(measured)} still measured",
        ),
        Check("Every open point has an owner", owned, "Somebody has to take them."),
        Check("Nothing is left open", not document.open_points, f"{len(document.open_points)} open"),
    )  # fmt: skip
