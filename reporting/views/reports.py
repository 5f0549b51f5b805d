"""The archive of board packs and reviews, one report, and who gets them by mail."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import can, gate, may, person, require
from core import clock, formats, outbox
from core.exports import export_response, file_name
from core.models import OutboxItem
from core.pages import invalid, page, redirect_to
from core.parts import DataStatus
from core.tables import Cell, Column, Table
from reporting import services
from reporting.forms import MakeForm, ReportFilter, SignForm, SubscribeForm
from reporting.models import Report, Subscription
from reporting.permissions import may_sign
from reporting.rules.pack.companion import pack_companion_csv
from reporting.rules.pack.frozen import thaw
from reporting.selectors.clearances import may_take, require_cleared
from reporting.selectors.reports import being_made, reports_for, subscriptions_for
from reporting.selectors.shown import shown_report
from reporting.selectors.shown.checklist import checklist

REFUSED = {
    OutboxItem.State.STOPPED.value: "Stopped before anything was kept.",
    OutboxItem.State.NEEDS_PERSON.value: "It failed, and an administrator sees why.",
}
STATE_TONES = {Report.State.DRAFT.value: "warn", Report.State.SIGNED.value: "good"}


class ReportTable(Table):
    """The archive, newest first."""

    key = "reports"
    noun = "reports"
    columns = (
        Column("title", "Report", kind="link", priority=1),
        Column("state", "State", kind="badge", priority=1),
        Column("team", "Team", sort="team__name", default_visible=False, priority=3),
        Column("days", "Days covered", kind="custom", sort="last_day", priority=2, nowrap=True),
        Column("as_of", "Data as of", kind="datetime", priority=3, nowrap=True),
        Column("made_at", "Made", kind="datetime", priority=2, nowrap=True),
        Column(
            "made_by", "By", kind="custom", sort="made_by__name", default_visible=False, priority=3
        ),
        Column("signed_by", "Signed by", sort="signed_by__name", priority=3),
        Column("content_hash", "Fingerprint", kind="code", default_visible=False, priority=3),
    )
    default_sort = "-made_at"
    search = ("title",)
    empty_title = "No report yet"
    empty_text = (
        "Choose a report and a period above and make one now; the schedule makes them every month."
    )

    def cell(self, record: Report, column: Column) -> Cell:
        cell = super().cell(record, column)
        if column.key == "title":
            cell.url = reverse("reporting:report", args=[record.pk])
        elif column.key == "state":
            cell.value, cell.tone = record.get_state_display(), STATE_TONES[record.state]
        return cell

    def cell_days(self, row: Report) -> str:
        return formats.span(row.first_day, row.last_day)

    def cell_made_by(self, row: Report) -> str:
        return row.made_by.name if row.made_by else "The schedule"


@gate(Act.VIEW_MONEY)
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    user = person(request)
    filtered = ReportFilter(request.GET, reports_for(user), request=request)
    table = ReportTable(request, filtered.qs)
    if wanted := request.GET.get("export"):
        require(user, Act.EXPORT)
        return export_response(table, wanted, title="Reports", as_of=clock.now())
    context = _archive(user) | {"table": table, "filters": filtered.form}
    return page(request, "reporting/reports.html", context, fragment="reports")


def _archive(user: User) -> dict[str, Any]:
    """What the archive page shows beside its table."""
    newest = reports_for(user).first()
    waiting = reports_for(user).filter(state=Report.State.DRAFT).count()
    may_arrange = can(user, Act.SCHEDULE_REPORT)
    return {
        "title": _title(newest, waiting),
        "make": MakeForm(user, clock.today(), auto_id="make_%s") if may_arrange else None,
        "subscribe": SubscribeForm(user, auto_id="send_%s") if may_arrange else None,
        "subscriptions": subscriptions_for(user),
        "in_the_making": being_made(user).filter(state__in=services.OPEN),
        "live": "reports",
        "crumbs": [("Reports", "")],
    }


def _title(newest: Report | None, waiting: int) -> str:
    if newest is None:
        return "No report has been made yet"
    if not waiting:
        return "Every report is signed"
    return (
        f"{waiting:,} reports wait to be signed" if waiting > 1 else "One report waits to be signed"
    )


@gate(Act.SCHEDULE_REPORT)
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Have a report made now; the page that follows shows how far it is, then the report."""
    user = person(request)
    form = MakeForm(user, clock.today(), request.POST, auto_id="make_%s")
    if not form.is_valid():
        return _refused(request, user, make=form)
    wanted = form.cleaned_data
    item = services.report_request(
        user=user,
        kind=wanted["kind"],
        team=wanted["team"],
        period=wanted["period"],
        at=clock.now(),
    )
    return redirect_to(request, reverse("reporting:report-making", args=[item.pk]))


