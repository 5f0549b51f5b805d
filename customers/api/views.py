"""Customers and personal data over the API, with the services and filters of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person, sees_money
from core import clock
from core.api import read
from core.personal import Kind
from customers import selectors, services
from customers.api.serializers import (
    ContactOut,
    CustomerAccountOut,
    EraseIn,
    ErasureOut,
    ErasureReasonIn,
    HiddenOut,
    OpportunityOut,
    PersonalViewOut,
    PersonIn,
    RetentionRuleIn,
    RetentionRuleOut,
    StageSumOut,
)
from customers.forms import AccountFilter, OpportunityFilter
from customers.models import Account, Contact, Erasure, Opportunity, PersonalView


class Accounts(generics.ListAPIView[Account]):
    """Accounts in sight, with their open opportunities, people and newest touch."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}
    serializer_class = CustomerAccountOut
    filterset_class = AccountFilter
    queryset = Account.objects.none()

    def get_queryset(self) -> QuerySet[Account]:
        return selectors.accounts_for(person(self.request))


class AccountDetail(APIView):
    """One account."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(responses=CustomerAccountOut)
    def get(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(selectors.accounts_for(person(request)), pk=pk)
        return Response(CustomerAccountOut(found).data)


class Opportunities(generics.ListAPIView[Opportunity]):
    """Opportunities in sight, with the moment each entered its stage."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}
    serializer_class = OpportunityOut
    filterset_class = OpportunityFilter
    queryset = Opportunity.objects.none()

    def get_queryset(self) -> QuerySet[Opportunity]:
        return selectors.opportunities_for(person(self.request))

    def get_serializer_context(self) -> dict[str, Any]:
        is_described = getattr(self, "swagger_fake_view", False)
        money = not is_described and sees_money(person(self.request))
        return {**super().get_serializer_context(), "money": money}


class Pipeline(APIView):
    """Open opportunities by stage."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(operation_id="pipeline", responses=StageSumOut(many=True))
    def get(self, request: Request) -> Response:
        user = person(request)
        stages: Any = selectors.pipeline_for(user, clock.now())
        shown = StageSumOut(stages, many=True, context={"money": sees_money(user)})
        return Response(shown.data)


class Contacts(generics.ListAPIView[Contact]):
    """People in sight, each no more than a label."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}
    serializer_class = ContactOut
    queryset = Contact.objects.none()
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Contact]:
        if getattr(self, "swagger_fake_view", False):
            return Contact.objects.none()
        return selectors.contacts_for(person(self.request))


class ContactDetail(APIView):
    """One person; with a reason, the hidden fields the caller may see. The access log keeps both."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.VIEW_CAMPAIGNS}

    @extend_schema(responses=ContactOut)
    def get(self, request: Request, pk: int) -> Response:
        found = get_object_or_404(selectors.contacts_for(person(request)), pk=pk)
        return Response(ContactOut(found).data)

    @extend_schema(operation_id="people_look", request=ErasureReasonIn, responses=HiddenOut)
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        found = get_object_or_404(selectors.contacts_for(user), pk=pk)
        reason = read(ErasureReasonIn, request)["reason"]
        shown = services.personal_look(contact=found, user=user, reason=reason, at=clock.now())
        return Response(HiddenOut({"shown": dict(shown)}).data)


class Retention(APIView):
    """For how long each kind of data about people is kept, with a dry run of tonight."""

    acts = {"GET": Act.VIEW_AUDIT, "POST": Act.INVITE_USER}

    @extend_schema(operation_id="retention", responses=RetentionRuleOut(many=True))
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return Response(_rules(clock.now()))

    @extend_schema(
        operation_id="retention_set", request=RetentionRuleIn, responses=RetentionRuleOut(many=True)
    )
    def post(self, request: Request) -> Response:
        now = clock.now()
        services.retention_set(user=person(request), at=now, **read(RetentionRuleIn, request))
        return Response(_rules(now))


def _rules(now: datetime) -> Any:
    rules: Any = selectors.rules(now)
    return RetentionRuleOut(rules, many=True).data


class Erasures(generics.ListAPIView[Erasure]):
    """Certificates; look where a person is held as the first step of erasing them."""

    acts = {"GET": Act.VIEW_AUDIT, "POST": Act.INVITE_USER}
    serializer_class = ErasureOut
    queryset = Erasure.objects.none()
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Erasure]:
        return selectors.erasures()

    @extend_schema(request=PersonIn, responses={201: ErasureOut})
    def post(self, request: Request) -> Response:
        values = _values(read(PersonIn, request))
        made = services.erasure_look(values=values, user=person(request), at=clock.now())
        return Response(ErasureOut(made).data, status=201)


class ErasureDetail(APIView):
    """One certificate; confirm an erasure with the same person and a reason."""

    acts = {"GET": Act.VIEW_AUDIT, "POST": Act.INVITE_USER}

    @extend_schema(responses=ErasureOut)
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        return Response(ErasureOut(get_object_or_404(selectors.erasures(), pk=pk)).data)

    @extend_schema(operation_id="erasures_confirm", request=EraseIn, responses=ErasureOut)
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        found = get_object_or_404(Erasure, pk=pk, asked_by=user)
        data = read(EraseIn, request)
        done = services.erasure_do(
            found, values=_values(data), reason=data["reason"], user=user, at=clock.now()
        )
        return Response(ErasureOut(done).data)


def _values(data: Mapping[str, str]) -> dict[Kind, str]:
    return {
        Kind.EMAIL: data["email"],
        Kind.PHONE: data["phone"],
        Kind.NUMBER: data["number"],
        Kind.NAME: data["name"],
    }


class Looks(generics.ListAPIView[PersonalView]):
    """The access log: all of it for administrators and auditors, one's own for others."""

    acts = {"GET": Act.VIEW_AUDIT}
    serializer_class = PersonalViewOut
    queryset = PersonalView.objects.none()
    filter_backends = ()

    def get_queryset(self) -> QuerySet[PersonalView]:
        if getattr(self, "swagger_fake_view", False):
            return PersonalView.objects.none()
        return selectors.views_for(person(self.request))
