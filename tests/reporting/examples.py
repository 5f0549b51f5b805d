"""Example objects of reporting."""

from datetime import date

from core import events
from core.models import Organisation
from reporting import services
from reporting.models import Annotation, Report, Subscription
from reporting.rules.pack.frozen import freeze
from reporting.services import annotation_add, annotation_delete
from tests.cast import Cast
from tests.examples import Keywords, example
from tests.reporting.pack_sample_review import review_content
from tests.world import AT, KNOWN, make_campaign


@example("reporting:event", "api-event")
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


@example("reporting:report-making", "reporting:report-making-stop")
def making(cast: Cast) -> Keywords:
    """A review of DACH that its manager asked for and a worker has not begun."""
    period = Organisation.current().calendar.parse("2026-10", today=AT.date())
    item = services.report_request(
        user=cast.manager, kind=Report.Kind.REVIEW, team=cast.dach, period=period, at=AT
    )
    return {"pk": item.pk}


@example("reporting:unsubscribe", "api-subscription")
def subscription(cast: Cast) -> Keywords:
    """Jonas gets the reviews of DACH."""
    made = Subscription.objects.create(
        user=cast.manager, kind=Report.Kind.REVIEW, team=cast.dach, created_at=AT
    )
    return {"pk": made.pk}


@example("reporting:annotation-add")
def remarked_campaign(cast: Cast) -> Keywords:
    return {"pk": make_campaign(cast).pk}


@example("reporting:annotation-edit", "reporting:annotation-delete", "api-annotation")
def remark(cast: Cast) -> Keywords:
    return {"pk": make_remark(cast).pk}


@example("reporting:annotation-undelete", "api-annotation-undelete")
def deleted_remark(cast: Cast) -> Keywords:
    made = make_remark(cast)
    annotation_delete(annotation=made, user=cast.manager, at=AT)
    return {"pk": made.pk}


def make_remark(cast: Cast) -> Annotation:
    """A strike in November, on the charts of a campaign of DACH."""
    return annotation_add(
        user=cast.manager, at=AT, campaign=make_campaign(cast), first_day=date(2026, 11, 3),
        last_day=date(2026, 11, 5), text="Parcel strike",
    )  # fmt: skip
