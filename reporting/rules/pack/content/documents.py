"""Whole documents: the board pack and the monthly performance review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from reporting.rules.pack.content.cover import Completeness, CoverArt, Fact, Headline, Imprint
from reporting.rules.pack.content.follow_up import (
    AlertsPage,
    BudgetPage,
    ChangesPage,
    DecisionsPage,
    PlanPage,
)
from reporting.rules.pack.content.performance import (
    CampaignsPage,
    ChannelsPage,
    PositionPage,
    ScorecardPage,
    TargetsPage,
    TrendPage,
)
from reporting.rules.pack.figures import Figure, Name, Provenance, Ref, Sentence, When
from reporting.rules.pack.judgement import Judgement

PackPage: TypeAlias = (
    ScorecardPage
    | TrendPage
    | ChannelsPage
    | CampaignsPage
    | BudgetPage
    | DecisionsPage
    | AlertsPage
    | TargetsPage
    | PlanPage
    | PositionPage
    | ChangesPage
)


@dataclass(frozen=True, slots=True)
class Sum:
    """Printed parts that must add up to a printed total."""

    total: Ref
    parts: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class PackContent:
    """A whole board pack. ``facts`` fill the cover beside completeness and hash, in order."""

    imprint: Imprint
    verdict: Sentence
    facts: tuple[Fact, ...]
    completeness: Completeness
    status: Fact
    pages: tuple[PackPage, ...]
    figures: tuple[Figure, ...]
    provenance: tuple[Provenance, ...]
    art: CoverArt | None = None
    sums: tuple[Sum, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """Something left to do after the review: whose and until when."""

    name: Name
    sentence: Sentence
    owner: Name
    due: When
    judgement: Judgement = Judgement.NEUTRAL


@dataclass(frozen=True, slots=True)
class Signature:
    """A person who signs the review off; ``signed`` is empty until it happened."""

    role: str
    person: Name
    signed: When


@dataclass(frozen=True, slots=True)
class ReviewContent:
    """A monthly performance review: targets, what was changed, what came of it, what is open, who signs."""

    imprint: Imprint
    targets: TargetsPage
    decisions: DecisionsPage
    points_headline: Headline
    open_points: tuple[OpenPoint, ...]
    signatures: tuple[Signature, ...]
    figures: tuple[Figure, ...]
    provenance: tuple[Provenance, ...]
    sums: tuple[Sum, ...] = ()
