"""What the API shows and takes of imports and of the files for platforms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Team, User
from accounts.selectors import open_teams_for
from core.api import Seen
from core.money import COMMON_CURRENCIES
from integrations.models import BulkFile, ImportRun, QuarantinedRow, Source
from metrics.services import LoadResult

Values = Mapping[str, Any]
LONGEST = 300


class AnswersField(serializers.JSONField):
    """A mapping of short texts: what a person says about a file, by the setting's name."""

    def to_internal_value(self, data: Any) -> dict[str, str]:
        given = super().to_internal_value(data)
        text = serializers.CharField(max_length=LONGEST, allow_blank=True)
        if not isinstance(given, dict):
            raise serializers.ValidationError("Give a JSON object of names and texts.")
        return {
            text.run_validation(name): text.run_validation(value) for name, value in given.items()
        }


Answers = extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})(
    AnswersField
)


def _sources(user: User) -> QuerySet[Source]:
    return Source.objects.for_user(user).filter(is_active=True)


class UploadIn(serializers.Serializer[ImportRun]):
    """A file and where it belongs; everything else is found or asked."""

    file = extend_schema_field(OpenApiTypes.BINARY)(serializers.FileField)()
    team = Seen(Team, open_teams_for)
    source = Seen(Source, _sources, required=False, allow_null=True)  # type: ignore[assignment]
    currency = serializers.ChoiceField(
        choices=[(code, code) for code in COMMON_CURRENCIES],
        required=False,
        allow_blank=True,
        default="",
        help_text="Only used where the file names no currency.",
    )
    settings = Answers(
        required=False,
        default=dict,
        help_text='What is known about the file, as a JSON object: {"year": "2026"}.',
    )


class AnswerIn(serializers.Serializer[ImportRun]):
    """Answers to the questions of the check, and what columns mean (target to header)."""

    answers = Answers(required=False, default=dict)
    columns = Answers(
        required=False,
        default=dict,
        help_text="Only changes; an empty header takes the target's column away.",
    )


class ImportIn(serializers.Serializer[ImportRun]):
    """``confirm`` is needed when some rows are left out; ``later`` has a worker write a large
    file, and answers 202 at once: the import's ``state`` says how it ended."""

    confirm = serializers.BooleanField(default=False)
    later = serializers.BooleanField(default=False)


class OverrideIn(serializers.Serializer[ImportRun]):
    """Why the file is right although its rows do not add up to its total."""

    reason = serializers.CharField()


class UndoIn(serializers.Serializer[ImportRun]):
    """Why the import is taken back."""

    reason = serializers.CharField()


class RunOut(serializers.ModelSerializer[ImportRun]):
    """One file on its way in; ``totals`` is decimal text by currency."""

    team_name = serializers.CharField(source="team.name", read_only=True)
    source_name = serializers.CharField(
        source="source.name", read_only=True, allow_null=True, default=None
    )
    uploaded_by_name = serializers.CharField(
        source="uploaded_by.name", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = ImportRun
        fields = [
            "id", "file_name", "size", "sha256", "team", "team_name", "source", "source_name",
            "layout", "state", "verdict", "data_rows", "accepted", "rejected", "skipped", "totals",
            "warnings", "first_day", "last_day", "batch", "uploaded_by", "uploaded_by_name",
            "uploaded_at", "imported_at", "undone_at",
        ]  # fmt: skip
        extra_kwargs = {"totals": {"read_only": True}, "warnings": {"read_only": True}}


class ColumnOut(serializers.Serializer[Values]):
    """Where a column goes; an empty ``target`` is not imported."""

    position = serializers.IntegerField()
    header = serializers.CharField()
    examples = serializers.ListField(child=serializers.CharField())
    target = serializers.CharField()
    confidence = serializers.DecimalField(max_digits=4, decimal_places=3, coerce_to_string=False)
    why = serializers.CharField()
    alternatives = serializers.ListField(child=serializers.CharField())


class OptionOut(serializers.Serializer[Values]):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    example = serializers.CharField()


class QuestionOut(serializers.Serializer[Values]):
    """What must be decided before the file can be read; ``key`` names the answer."""

    key = serializers.CharField()
    code = serializers.CharField()
    sentence = serializers.CharField()
    options = OptionOut(many=True)
    free = serializers.BooleanField()


class ReasonOut(serializers.Serializer[Values]):
    """Why a row, or without one the file, is not taken."""

    row = serializers.IntegerField(allow_null=True)
    column = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    value = serializers.CharField()


class SampleOut(serializers.Serializer[Values]):
    """The first accepted rows as they would be written."""

    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class ControlOut(serializers.Serializer[Values]):
    """A platform's own total beside the sum of the rows."""

    label = serializers.CharField()  # type: ignore[assignment]
    measure = serializers.CharField()
    expected = serializers.CharField()
    actual = serializers.CharField()
    difference = serializers.CharField()
    agrees = serializers.BooleanField()
    binding = serializers.BooleanField()


class RunDetailOut(RunOut):
    """One import with everything its check found."""

    columns = ColumnOut(source="check_result.columns", many=True, read_only=True, default=list)
    questions = QuestionOut(
        source="check_result.questions", many=True, read_only=True, default=list
    )
    reasons = ReasonOut(source="check_result.reasons", many=True, read_only=True, default=list)
    sample = SampleOut(source="check_result.sample", read_only=True, default=None, allow_null=True)
    controls = ControlOut(source="check_result.controls", many=True, read_only=True, default=list)
    how = serializers.DictField(
        source="check_result.how", child=serializers.CharField(), read_only=True, default=dict
    )

    class Meta(RunOut.Meta):
        fields = [
            *RunOut.Meta.fields, "columns", "questions", "reasons", "sample", "controls", "how",
        ]  # fmt: skip


class LoadOut(serializers.Serializer[LoadResult]):
    """What an import wrote; ``batch`` is empty when everything was known already."""

    batch = serializers.IntegerField(
        source="batch.pk", read_only=True, allow_null=True, default=None
    )
    rows = serializers.IntegerField(read_only=True)
    inserted = serializers.IntegerField(read_only=True)
    changed = serializers.IntegerField(read_only=True)
    unchanged = serializers.IntegerField(read_only=True)


class HeldRowOut(serializers.ModelSerializer[QuarantinedRow]):
    """A row that could not be read, as it stood."""

    cells = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = QuarantinedRow
        fields = [
            "id", "row", "column", "code", "message", "value", "cells", "resolved_at", "resolution",
        ]  # fmt: skip


class PlatformFileOut(serializers.ModelSerializer[BulkFile]):
    """An approved change as a file that the platform's own editor takes."""

    class Meta:
        model = BulkFile
        fields = ["id", "request_id", "team", "platform", "name", "rows", "made_at"]
