"""Vendors over the API."""

from __future__ import annotations

from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from budgets.api.serializers import orders as shapes
from budgets.forms.vendors import VendorFilter
from budgets.models import Vendor
from budgets.services.vendors import KEEPS_VENDORS, vendor_archive, vendor_create, vendor_edit
from core import clock
from core.api import read


class Vendors(generics.ListAPIView[Vendor]):
    """Whom the organisation buys from, the archive too; enter one."""

    acts = {"GET": Act.VIEW_MONEY, "POST": KEEPS_VENDORS}
    serializer_class = shapes.VendorOut
    filterset_class = VendorFilter
    queryset = Vendor.objects.all()

    @extend_schema(request=shapes.VendorIn, responses={201: shapes.VendorOut})
    def post(self, request: Request) -> Response:
        fields = read(shapes.VendorIn, request)
        made = vendor_create(user=person(request), at=clock.now(), **fields)
        return Response(shapes.VendorOut(made).data, status=201)


class VendorDetail(APIView):
    """One vendor; change some of its fields, put it away or bring it back."""

    acts = {"GET": Act.VIEW_MONEY, "PATCH": KEEPS_VENDORS}

    @extend_schema(responses=shapes.VendorOut)
    def get(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        return Response(shapes.VendorOut(get_object_or_404(Vendor, pk=pk)).data)

    @extend_schema(request=shapes.VendorChange, responses=shapes.VendorOut)
    def patch(self, request: Request, pk: int) -> Response:
        vendor = get_object_or_404(Vendor, pk=pk)
        fields = read(shapes.VendorChange, request)
        user, now, away = person(request), clock.now(), fields.pop("is_archived", None)
        with transaction.atomic():
            if away is not None:
                vendor_archive(vendor=vendor, user=user, at=now, is_archived=away)
            vendor = vendor_edit(vendor=vendor, user=user, at=now, **fields)
        return Response(shapes.VendorOut(vendor).data)
