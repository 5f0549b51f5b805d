"""What the API shows of where a month ends."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api import MoneyOut


class Chance(serializers.DecimalField):
    """A probability from 0 to 1 as decimal text, null where nothing can be said."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=5, decimal_places=4, allow_null=True, **options)


class LandingOut(serializers.Serializer[Any]):
    """A line's running month; ``reason`` says why there are no chances where they are null."""

    line = serializers.IntegerField()
    name = serializers.CharField()
    month = serializers.CharField()
    planned = MoneyOut()
    spent = MoneyOut()
    promised = MoneyOut()
    p10 = MoneyOut(allow_null=True)
    p50 = MoneyOut(allow_null=True)
    p90 = MoneyOut(allow_null=True)
    leftover = MoneyOut(allow_null=True)
    overspend = MoneyOut(allow_null=True)
    chance_over = Chance(help_text="To end above the plan")
    chance_under = Chance(help_text="To end over 5 % below it")
    act = serializers.CharField(allow_blank=True)
    days_missing = serializers.IntegerField()
    days_of_history = serializers.IntegerField()
    through = serializers.DateField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
