"""Imports over the API, with the filters of the page."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.choices import Act
from accounts.permissions import person
from core import clock
from core.api import AnyFormat
from integrations import services
from integrations.api import serializers as shapes
from integrations.forms import BulkFileFilter, RunFilter
from integrations.models import BulkFile, ImportRun, ImportRunQuerySet, QuarantinedRow
from integrations.selectors import runs_for

ANSWERED = OpenApiExample(
    "The year of a file without years",
    value={"answers": {"year": "2026"}, "columns": {"revenue": "Conv. value"}},
    request_only=True,
)


def _run(request: Request, pk: int) -> ImportRun:
    return get_object_or_404(runs_for(person(request)), pk=pk)


def _detail(run: ImportRun, status: int = 200) -> Response:
    return Response(shapes.RunDetailOut(run).data, status=status)


class Imports(generics.ListAPIView[ImportRun]):
    """List imports, newest first; upload a file, which is checked at once and not yet imported."""

    acts = {"GET": Act.VIEW_CAMPAIGNS, "POST": Act.UPLOAD_IMPORT}
    serializer_class = shapes.RunOut
    filterset_class = RunFilter
    queryset = ImportRun.objects.none()
    parser_classes = (MultiPartParser,)

    def get_queryset(self) -> ImportRunQuerySet:
        return runs_for(person(self.request))

    @extend_schema(
        request={"multipart/form-data": shapes.UploadIn}, responses={201: shapes.RunDetailOut}
    )
    def post(self, request: Request) -> Response:
        data = shapes.UploadIn(data=request.data, context={"request": request})
        data.is_valid(raise_exception=True)
        given, user = data.validated_data, person(request)
        currency = {"currency": given["currency"]} if given["currency"] else {}
        run = services.run_upload(
            team=given["team"],
            file=given["file"],
            name=given["file"].name,
            source=given.get("source"),
            settings={**given["settings"], **currency},
            user=user,
            actor=user.as_actor(),
            at=clock.now(),
        )
        services.run_check(run, today=clock.today())
        return _detail(run, 201)


class ImportDetail(APIView):
    """One import with its columns, questions, reasons, sample and control totals."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}

    @extend_schema(responses=shapes.RunDetailOut)
    def get(self, request: Request, pk: int) -> Response:
        return _detail(_run(request, pk))


class ImportAnswer(APIView):
    """Answer the questions of a check or say what columns mean; the file is read again."""

    acts = {"POST": Act.UPLOAD_IMPORT}

    @extend_schema(request=shapes.AnswerIn, responses=shapes.RunDetailOut, examples=[ANSWERED])
    def post(self, request: Request, pk: int) -> Response:
        run = _run(request, pk)
        data = shapes.AnswerIn(data=request.data)
        data.is_valid(raise_exception=True)
        services.run_answer(
            run,
            user=person(request),
            today=clock.today(),
            at=clock.now(),
            answers=data.validated_data["answers"],
            columns=data.validated_data["columns"],
        )
        return _detail(_run(request, pk))


class ImportConfirm(APIView):
    """Write the accepted rows as one batch; with ``confirm`` also when some rows are left out."""

    acts = {"POST": (Act.UPLOAD_IMPORT, Act.CONFIRM_PARTIAL)}

    @extend_schema(
        request=shapes.ImportIn, responses={200: shapes.LoadOut, 202: shapes.RunDetailOut}
    )
    def post(self, request: Request, pk: int) -> Response:
        run, user = _run(request, pk), person(request)
        data = shapes.ImportIn(data=request.data)
        data.is_valid(raise_exception=True)
        confirm = data.validated_data["confirm"]
        if data.validated_data["later"]:
            asked = services.run_import_later(run, user=user, confirm=confirm, at=clock.now())
            return _detail(asked, 202)
        result = services.run_import(
            run,
            actor=user.as_actor(),
            user=user,
            at=clock.now(),
            today=clock.today(),
            confirm=confirm,
        )
        return Response(shapes.LoadOut(result).data)


