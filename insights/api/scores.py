"""Chances over the API: those that were given, and the chance of one subject at this moment."""

from __future__ import annotations

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
from accounts.permissions import person
from core import clock
from core.api import AnyFormat, read
from core.errors import Conflict, Invalid
from core.known import answer_as_known, known_at
from customers.choices import PersonalField
from customers.models import Account, Lead
from customers.permissions import may_see
from insights.forms import ScoreFilter
from insights.models import FeatureTable, Score
from insights.rules.scores import KINDS, LEADS, next_step, reason
from insights.selectors.scores import (
    Given,
    champion_seen,
    is_high,
    score_now,
    score_row,
    scores_for,
)

HIDDEN = "A person"


class ScoreReasonOut(serializers.Serializer[Any]):
    """One reason: what it adds to the log-odds, in words too."""

    name = serializers.CharField()
    value = serializers.CharField(allow_blank=True)
    effect = serializers.FloatField()
    words = serializers.SerializerMethodField()

    def get_words(self, one: dict[str, Any]) -> str:
        return reason(one)


class ScoreOut(serializers.ModelSerializer[Score]):
    """A chance as it was given; ``like_low`` to ``like_high`` is the 95 % range of what came of
    ``like_n`` unseen rows with such chances."""

    kind = serializers.CharField()
    who = serializers.SerializerMethodField()
    contact = serializers.IntegerField(source="lead.contact_id", allow_null=True, default=None)
    raises = ScoreReasonOut(many=True)
    lowers = ScoreReasonOut(many=True)
    what_to_do = serializers.SerializerMethodField()
    came = serializers.SerializerMethodField(help_text="open, yes or no")

    class Meta:
        model = Score
        fields = [
            "id", "kind", "team", "version", "lead", "account", "contact", "who", "chance", "base",
            "raises", "lowers", "like_n", "like_low", "like_high", "what_to_do", "scored_at",
            "due_at", "came", "came_at",
        ]  # fmt: skip

    def get_who(self, score: Score) -> str:
        return who(self.context["request"].user, score)

    def get_what_to_do(self, score: Score) -> str:
        return next_step(score.kind, score.raises, is_high=is_high(score.chance, score.version))

    def get_came(self, score: Score) -> str:
        return str(getattr(score, "came_known", score.came)) or "open"


def who(user: User, score: Score) -> str:
    """The account's name; a person's label where the caller may see labels."""
    if score.account:
        return score.account.name
    contact = score.lead.contact if score.lead else None
    if contact is None:
        return "A person no longer known"
    return contact.label if may_see(user, PersonalField.LABEL, score.team) else HIDDEN


class ScoreIn(serializers.Serializer[Any]):
    """Whom to give a chance: a lead or account by number, or columns as the model knows them."""

    subject = serializers.IntegerField(required=False, min_value=1)
    features = serializers.DictField(
        child=serializers.CharField(allow_blank=True, allow_null=True), required=False
    )


class GivenOut(serializers.Serializer[Any]):
    """A chance of this moment, by the model in use."""

    kind = serializers.CharField()
    subject = serializers.IntegerField(allow_null=True)
    chance = serializers.FloatField()
    base_rate = serializers.FloatField()
    like_n = serializers.IntegerField()
    like_low = serializers.FloatField()
    like_high = serializers.FloatField()
    raises = ScoreReasonOut(many=True)
    lowers = ScoreReasonOut(many=True)
    what_to_do = serializers.CharField()
    version = serializers.IntegerField()
    at = serializers.DateTimeField()


class Scores(generics.ListAPIView[Score]):
    """The newest chance of every lead and account in sight, the likeliest first."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}
    serializer_class = ScoreOut
    filterset_class = ScoreFilter
    queryset = Score.objects.none()

    @answer_as_known
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Score]:
        if getattr(self, "swagger_fake_view", False):
            return Score.objects.none()
        return scores_for(person(self.request), None, known_at())


class ScoreDetail(APIView):
    """One chance as it was given."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(responses=ScoreOut)
    def get(self, request: Request, pk: int) -> Response:
        rows = Score.objects.for_user(person(request)).select_related(
            "team", "version", "account", "lead__contact"
        )
        return Response(ScoreOut(get_object_or_404(rows, pk=pk), context={"request": request}).data)


class ScoreNow(APIView):
    """The chance of one lead or account on what is known at this moment, by the model in use.

    ``kind``: leads, churn or expansion. With ``features`` instead of a subject, of columns that
    the caller names; what is left out counts as not known.
    """

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.VIEW_CAMPAIGNS}

    @extend_schema(
        operation_id="score_now",
        parameters=[OpenApiParameter("subject", int, required=True)],
        responses=GivenOut,
    )
    def get(self, request: Request, kind: str) -> Response:
        text = request.query_params.get("subject", "")
        if not text.isdecimal() or len(text) > 18:
            raise Invalid("Say whom: ?subject= the number of a lead or account.", where="subject")
        return Response(_shown(_of_subject(person(request), _kind(kind), int(text))))

    @extend_schema(operation_id="score_ask", request=ScoreIn, responses=GivenOut)
    def post(self, request: Request, kind: str) -> Response:
        asked, user = read(ScoreIn, request), person(request)
        if "subject" in asked:
            return Response(_shown(_of_subject(user, _kind(kind), asked["subject"])))
        if not asked.get("features"):
            raise Invalid("Give a subject, or the features of one.", where="subject")
        return Response(_shown(_of_features(user, _kind(kind), asked["features"])))


def _kind(key: str) -> str:
    if key not in KINDS:
        raise Http404
    return key


def _of_subject(user: User, kind: str, subject: int) -> Given:
    model: Any = Lead if kind == LEADS else Account
    found = get_object_or_404(model.objects.for_user(user).select_related("team"), pk=subject)
    given = score_now(kind, found.pk, found.team, clock.now())
    if given is None:
        raise _no_model(kind, found.team)
    return given


def _of_features(user: User, kind: str, features: dict[str, str | None]) -> Given:
    version = champion_seen(user, kind)
    if version is None:
        raise _no_model(kind, None)
    unknown = set(features) - set(version.params.get("columns", features))
    if unknown:
        raise Invalid(f"The model does not know {', '.join(sorted(unknown))}.", where="features")
    try:
        return score_row(version, features, clock.now())
    except ValueError as error:
        raise Invalid(f"{error}.", where="features") from error


def _no_model(kind: str, team: Team | None) -> Conflict:
    of = f" of {team}" if team else ""
    return Conflict(
        f"No model gives chances of {KINDS[kind].label.lower()}{of} yet, or nothing is known of it.",
        code="no_model",
        remedy="The scores page says what is missing.",
    )


def _shown(given: Given) -> Any:
    return GivenOut(
        {
            "kind": given.version.kind,
            "subject": given.subject or None,
            "chance": given.chance,
            "base_rate": given.version.scores["base_rate"],
            "like_n": given.like_n,
            "like_low": given.like_low,
            "like_high": given.like_high,
            "raises": given.raises,
            "lowers": given.lowers,
            "what_to_do": next_step(
                given.version.kind, given.raises, is_high=is_high(given.chance, given.version)
            ),
            "version": given.version.pk,
            "at": given.at,
        }
    ).data


class ScoreFeatures(APIView):
    """The table a model learnt from as CSV, exactly as it was read."""

    acts = {"GET": Act.EXPORT}
    content_negotiation_class = AnyFormat

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        table = get_object_or_404(FeatureTable.objects.for_user(person(request)), pk=pk)
        return HttpResponse(table.content, content_type="text/csv; charset=utf-8")
