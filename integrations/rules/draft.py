"""What is known of a file so far, so that a refusal at any point can still show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from integrations.rules.answers import (
    Caution,
    ColumnProposal,
    Evidence,
    LayoutFound,
    Outcome,
    Question,
    Reading,
    RowProblem,
)
from integrations.rules.codes import Code


@dataclass(slots=True)
class Draft:
    """Filled step by step, turned into the answer at the end."""

    name: str
    content_hash: str = ""
    layout: LayoutFound | None = None
    header_hash: str = ""
    columns: tuple[ColumnProposal, ...] = ()
    questions: list[Question] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)
    evidence: dict[str, Any] = field(default_factory=dict)

    def reading(self, outcome: Outcome, **more: Any) -> Reading:
        return Reading(
            outcome=outcome,
            name=self.name,
            layout=self.layout,
            header_hash=self.header_hash,
            columns=self.columns,
            questions=tuple(self.questions),
            warnings=tuple(self.cautions),
            evidence=Evidence(**self.evidence),
            content_hash=self.content_hash,
            **more,
        )

    def refused(self, problems: Iterable[RowProblem], **more: Any) -> Reading:
        """A refusal with its reasons; every open question is a reason too."""
        asked = {question.key for question in self.questions}
        open_questions = [
            RowProblem(None, question.key, question.code, question.sentence)
            for question in self.questions
            if question.code != Code.MISSING_COLUMN
        ]
        own = [problem for problem in problems if problem.column not in asked or problem.row]
        missing = [problem for problem in problems if problem.code is Code.MISSING_COLUMN]
        reasons = list(dict.fromkeys([*open_questions, *own, *missing]))
        return self.reading(Outcome.REFUSE, problems=tuple(reasons), **more)