class ImportStop(APIView):
    """Stop a large file that a worker writes; nothing of it counts then."""

    acts = {"POST": Act.UPLOAD_IMPORT}

    @extend_schema(request=None, responses=shapes.RunOut)
    def post(self, request: Request, pk: int) -> Response:
        services.import_stop(_run(request, pk), user=person(request), at=clock.now())
        return Response(shapes.RunOut(_run(request, pk)).data)


class ImportOverride(APIView):
    """Let a file pass that does not add up to its own total; never by whoever uploaded it."""

    acts = {"POST": Act.OVERRIDE_TOTAL}

    @extend_schema(request=shapes.OverrideIn, responses=shapes.RunDetailOut)
    def post(self, request: Request, pk: int) -> Response:
        run = _run(request, pk)
        data = shapes.OverrideIn(data=request.data)
        data.is_valid(raise_exception=True)
        services.run_override(
            run,
            user=person(request),
            reason=data.validated_data["reason"],
            today=clock.today(),
            at=clock.now(),
        )
        return _detail(_run(request, pk))


class ImportUndo(APIView):
    """Take an import back; the facts become what they were, and both stay on record."""

    acts = {"POST": Act.UNDO_IMPORT}

    @extend_schema(request=shapes.UndoIn, responses=shapes.RunOut)
    def post(self, request: Request, pk: int) -> Response:
        run = _run(request, pk)
        data = shapes.UndoIn(data=request.data)
        data.is_valid(raise_exception=True)
        services.run_undo(
            run, user=person(request), reason=data.validated_data["reason"], at=clock.now()
        )
        return Response(shapes.RunOut(_run(request, pk)).data)


class ImportDiscard(APIView):
    """Put an upload aside that was never imported."""

    acts = {"POST": Act.UPLOAD_IMPORT}

    @extend_schema(request=None, responses=shapes.RunOut)
    def post(self, request: Request, pk: int) -> Response:
        services.run_discard(_run(request, pk), user=person(request), at=clock.now())
        return Response(shapes.RunOut(_run(request, pk)).data)


class Quarantine(generics.ListAPIView[QuarantinedRow]):
    """The rows of an import that could not be read, as they stood, with where and why."""

    acts = {"GET": Act.VIEW_CAMPAIGNS}
    serializer_class = shapes.HeldRowOut
    queryset = QuarantinedRow.objects.none()
    filter_backends = ()

    def get_queryset(self) -> QuerySet[QuarantinedRow]:
        if getattr(self, "swagger_fake_view", False):
            return QuarantinedRow.objects.none()
        return _run(self.request, self.kwargs["pk"]).quarantine.all()


class ImportFile(APIView):
    """The file as it was uploaded."""

    acts = {"GET": Act.UPLOAD_IMPORT}
    content_negotiation_class = AnyFormat

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> FileResponse:
        run = _run(request, pk)
        file = services.stored_file(run)
        return FileResponse(
            file,
            as_attachment=True,
            filename=run.file_name,
            content_type="application/octet-stream",
        )


class PlatformFiles(generics.ListAPIView[BulkFile]):
    """Approved changes as files for the platforms' own editors, newest first."""

    acts = {"GET": Act.VIEW_MONEY}
    serializer_class = shapes.PlatformFileOut
    filterset_class = BulkFileFilter
    queryset = BulkFile.objects.none()

    def get_queryset(self) -> QuerySet[BulkFile]:
        return BulkFile.objects.for_user(person(self.request))


class PlatformFile(APIView):
    """One such file, to download."""

    acts = {"GET": Act.VIEW_MONEY}
    content_negotiation_class = AnyFormat

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int) -> HttpResponse:
        found = get_object_or_404(BulkFile.objects.for_user(person(request)), pk=pk)
        answer = HttpResponse(found.content, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{found.name}"'
        return answer
