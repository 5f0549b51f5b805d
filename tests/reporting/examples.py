"""Example objects of reporting."""

from datetime import date

from core import events
from reporting.models import Report, Subscription
from reporting.rules.pack.frozen import freeze
from tests.cast import Cast
from tests.examples import Keywords, example
from tests.reporting.pack_sample_review import review_content
from tests.world import AT, KNOWN


@example("reporting:event")
def event(cast: Cast) -> Keywords:
    """Something that happened in DACH, and says nothing about sign-in."""
    made = events.record(
        actor=cast.manager.as_actor(), action="campaign.renamed", subject=cast.dach, at=AT,
        team_path=cast.dach.path,
    )  # fmt: skip
    return {"pk": made.pk}


@example(
    "reporting:report", "reporting:report-pdf", "reporting:report-csv", "reporting:report-sign",
    "api-report", "api-report-pdf", "api-report-csv", "api-report-sign",
)  # fmt: skip
def report(cast: Cast) -> Keywords:
    """A review of DACH, as it was frozen."""
    made = Report.objects.create(
        kind=Report.Kind.REVIEW, team=cast.dach, period_key="2026-10", first_day=date(2026, 10, 1),
        last_day=date(2026, 10, 31), title="Performance review, DACH, Oct 2026", as_of=KNOWN, made_at=AT,
        classification="Internal", content=freeze(review_content()), content_hash="0" * 64, pdf=b"%PDF-",
    )  # fmt: skip
    return {"pk": made.pk}


@example("reporting:unsubscribe", "api-subscription")
def subscription(cast: Cast) -> Keywords:
    """Jonas gets the reviews of DACH."""
    made = Subscription.objects.create(
        user=cast.manager, kind=Report.Kind.REVIEW, team=cast.dach, created_at=AT
    )
    return {"pk": made.pk}
