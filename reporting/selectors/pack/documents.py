"""Whole documents: the board pack and the monthly performance review."""

from __future__ import annotations

from accounts.choices import Role
from accounts.models import Membership
from reporting.models import Report
from reporting.rules.pack.content import (
    Headline,
    OpenPoint,
    PackContent,
    ReviewContent,
    Signature,
)
from reporting.rules.pack.figures import Name, Sentence, When, say
from reporting.selectors.pack.brief import Brief
from reporting.selectors.pack.budget import budget_page
from reporting.selectors.pack.campaigns import campaigns_page
from reporting.selectors.pack.channels import channels_page
from reporting.selectors.pack.cover import art, completeness, facts, imprint, status, verdict
from reporting.selectors.pack.decisions import changes_of, decisions_page
from reporting.selectors.pack.findings import alerts_page, finding_points
from reporting.selectors.pack.requests import request_points, requests_page
from reporting.selectors.pack.restated import changes_page, previous_report
from reporting.selectors.pack.scorecard import scorecard_page
from reporting.selectors.pack.targets import no_targets, targets_page
from reporting.selectors.pack.trend import trend_page

MOST_SIGNATURES = 4


def pack_content(brief: Brief) -> PackContent:
    """The board pack. Pages that nothing is known for are left out."""
    pages = (
        scorecard_page(brief),
        trend_page(brief),
        channels_page(brief),
        campaigns_page(brief),
        targets_page(brief, with_campaigns=False),
        budget_page(brief),
        decisions_page(brief) if changes_of(brief) else None,
        alerts_page(brief),
        requests_page(brief),
        changes_page(brief, previous_report(brief, Report.Kind.BOARD_PACK)),
    )
    # Before the book is read: these enter figures of their own.
    said, complete = verdict(brief), completeness(brief)
    return PackContent(
        imprint=imprint(brief, "Board pack"),
        verdict=said,
        facts=facts(brief),
        completeness=complete,
        status=status(),
        pages=tuple(page for page in pages if page is not None),
        figures=brief.book.figures,
        provenance=brief.book.provenance,
        art=art(brief),
    )


def review_content(brief: Brief) -> ReviewContent:
    """The review: targets, what was changed and what came of it, what is open, who signs."""
    targets = targets_page(brief, with_campaigns=True) or no_targets(brief)
    log = decisions_page(brief)
    points = tuple(finding_points(brief) + request_points(brief))
    return ReviewContent(
        imprint=imprint(brief, "Performance review"),
        targets=targets,
        decisions=log,
        points_headline=_points_headline(brief, points),
        open_points=points,
        signatures=_signatures(brief),
        figures=brief.book.figures,
        provenance=brief.book.provenance,
    )


def _points_headline(brief: Brief, points: tuple[OpenPoint, ...]) -> Headline:
    title: Sentence = ("Nothing is left open",)
    if len(points) == 1:
        title = say("{name} stays open", name=Name(points[0].name.text, 60))
    elif points:
        title = say("{name} and others stay open", name=Name(points[0].name.text, 60))
    lead = say("Open findings and requests after {period}, whose they are, and who signs.", period=When(brief.period_text))  # fmt: skip
    return Headline("Open points and sign-off", title, lead)


def _signatures(brief: Brief) -> tuple[Signature, ...]:
    """The managers of the team and the director over it; nobody has signed when a review is made."""
    above = [brief.team.path[: end + 1] for end, sign in enumerate(brief.team.path) if sign == "/"]
    people = Membership.objects.filter(
        role__in=[Role.MANAGER, Role.DIRECTOR], team__path__in=above, user__is_active=True
    )
    order = {Role.MANAGER.value: 0, Role.DIRECTOR.value: 1}
    found = sorted(
        people.select_related("user", "team"),
        key=lambda m: (-len(m.team.path), order[m.role], m.user.name, m.pk),
    )
    return tuple(
        Signature(Role(member.role).label, Name(member.user.name), When(""))
        for member in found[:MOST_SIGNATURES]
    )