@gate(Act.SCHEDULE_REPORT)
@require_safe
def making(request: HttpRequest, pk: int) -> HttpResponse:
    """A report on its way: how far it is, the report when it is there, or why there is none."""
    item = get_object_or_404(being_made(person(request)), pk=pk)
    result = item.result or {}
    if made := result.get("report"):
        return redirect_to(request, reverse("reporting:report", args=[made]))
    share = item.progress_done / item.progress_total if item.progress_total else None
    context = {
        "item": item,
        "title": item.payload["title"],
        "share": share,
        "is_open": item.state in services.OPEN,
        "refused": result.get("refused") or REFUSED.get(item.state, ""),
        "remedy": result.get("remedy", ""),
        "crumbs": [("Reports", reverse("reporting:reports")), (item.payload["title"], "")],
    }
    return page(request, "reporting/making.html", context, fragment="work")


@gate(Act.SCHEDULE_REPORT)
@require_POST
def making_stop(request: HttpRequest, pk: int) -> HttpResponse:
    item = get_object_or_404(being_made(person(request)), pk=pk)
    outbox.stop(item.pk, now=clock.now())
    return redirect_to(request, reverse("reporting:report-making", args=[pk]))


def _refused(request: HttpRequest, user: User, **forms: Any) -> HttpResponse:
    """The archive again, with the form that could not be read."""
    table = ReportTable(request, reports_for(user))
    context = _archive(user) | {
        "table": table,
        "filters": ReportFilter({}, reports_for(user), request=request).form,
    }
    return invalid(request, "reporting/reports.html", context | forms)


def visible_report(user: User, pk: int, *, whole: bool = False) -> Report:
    """A report in sight; ``whole`` with its content and PDF."""
    rows = Report.objects.for_user(user).select_related("team", "made_by", "signed_by")
    return get_object_or_404(rows if whole else rows.defer("pdf"), pk=pk)


@gate(Act.VIEW_MONEY)
@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole report with every figure's footnote, its files, and who signed it."""
    user = person(request)
    found = visible_report(user, pk)
    document = thaw(found.content)
    shown = shown_report(document)
    context = {
        "report": found,
        "shown": shown,
        "tone": STATE_TONES[found.state],
        "status": DataStatus(found.as_of, complete=f"{len(shown.sources)} footnotes, amounts in {shown.currency}"),
        "facts": _facts(found),
        "versions": _versions(user, found),
        "checks": checklist(document),
        "may_export": may(user, Act.EXPORT, team=found.team)
        and may_take(user, found.classification),
        "sign": SignForm() if found.state == Report.State.DRAFT and may_sign(user, found) else None,
        "crumbs": [("Reports", reverse("reporting:reports")), (found.title, "")],
    }  # fmt: skip
    return page(request, "reporting/report.html", context)


def _facts(found: Report) -> list[tuple[str, str]]:
    return [
        ("Report", found.get_kind_display()),
        ("Team", found.team.name),
        ("Days", formats.span(found.first_day, found.last_day)),
        ("Made", formats.moment(found.made_at)),
        ("By", found.made_by.name if found.made_by else "The schedule"),
        ("Classification", found.classification),
    ]


def _versions(user: User, found: Report) -> Any:
    """Other versions of the same report, made when more was known."""
    same = reports_for(user).filter(kind=found.kind, team=found.team, period_key=found.period_key)
    return same.exclude(pk=found.pk)[:6]


@gate(Act.EXPORT)
@require_safe
def report_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = visible_report(user, pk, whole=True)
    require(user, Act.EXPORT, team=found.team)
    require_cleared(user, found.classification)
    return _file(found, bytes(found.pdf), "pdf", "application/pdf")


@gate(Act.EXPORT)
@require_safe
def report_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """Every figure of the report with its exact value, formula, filters, as-of and imports."""
    user = person(request)
    found = visible_report(user, pk)
    require(user, Act.EXPORT, team=found.team)
    require_cleared(user, found.classification)
    text = "\ufeff" + pack_companion_csv(thaw(found.content))
    return _file(found, text.encode(), "csv", "text/csv; charset=utf-8")


def _file(found: Report, body: bytes, ending: str, content_type: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=content_type)
    name = f"{file_name(found.title)}.{ending}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@gate(Act.VIEW_MONEY)
@require_POST
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found = visible_report(user, pk)
    form = SignForm(request.POST)
    comment = form.cleaned_data["comment"] if form.is_valid() else ""
    services.report_sign(report=found, user=user, comment=comment, at=clock.now())
    messages.success(request, "Signed. The report and your comment stay as they are.")
    return redirect_to(request, reverse("reporting:report", args=[pk]))


@gate(Act.SCHEDULE_REPORT)
@require_POST
def subscribe(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = SubscribeForm(user, request.POST, auto_id="send_%s")
    if not form.is_valid():
        return _refused(request, user, subscribe=form)
    made = services.subscription_set(user=user, at=clock.now(), **form.cleaned_data)
    when = made.get_condition_display().lower()
    messages.success(
        request, f"{made.user.name} gets it by mail: {made.get_cadence_display().lower()}, {when}."
    )
    return redirect_to(request, reverse("reporting:reports"))


@gate(Act.VIEW_MONEY)
@require_POST
def unsubscribe(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    found: Subscription = get_object_or_404(subscriptions_for(user), pk=pk)
    services.subscription_remove(user=user, subscription=found, at=clock.now())
    messages.success(request, f"{found.user.name} no longer gets it by mail.")
    return redirect_to(request, reverse("reporting:reports"))
