"""Data quality, naming rules, levels and the dictionary over the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import person, sees_money, teams_with
from campaigns.models import Campaign
from core import clock
from core.api import AnyFormat, Seen, read
from core.errors import Invalid
from integrations.choices import Monitor, Severity
from integrations.forms.quality import IssueFilter, LevelForm
from integrations.models import Hold, NamingRule, QualityIssue, QualityIssueQuerySet, Source
from integrations.rules.samples import sample, sampled_layouts
from integrations.selectors import (
    KINDS,
    account_days,
    dictionary,
    holds_of,
    issues_for,
    level_days,
    rules_for,
    scored_sources_for,
    settings_of,
)
from integrations.services import quality
from integrations.services.holds import hold_release

Values = Mapping[str, Any]
VALUES = serializers.DictField(
    child=serializers.ListField(child=serializers.CharField(max_length=200)), required=False
)


class IssueOut(serializers.ModelSerializer[QualityIssue]):
    """One cause of doubt; amounts in millionths of the source's currency."""

    evidence = serializers.JSONField(read_only=True)

    class Meta:
        model = QualityIssue
        fields = [
            "id", "source", "monitor", "severity", "title", "detail", "first_day", "last_day", "rows",
            "amount_micros", "evidence", "state", "first_seen_at", "last_seen_at", "recovered_at",
            "action", "reason", "acted_at",
        ]  # fmt: skip

    def to_representation(self, instance: QualityIssue) -> dict[str, Any]:
        found = super().to_representation(instance)
        if not sees_money(person(self.context["request"])):
            found["amount_micros"], found["evidence"] = None, {}
        return found


class IssueAction(serializers.Serializer[Values]):
    """What to do: accept and exclude need a reason, remap a campaign."""

    do = serializers.ChoiceField(choices=["accept", "exclude", "refetch", "remap"])
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=2_000)
    campaign = Seen(Campaign, Campaign.objects.for_user, required=False)


class MonitorOut(serializers.Serializer[Values]):
    """How one monitor is set for a source."""

    monitor = serializers.ChoiceField(choices=Monitor.choices)
    severity = serializers.ChoiceField(choices=Severity.choices)
    threshold = serializers.DecimalField(max_digits=9, decimal_places=3)
    holds = serializers.BooleanField()
    is_own = serializers.BooleanField()


class MonitorIn(serializers.Serializer[Values]):
    monitor = serializers.ChoiceField(choices=Monitor.choices)
    severity = serializers.ChoiceField(choices=Severity.choices)
    threshold = serializers.DecimalField(max_digits=9, decimal_places=3)
    holds = serializers.BooleanField(default=False)


class HoldOut(serializers.ModelSerializer[Hold]):
    """Rows that count nowhere for now: campaign line and day of each."""

    keys = serializers.JSONField(read_only=True)

    class Meta:
        model = Hold
        fields = ["id", "source", "issue", "keys", "reason", "held_at", "released_at"]


class SourceQualityOut(serializers.Serializer[Any]):
    """A source with its score (0 to 100), how it is watched and what is held back."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    score = serializers.IntegerField(allow_null=True)
    open_errors = serializers.IntegerField(source="errors")
    open_warnings = serializers.IntegerField(source="notes")
    scored_on = serializers.DateField(allow_null=True)


class SourceDetailOut(SourceQualityOut):
    monitors = serializers.SerializerMethodField()
    holds = serializers.SerializerMethodField()

    @extend_schema(responses=MonitorOut(many=True))
    def get_monitors(self, source: Source) -> list[dict[str, Any]]:
        return [_setting(key, setting) for key, setting in settings_of(source).items()]

    def get_holds(self, source: Source) -> list[dict[str, Any]]:
        return [dict(HoldOut(hold).data) for hold in holds_of(source)]


class ReleaseIn(serializers.Serializer[Values]):
    reason = serializers.CharField(max_length=2_000)


class LevelOut(serializers.Serializer[Any]):
    """A day at one level beside the one that counts."""

    day = serializers.DateField()
    counts = serializers.CharField()
    loaded = serializers.IntegerField(allow_null=True)
    level = serializers.CharField()
    total = serializers.IntegerField(allow_null=True)
    residual = serializers.IntegerField(allow_null=True)


class AccountLevelOut(serializers.Serializer[Any]):
    """The platform's own total over the days of a file."""

    first_day = serializers.DateField()
    last_day = serializers.DateField()
    run = serializers.IntegerField()
    stated = serializers.IntegerField(allow_null=True)
    loaded = serializers.IntegerField(allow_null=True)
    residual = serializers.IntegerField(allow_null=True)


