"""Reports over the API: the archive, one report with every figure, made now, as files."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import person, require
from accounts.selectors import active_people_for, open_teams_for
from core import clock
from core.api import Seen, read
from core.exports import file_name
from core.models import Organisation
from reporting import services
from reporting.forms import ReportFilter
from reporting.models import Report, ReportQuerySet, Subscription
from reporting.rules.pack.companion import pack_companion_csv
from reporting.rules.pack.frozen import thaw
from reporting.selectors.clearances import require_cleared
from reporting.selectors.reports import reports_for, subscriptions_for

MAKERS = {
    Report.Kind.BOARD_PACK.value: services.board_pack,
    Report.Kind.REVIEW.value: services.performance_review,
}


class ReportOut(serializers.ModelSerializer[Report]):
    """A report without its content; ``pdf`` and ``csv`` are the addresses of its files."""

    team_name = serializers.CharField(source="team.name", read_only=True)
    pdf = serializers.SerializerMethodField()
    csv = serializers.SerializerMethodField()

    class Meta:
        model = Report
        fields = [
            "id", "kind", "team", "team_name", "period_key", "first_day", "last_day", "title", "state",
            "as_of", "made_at", "made_by", "classification", "content_hash", "comment", "signed_by",
            "signed_at", "pdf", "csv",
        ]  # fmt: skip

    @extend_schema_field(OpenApiTypes.URI_REF)
    def get_pdf(self, report: Report) -> str:
        return reverse("api-report-pdf", args=[report.pk])

    @extend_schema_field(OpenApiTypes.URI_REF)
    def get_csv(self, report: Report) -> str:
        return reverse("api-report-csv", args=[report.pk])


class FigureOut(serializers.Serializer[Any]):
    """One figure as printed, its exact value, and the footnote it hangs on."""

    id = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of ours, not the caption
    text = serializers.CharField()
    value = serializers.DecimalField(max_digits=None, decimal_places=None, allow_null=True)
    unit = serializers.CharField()
    footnote = serializers.CharField()


class FootnoteOut(serializers.Serializer[Any]):
    """Where figures come from."""

    id = serializers.CharField()
    name = serializers.CharField()
    formula = serializers.CharField()
    filters = serializers.CharField()
    as_of = serializers.DateTimeField()
    batches = serializers.ListField(child=serializers.CharField())
    query = serializers.CharField()


class WholeReportOut(ReportOut):
    """A report with every figure and footnote."""

    figures = serializers.SerializerMethodField()
    footnotes = serializers.SerializerMethodField()

    class Meta(ReportOut.Meta):
        fields = [*ReportOut.Meta.fields, "figures", "footnotes"]

    @extend_schema_field(FigureOut(many=True))
    def get_figures(self, report: Report) -> Any:
        return FigureOut(thaw(report.content).figures, many=True).data

    @extend_schema_field(FootnoteOut(many=True))
    def get_footnotes(self, report: Report) -> Any:
        return FootnoteOut(thaw(report.content).provenance, many=True).data


class ReportIn(serializers.Serializer[Any]):
    """Which report to make: ``period`` like 2026-10, 2026-Q3 or FY2026; ``as_of`` for what was known then."""

    kind = serializers.ChoiceField(choices=Report.Kind.choices)
    team = Seen(Team, open_teams_for)
    period = serializers.CharField()
    as_of = serializers.DateTimeField(required=False)


class Reports(generics.ListAPIView[Report]):
    """Reports the person may open, newest first; POST makes one now."""

    acts = {"GET": Act.VIEW_MONEY, "POST": Act.SCHEDULE_REPORT}
    serializer_class = ReportOut
    filterset_class = ReportFilter
    queryset = Report.objects.none()

    def get_queryset(self) -> ReportQuerySet:
        return reports_for(person(self.request))

    @extend_schema(request=ReportIn, responses={201: ReportOut})
    def post(self, request: Request) -> Response:
        user, data = person(request), read(ReportIn, request)
        organisation = Organisation.current()
        period = organisation.calendar.parse(data["period"], today=clock.today(organisation))
        made = MAKERS[data["kind"]](
            team=data["team"], period=period, at=clock.now(), as_of=data.get("as_of"), user=user
        )
        return Response(ReportOut(made).data, status=201)


class ReportDetail(generics.RetrieveAPIView[Report]):
    """One report with every figure and where it comes from."""

    acts = {"GET": Act.VIEW_MONEY}
    serializer_class = WholeReportOut
    queryset = Report.objects.none()

    def get_queryset(self) -> ReportQuerySet:
        return Report.objects.for_user(person(self.request)).select_related("team").defer("pdf")


class ReportSign(APIView):
    """Sign a report: ``comment`` is kept beside it."""

    acts = {"POST": Act.VIEW_MONEY}

    @extend_schema(request=None, responses=ReportOut)
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        found = get_object_or_404(Report.objects.for_user(user).select_related("team"), pk=pk)
        signed = services.report_sign(
            report=found, user=user, comment=str(request.data.get("comment", "")), at=clock.now()
        )
        return Response(ReportOut(signed).data)


class ReportPdf(APIView):
    """The PDF as it was frozen."""

    acts = {"GET": Act.EXPORT}

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        found = _exported(person(request), pk)
        return _file(found, bytes(found.pdf), "pdf", "application/pdf")


class ReportCsv(APIView):
    """Every figure with its exact value, formula, filters, as-of and imports."""

    acts = {"GET": Act.EXPORT}

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int) -> HttpResponse:
        found = _exported(person(request), pk)
        body = pack_companion_csv(thaw(found.content)).encode()
        return _file(found, body, "csv", "text/csv; charset=utf-8")


def _exported(user: User, pk: int) -> Report:
    found = get_object_or_404(Report.objects.for_user(user).select_related("team"), pk=pk)
    require(user, Act.EXPORT, team=found.team)
    require_cleared(user, found.classification)
    return found


def _file(found: Report, body: bytes, ending: str, content_type: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=content_type)
    name = f"{file_name(found.title)}.{ending}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


class SubscriptionOut(serializers.ModelSerializer[Subscription]):
    user_name = serializers.CharField(source="user.name", read_only=True)

    class Meta:
        model = Subscription
        fields = [
            "id",
            "kind",
            "team",
            "user",
            "user_name",
            "cadence",
            "condition",
            "delivery",
            "created_by",
            "created_at",
        ]
        read_only_fields = ["created_by", "created_at"]


class SubscriptionIn(serializers.Serializer[Any]):
    """Who gets which kind of report about which team; without ``user`` oneself."""

    kind = serializers.ChoiceField(choices=Report.Kind.choices)
    team = Seen(Team, open_teams_for)
    user = Seen(User, active_people_for, required=False)
    cadence = serializers.ChoiceField(
        choices=Subscription.Cadence.choices, default=Subscription.Cadence.EVERY
    )
    condition = serializers.ChoiceField(
        choices=Subscription.Condition.choices, default=Subscription.Condition.ALWAYS
    )
    delivery = serializers.ChoiceField(
        choices=Subscription.Delivery.choices, default=Subscription.Delivery.PDF
    )


class Subscriptions(generics.ListAPIView[Subscription]):
    """The person's subscriptions and those they may arrange for others; POST makes one."""

    acts = {"GET": Act.VIEW_MONEY, "POST": Act.SCHEDULE_REPORT}
    serializer_class = SubscriptionOut
    queryset = Subscription.objects.none()

    def get_queryset(self) -> Any:
        return subscriptions_for(person(self.request))

    @extend_schema(request=SubscriptionIn, responses={201: SubscriptionOut})
    def post(self, request: Request) -> Response:
        user, data = person(request), read(SubscriptionIn, request)
        made = services.subscription_set(
            user=user, recipient=data.get("user", user), kind=data["kind"], team=data["team"],
            at=clock.now(), cadence=data["cadence"], condition=data["condition"],
            delivery=data["delivery"],
        )  # fmt: skip
        return Response(SubscriptionOut(made).data, status=201)


class SubscriptionDetail(APIView):
    """End a subscription."""

    acts = {"DELETE": Act.VIEW_MONEY}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        user = person(request)
        found = get_object_or_404(subscriptions_for(user), pk=pk)
        services.subscription_remove(user=user, subscription=found, at=clock.now())
        return Response(status=204)
