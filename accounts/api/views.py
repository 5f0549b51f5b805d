"""People, roles, teams, tokens and the organisation over the API; the services decide."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.api import serializers as shapes
from accounts.choices import SIGNED_IN, TWO_PERSON_ROLES, Act
from accounts.forms import PersonFilter, TeamFilter
from accounts.models import ApiToken, Membership, Proposal, Team, User
from accounts.permissions import person
from accounts.selectors import people_for, proposals_for, teams_for, tokens_for
from accounts.services.organisation import BOOKS
from core import clock
from core.api import read
from core.errors import NotAllowed
from core.models import Organisation

ROLE_ACTS = (Act.GIVE_ROLE, Act.GIVE_HIGH_ROLE)
PROPOSAL_ACTS = (Act.GIVE_ROLE, Act.GIVE_HIGH_ROLE, Act.CHANGE_POLICY)


def _person(request: Request, pk: int) -> User:
    return get_object_or_404(people_for(person(request)), pk=pk)


def _answer(someone: User) -> Response:
    return Response(shapes.PersonOut(User.objects.get(pk=someone.pk)).data)


class Me(APIView):
    """Who I am and what I may do; change my name and title."""

    acts = {"GET": SIGNED_IN, "PATCH": SIGNED_IN}

    @extend_schema(responses=shapes.MeOut)
    def get(self, request: Request) -> Response:
        return Response(shapes.MeOut(person(request)).data)

    @extend_schema(request=shapes.MeIn, responses=shapes.MeOut)
    def patch(self, request: Request) -> Response:
        user = person(request)
        changes = {"name": user.name, "title": user.title} | read(shapes.MeIn, request)
        services.person_edit(user=user, by=user, at=clock.now(), **changes)
        return Response(shapes.MeOut(user).data)


class People(generics.ListAPIView[User]):
    """List the people in sight; invite somebody."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.INVITE_USER}
    serializer_class = shapes.PersonOut
    filterset_class = PersonFilter
    queryset = User.objects.none()

    def get_queryset(self) -> QuerySet[User]:
        return people_for(person(self.request)).prefetch_related("memberships__team")

    @extend_schema(request=shapes.InviteIn, responses={201: shapes.PersonOut})
    def post(self, request: Request) -> Response:
        data = read(shapes.InviteIn, request)
        made = services.person_invite(by=person(request), at=clock.now(), **data)
        return Response(shapes.PersonOut(made).data, status=201)


