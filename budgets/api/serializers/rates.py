"""Exchange rates as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from budgets.models import FxRate


class RateOut(serializers.ModelSerializer[FxRate]):
    """A rate in force; ``request`` is the change request by which a second person confirmed it."""

    request = serializers.IntegerField(source="request_id", allow_null=True, read_only=True)

    class Meta:
        model = FxRate
        fields = [
            "id", "kind", "base", "quote", "valid_from", "rate", "source", "entered_at", "request",
        ]  # fmt: skip


class RateIn(serializers.Serializer[FxRate]):
    """A rate from a day on; older ones are never changed."""

    kind = serializers.ChoiceField(choices=FxRate.Kind.choices, default=FxRate.Kind.BUDGET)
    base = serializers.RegexField(r"^[A-Za-z]{3}$")
    quote = serializers.RegexField(r"^[A-Za-z]{3}$")
    valid_from = serializers.DateField()
    rate = serializers.DecimalField(max_digits=20, decimal_places=10)
    source = serializers.CharField(max_length=120)  # type: ignore[assignment]
    reason = serializers.CharField(
        max_length=4_000, required=False, default="", help_text="What the second person should know"
    )


class RateFileIn(serializers.Serializer[Any]):
    """A rate file as text: our own columns, or the European Central Bank's CSV or XML."""

    content = serializers.CharField(max_length=4_000_000, trim_whitespace=False)
    kind = serializers.ChoiceField(choices=FxRate.Kind.choices, default=FxRate.Kind.SPOT)
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=120, required=False, default="", allow_blank=True
    )
    since = serializers.DateField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(
        max_length=4_000,
        required=False,
        default="",
        allow_blank=True,
        help_text="Given, the rates are sent for confirmation; left out, they are only looked at",
    )


class FileRowOut(serializers.Serializer[Any]):
    """A line of a rate file, and what stands against it."""

    line = serializers.IntegerField()
    kind = serializers.CharField(source="row.kind", default="")
    base = serializers.CharField(source="row.base", default="")
    quote = serializers.CharField(source="row.quote", default="")
    valid_from = serializers.DateField(source="row.valid_from", default=None, allow_null=True)
    rate = serializers.DecimalField(
        source="row.rate", max_digits=20, decimal_places=10, default=None, allow_null=True
    )
    problem = serializers.CharField()


class RateFileOut(serializers.Serializer[Any]):
    """The lines of the file; ``request`` when they were sent."""

    rows = FileRowOut(many=True)
    request = serializers.IntegerField(allow_null=True)


class RatesAsked(serializers.Serializer[Any]):
    """The change request that was made."""

    request = serializers.IntegerField(source="pk")
    reference = serializers.CharField()