class LevelsOut(serializers.Serializer[Any]):
    """Sums of one measure; money and conversions in millionths."""

    measure = serializers.CharField()
    days = LevelOut(many=True)
    accounts = AccountLevelOut(many=True)


class RuleOut(serializers.ModelSerializer[NamingRule]):
    """A version of a team's naming rule."""

    allowed = serializers.JSONField(read_only=True)
    utm = serializers.JSONField(read_only=True)

    class Meta:
        model = NamingRule
        fields = ["id", "team", "version", "pattern", "allowed", "utm", "is_current", "saved_at"]


def _own_teams(user: User) -> QuerySet[Team]:
    return Team.objects.filter(pk__in=[team.pk for team in teams_with(user, Act.CONFIRM_PARTIAL)])


class RuleIn(serializers.Serializer[Values]):
    """A rule; with ``try`` nothing is saved and the answer shows what it makes of the names."""

    team = Seen(Team, _own_teams)
    pattern = serializers.CharField(max_length=200)
    allowed = VALUES
    utm = VALUES
    version = serializers.IntegerField(required=False, allow_null=True, default=None)
    only_try = serializers.BooleanField(default=False)


class NameOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    parts = serializers.DictField(child=serializers.CharField())
    problems = serializers.ListField(child=serializers.CharField())


class RuleTried(serializers.Serializer[Any]):
    """The saved rule (empty when only tried), and what it makes of the names."""

    rule = RuleOut(allow_null=True)
    fitting = serializers.IntegerField()
    names = NameOut(many=True)


class TermOut(serializers.Serializer[Any]):
    """A word with what it means and where it comes from."""

    kind = serializers.CharField()
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    meaning = serializers.CharField()
    origin = serializers.CharField()


def _setting(key: str, setting: Any) -> dict[str, Any]:
    return {
        "monitor": key,
        "severity": setting.severity,
        "threshold": str(setting.threshold),
        "holds": setting.holds,
        "is_own": setting.is_own,
    }


