"""Competitors over the API: their records, and how they stand in the auctions."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from core import clock, known
from core.api import AS_OF, read
from core.errors import Invalid
from core.known import answer_as_known
from insights.api import competitor_shapes as shapes
from insights.forms import GRAINS, CompetitionFilter
from metrics.choices import AUCTION_SHARES
from metrics.models import Competitor
from metrics.selectors import Competition, Rival, Share, competition, competitors_for
from metrics.services import competitor_create, competitor_edit


class CompetitionView(APIView):
    """Shares of auctions, ours and others', in the newest period and over time.

    Shares are decimal text, parts of 1. Where ``bound`` is below or above, only that is known.
    """

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(
        parameters=[
            OpenApiParameter("team", int, description="The one with the newest figures without it"),
            OpenApiParameter("by", enum=list(GRAINS), description="Weeks where there are any"),
            OpenApiParameter("period", str, description="First day of the newest period to show"),
            AS_OF,
        ],
        responses=shapes.CompetitionOut,
    )
    @answer_as_known
    def get(self, request: Request) -> Response:
        user = person(request)
        wanted = CompetitionFilter(user, request.query_params)
        if not wanted.is_valid():
            where, said = next(iter(wanted.errors.items()))
            raise Invalid(str(said[0]), where=where)
        found = competition(user, **wanted.asked(), as_of=known.known_at())
        return Response(shapes.CompetitionOut(_found(found)).data)


def _found(found: Competition) -> dict[str, Any]:
    return {
        "team": found.team.pk if found.team else None,
        "grain": found.grain,
        "periods": found.spans,
        "unnamed": found.unnamed,
        "rivals": [_rival(rival) for rival in found.rivals],
    }


def _rival(rival: Rival) -> dict[str, Any]:
    return {
        "name": rival.name,
        "is_us": rival.is_us,
        "domain": rival.domain,
        "competitor": rival.competitor.pk if rival.competitor else None,
        "shares": [
            {
                "share": share,
                "now": _share(rival.now.get(share)),
                "before": _share(rival.before.get(share)),
                "change": rival.change(share),
            }
            for share in AUCTION_SHARES
        ],
        "impression_share": [_share(share) for share in rival.history],
    }


def _share(share: Share | None) -> dict[str, Any] | None:
    return None if share is None else {"value": share.value, "bound": share.bound}


class Competitors(generics.ListAPIView[Competitor]):
    """Competitors of the teams in sight; a new one."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.DRAFT_REQUEST}
    serializer_class = shapes.CompetitorOut
    filter_backends = ()
    queryset = Competitor.objects.none()

    def get_queryset(self) -> QuerySet[Competitor]:
        if getattr(self, "swagger_fake_view", False):
            return Competitor.objects.none()
        return competitors_for(person(self.request))

    @extend_schema(request=shapes.CompetitorIn, responses={201: shapes.CompetitorOut})
    def post(self, request: Request) -> Response:
        made = competitor_create(
            user=person(request), at=clock.now(), **read(shapes.CompetitorIn, request)
        )
        return Response(shapes.CompetitorOut(made).data, status=201)


class CompetitorDetail(APIView):
    """One competitor; what is not given stays as it is."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "PATCH": Act.DRAFT_REQUEST}

    @extend_schema(responses=shapes.CompetitorOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.CompetitorOut(_competitor(request, pk)).data)

    @extend_schema(request=shapes.CompetitorChangeIn, responses=shapes.CompetitorOut)
    def patch(self, request: Request, pk: int) -> Response:
        competitor = _competitor(request, pk)
        stands = {
            "name": competitor.name,
            "note": competitor.note,
            "domains": [one.domain for one in competitor.domains.all()],
        }
        changes = {**stands, **read(shapes.CompetitorChangeIn, request)}
        competitor_edit(competitor=competitor, user=person(request), at=clock.now(), **changes)
        return Response(shapes.CompetitorOut(_competitor(request, pk)).data)


def _competitor(request: Request, pk: int) -> Competitor:
    return get_object_or_404(competitors_for(person(request)), pk=pk)