class PersonDetail(APIView):
    """One person; change name and title."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "PATCH": Act.INVITE_USER}

    @extend_schema(responses=shapes.PersonOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.PersonOut(_person(request, pk)).data)

    @extend_schema(request=shapes.MeIn, responses=shapes.PersonOut)
    def patch(self, request: Request, pk: int) -> Response:
        someone = _person(request, pk)
        changes = {"name": someone.name, "title": someone.title} | read(shapes.MeIn, request)
        services.person_edit(user=someone, by=person(request), at=clock.now(), **changes)
        return _answer(someone)


class PersonDeactivate(APIView):
    """Shut somebody out: sessions end, tokens are revoked."""

    acts = {"POST": Act.INVITE_USER}

    @extend_schema(request=shapes.ReasonIn, responses=shapes.PersonOut)
    def post(self, request: Request, pk: int) -> Response:
        someone, reason = _person(request, pk), read(shapes.ReasonIn, request)["reason"]
        services.person_deactivate(user=someone, by=person(request), at=clock.now(), reason=reason)
        return _answer(someone)


class PersonReactivate(APIView):
    """Let somebody in again."""

    acts = {"POST": Act.INVITE_USER}

    @extend_schema(request=None, responses=shapes.PersonOut)
    def post(self, request: Request, pk: int) -> Response:
        someone = _person(request, pk)
        services.person_reactivate(user=someone, by=person(request), at=clock.now())
        return _answer(someone)


class PersonInviteAgain(APIView):
    """Send the invitation once more."""

    acts = {"POST": Act.INVITE_USER}

    @extend_schema(request=None, responses=shapes.PersonOut)
    def post(self, request: Request, pk: int) -> Response:
        someone = _person(request, pk)
        services.person_invite_again(user=someone, by=person(request), at=clock.now())
        return _answer(someone)


class PersonSessions(APIView):
    """End every sign-in of a person."""

    acts = {"DELETE": Act.END_SESSIONS}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        services.sessions_end(user=_person(request, pk), by=person(request), at=clock.now())
        return Response(status=204)


class PersonRoles(APIView):
    """A person's roles; give one (201), or propose one of weight (202)."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": ROLE_ACTS}

    @extend_schema(responses=shapes.MembershipOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        held = _person(request, pk).memberships.select_related("team")
        return Response(shapes.MembershipOut(held, many=True).data)

    @extend_schema(
        request=shapes.RoleIn,
        responses={201: shapes.MembershipOut, 202: shapes.ProposalOut},
    )
    def post(self, request: Request, pk: int) -> Response:
        data, user, at = read(shapes.RoleIn, request), person(request), clock.now()
        reason, limit = data.pop("reason"), data.pop("limit")
        chosen = {**data, "user": _person(request, pk), "by": user, "at": at}
        if data["role"] in TWO_PERSON_ROLES:
            proposal = services.role_propose(reason=reason, limit_micros=limit, **chosen)
            return Response(shapes.ProposalOut(proposal).data, status=202)
        held = services.membership_give(limit_micros=limit, **chosen)
        return Response(shapes.MembershipOut(held).data, status=201)


class RoleDetail(APIView):
    """Change what a role lets a person decide at most; take the role away."""

    acts = {"PATCH": Act.GIVE_ROLE, "DELETE": ROLE_ACTS}

    def _held(self, request: Request, pk: int) -> Membership:
        seen = Membership.objects.filter(user__in=people_for(person(request)))
        return get_object_or_404(seen.select_related("user", "team"), pk=pk)

    @extend_schema(request=shapes.LimitIn, responses=shapes.MembershipOut)
    def patch(self, request: Request, pk: int) -> Response:
        data = read(shapes.LimitIn, request)
        held = services.membership_limit(
            membership=self._held(request, pk), by=person(request), at=clock.now(),
            limit_micros=data["limit"], reason=data["reason"],
        )  # fmt: skip
        return Response(shapes.MembershipOut(held).data)

    @extend_schema(parameters=[shapes.ReasonIn], responses={204: None, 202: shapes.ProposalOut})
    def delete(self, request: Request, pk: int) -> Response:
        held, user, at = self._held(request, pk), person(request), clock.now()
        reason = str(request.query_params.get("reason", ""))
        if held.role in TWO_PERSON_ROLES:
            proposal = services.role_propose(
                user=held.user, team=held.team, role=held.role, by=user, at=at, reason=reason,
                take=True,
            )  # fmt: skip
            return Response(shapes.ProposalOut(proposal).data, status=202)
        services.membership_take(membership=held, by=user, at=at, reason=reason)
        return Response(status=204)


class Proposals(generics.ListAPIView[Proposal]):
    """Changes that need two people."""

    acts = {"GET": PROPOSAL_ACTS}
    serializer_class = shapes.ProposalOut
    filterset_fields = ["state", "kind"]
    queryset = Proposal.objects.none()

    def get_queryset(self) -> QuerySet[Proposal]:
        return proposals_for(person(self.request))


class _ProposalAnswer(APIView):
    def proposal(self, request: Request, pk: int) -> Proposal:
        return get_object_or_404(proposals_for(person(request)), pk=pk)


class ProposalConfirm(_ProposalAnswer):
    """Be the second person; the change is made at once."""

    acts = {"POST": (Act.GIVE_HIGH_ROLE, Act.CHANGE_POLICY)}

    @extend_schema(request=None, responses=shapes.ProposalOut)
    def post(self, request: Request, pk: int) -> Response:
        done = services.proposal_confirm(
            proposal=self.proposal(request, pk), by=person(request), at=clock.now()
        )
        return Response(shapes.ProposalOut(done).data)


class ProposalReject(_ProposalAnswer):
    """Say no, with a reason."""

    acts = {"POST": (Act.GIVE_HIGH_ROLE, Act.CHANGE_POLICY)}

    @extend_schema(request=shapes.ReasonIn, responses=shapes.ProposalOut)
    def post(self, request: Request, pk: int) -> Response:
        reason = read(shapes.ReasonIn, request)["reason"]
        done = services.proposal_reject(
            proposal=self.proposal(request, pk), by=person(request), at=clock.now(), reason=reason
        )
        return Response(shapes.ProposalOut(done).data)


class ProposalWithdraw(_ProposalAnswer):
    """Take one's own proposal back."""

    acts = {"POST": PROPOSAL_ACTS}

    @extend_schema(request=None, responses=shapes.ProposalOut)
    def post(self, request: Request, pk: int) -> Response:
        done = services.proposal_withdraw(
            proposal=self.proposal(request, pk), by=person(request), at=clock.now()
        )
        return Response(shapes.ProposalOut(done).data)


class Teams(generics.ListAPIView[Team]):
    """The teams in sight, from the top down; create one."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.GIVE_ROLE}
    serializer_class = shapes.TeamOut
    filterset_class = TeamFilter
    queryset = Team.objects.none()

    def get_queryset(self) -> QuerySet[Team]:
        return teams_for(person(self.request))

    @extend_schema(request=shapes.TeamIn, responses={201: shapes.TeamOut})
    def post(self, request: Request) -> Response:
        data = read(shapes.TeamIn, request)
        made = services.team_create(by=person(request), at=clock.now(), **data)
        return Response(shapes.TeamOut(made).data, status=201)


class TeamDetail(APIView):
    """One team; rename, move, archive or restore it."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "PATCH": Act.GIVE_ROLE}

    def _team(self, request: Request, pk: int) -> Team:
        return get_object_or_404(teams_for(person(request)), pk=pk)

    @extend_schema(responses=shapes.TeamOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(shapes.TeamOut(self._team(request, pk)).data)

    @extend_schema(request=shapes.TeamChange, responses=shapes.TeamOut)
    def patch(self, request: Request, pk: int) -> Response:
        team, data = self._team(request, pk), read(shapes.TeamChange, request)
        return Response(shapes.TeamOut(_change_team(team, data, person(request))).data)


@transaction.atomic
def _change_team(team: Team, data: dict[str, Any], by: User) -> Team:
    """All changes of one request, or none."""
    at = clock.now()
    if "name" in data:
        team = services.team_rename(team=team, name=data["name"], by=by, at=at)
    if "parent" in data:
        team = services.team_move(team=team, parent=data["parent"], by=by, at=at)
    if "is_archived" in data and data["is_archived"] != team.is_archived:
        change = services.team_archive if data["is_archived"] else services.team_restore
        team = change(team=team, by=by, at=at)
    return team


class Tokens(generics.ListAPIView[ApiToken]):
    """Tokens without their secrets: one's own, or everybody's for administrators; make one."""

    acts = {"GET": SIGNED_IN, "POST": Act.CREATE_TOKEN}
    answers_with_secret = True
    serializer_class = shapes.TokenOut
    filter_backends = ()
    queryset = ApiToken.objects.none()

    def get_queryset(self) -> QuerySet[ApiToken]:
        return tokens_for(person(self.request))

    @extend_schema(request=shapes.TokenIn, responses={201: shapes.NewTokenOut})
    def post(self, request: Request) -> Response:
        if isinstance(request.auth, ApiToken):
            raise NotAllowed(
                "A token cannot make tokens.", remedy="Sign in and make it under My account."
            )
        data = read(shapes.TokenIn, request)
        token, secret = services.token_create(user=person(request), at=clock.now(), **data)
        return Response(shapes.TokenOut(token).data | {"secret": secret}, status=201)


class TokenDetail(APIView):
    """Revoke a token: one's own, or anybody's for administrators."""

    acts = {"DELETE": SIGNED_IN}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        user = person(request)
        token = get_object_or_404(tokens_for(user), pk=pk)
        services.token_revoke(token=token, by=user, at=clock.now())
        return Response(status=204)


class OrganisationDetail(APIView):
    """How the organisation counts; change it (200) or propose what needs two people (202)."""

    acts = {
        "GET": Act.VIEW_CAMPAIGNS,
        "PATCH": (Act.WRITE_CREDENTIALS, Act.CHANGE_POLICY),
    }

    @extend_schema(responses=shapes.OrganisationOut)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return Response(shapes.OrganisationOut(Organisation.current()).data)

    @extend_schema(
        request=shapes.OrganisationIn,
        responses={200: shapes.OrganisationOut, 202: shapes.ProposalOut},
    )
    def patch(self, request: Request) -> Response:
        data, user, at = read(shapes.OrganisationIn, request), person(request), clock.now()
        reason = data.pop("reason")
        books = {name: data.pop(name) for name in BOOKS if name in data}
        with transaction.atomic():
            if data:
                services.organisation_edit(by=user, at=at, **data)
            if books:
                made = services.books_propose(changes=books, by=user, at=at, reason=reason)
                return Response(shapes.ProposalOut(made).data, status=202)
        return Response(shapes.OrganisationOut(Organisation.current()).data)