class Issues(generics.ListAPIView[QualityIssue]):
    """What is, was or is accepted to be wrong with data, newest first."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}
    serializer_class = IssueOut
    filterset_class = IssueFilter
    queryset = QualityIssue.objects.none()

    def get_queryset(self) -> QualityIssueQuerySet:
        return issues_for(person(self.request))


class IssueDetail(APIView):
    """One issue; accept it, leave its rows out, fetch again, or put a campaign where it belongs."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.UPLOAD_IMPORT}

    @extend_schema(responses=IssueOut)
    def get(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(issues_for(person(request)), pk=pk)
        return Response(IssueOut(found, context={"request": request}).data)

    @extend_schema(operation_id="quality_act", request=IssueAction, responses=IssueOut)
    def post(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(issues_for(person(request)), pk=pk)
        _act(found, person(request), read(IssueAction, request))
        return self.get(request, pk)


def _act(issue: QualityIssue, user: User, data: dict[str, Any]) -> None:
    now = clock.now()
    if data["do"] == "refetch":
        quality.issue_refetch(issue, user=user, at=now)
    elif data["do"] == "remap":
        if "campaign" not in data:
            raise Invalid("Say which campaign it belongs to.", where="campaign")
        quality.issue_remap(issue, user=user, campaign=data["campaign"], at=now)
    else:
        act = quality.issue_accept if data["do"] == "accept" else quality.issue_exclude
        act(issue, user=user, reason=data["reason"], at=now)


class SourcesQuality(APIView):
    """Every source with its score and what is open."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(responses=SourceQualityOut(many=True))
    def get(self, request: Request) -> Response:
        found = scored_sources_for(person(request)).order_by("name")
        return Response(SourceQualityOut(found, many=True).data)


class SourceQuality(APIView):
    """One source with its monitors; POST looks at it now, PATCH sets one monitor."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.VIEW_CAMPAIGNS, "PATCH": Act.CONFIRM_PARTIAL}

    @extend_schema(responses=SourceDetailOut)
    def get(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(scored_sources_for(person(request)), pk=pk)
        return Response(SourceDetailOut(found).data)

    @extend_schema(operation_id="quality_look", request=None, responses=SourceDetailOut)
    def post(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(scored_sources_for(person(request)), pk=pk)
        quality.source_check(found, at=clock.now())
        return self.get(request, pk)

    @extend_schema(operation_id="quality_set", request=MonitorIn, responses=SourceDetailOut)
    def patch(self, request: Request, pk: int) -> Response:
        user = person(request)
        found = get_object_or_404(scored_sources_for(user), pk=pk)
        quality.monitor_set(found, **read(MonitorIn, request), user=user, at=clock.now())
        return self.get(request, pk)


class HoldDetail(APIView):
    """Let held rows count again."""

    acts = {"POST": Act.CONFIRM_PARTIAL}

    @extend_schema(operation_id="quality_release", request=ReleaseIn, responses=HoldOut)
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        hold = get_object_or_404(Hold, pk=pk, source__in=Source.objects.for_user(user))
        reason = read(ReleaseIn, request)["reason"]
        return Response(HoldOut(hold_release(hold, user=user, reason=reason, at=clock.now())).data)


class Levels(APIView):
    """Totals of a source at every level it was reported at, beside the one that counts."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(
        parameters=[
            OpenApiParameter("first", OpenApiTypes.DATE),
            OpenApiParameter("last", OpenApiTypes.DATE),
            OpenApiParameter("measure", str),
        ],
        responses=LevelsOut,
    )
    def get(self, request: Request, pk: int) -> Response:
        user = person(request)
        source = get_object_or_404(Source.objects.for_user(user), pk=pk)
        form = LevelForm(request.query_params, today=clock.today(), with_money=sees_money(user))
        if not form.is_valid():
            raise Invalid("Give days as 2026-11-01 and a measure you may see.", where="measure")
        period, measure = form.chosen
        days = [
            {
                "day": day.day, "counts": day.loaded_level, "loaded": day.loaded, "level": level,
                "total": total, "residual": day.residual(level),
            }
            for day in level_days(source, period, measure)
            for level, total in sorted(day.beside.items())
        ]  # fmt: skip
        accounts = account_days(source, period, measure)
        return Response(LevelsOut({"measure": measure, "days": days, "accounts": accounts}).data)


class NamingRules(APIView):
    """The naming rules that hold; POST tries one, or saves it as the team's next version."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.CONFIRM_PARTIAL}

    @extend_schema(responses=RuleOut(many=True))
    def get(self, request: Request) -> Response:
        return Response(RuleOut(rules_for(person(request)).current(), many=True).data)

    @extend_schema(operation_id="naming_save", request=RuleIn, responses=RuleTried)
    def post(self, request: Request) -> Response:
        data = read(RuleIn, request)
        team, allowed, utm = data["team"], data.get("allowed", {}), data.get("utm", {})
        tried = quality.naming_preview(team, pattern=data["pattern"], allowed=allowed)
        rule = None
        if not data["only_try"]:
            rule = quality.naming_save(
                team, pattern=data["pattern"], allowed=allowed, utm=utm, version=data["version"],
                user=person(request), at=clock.now(),
            )  # fmt: skip
        answer = {"rule": rule, "fitting": tried.fitting, "names": tried.names}
        return Response(RuleTried(answer).data)


class Dictionary(APIView):
    """Every measure, metric, dimension and column of a layout; ``q`` searches, ``kind`` narrows."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(
        parameters=[OpenApiParameter("q", str), OpenApiParameter("kind", str, enum=KINDS)],
        responses=TermOut(many=True),
    )
    def get(self, request: Request) -> Response:
        wanted, kind = request.query_params.get("q", ""), request.query_params.get("kind", "")
        found = [
            term
            for term in dictionary()
            if (not kind or term.kind == kind)
            and wanted.casefold()
            in f"{term.label} {term.key} {term.meaning} {term.origin}".casefold()
        ]
        return Response(TermOut(found, many=True).data)


class SampleFile(APIView):
    """A small file in a layout."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}
    content_negotiation_class = AnyFormat

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request, layout: str) -> HttpResponse:  # noqa: ARG002
        if layout not in {item.key for item in sampled_layouts()}:
            raise Http404
        return HttpResponse(sample(layout), content_type="text/csv; charset=utf-8")
