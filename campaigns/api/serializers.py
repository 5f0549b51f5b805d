"""What the API shows and takes of campaigns."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from accounts.models import Team, User
from accounts.selectors import active_people_for, open_teams_for
from campaigns import services
from campaigns.choices import ChangeKind, Objective, Status
from campaigns.models import (
    AdAccount,
    Audience,
    Campaign,
    CampaignLine,
    Channel,
    Creative,
    Optimisation,
    Transition,
)
from campaigns.selectors import ad_accounts_for, audiences_for
from core.api import Seen
from core.models import Event
from core.money import COMMON_CURRENCIES, MICROS


class ChannelOut(serializers.ModelSerializer[Channel]):
    class Meta:
        model = Channel
        fields = ["id", "key", "name"]


class AdAccountOut(serializers.ModelSerializer[AdAccount]):
    class Meta:
        model = AdAccount
        fields = ["id", "platform", "external_id", "name", "currency", "time_zone", "team"]


class AudienceOut(serializers.ModelSerializer[Audience]):
    class Meta:
        model = Audience
        fields = ["id", "team", "name", "definition", "size"]


class AudienceIn(serializers.Serializer[Audience]):
    """Whom a team's campaigns are for."""

    team = Seen(Team, open_teams_for)
    name = serializers.CharField(max_length=120)
    definition = serializers.CharField(required=False, allow_blank=True, default="")
    size = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=2**62
    )


class CampaignLineOut(serializers.ModelSerializer[CampaignLine]):
    channel: serializers.SlugRelatedField[Any] = serializers.SlugRelatedField(
        slug_field="key", read_only=True
    )

    class Meta:
        model = CampaignLine
        fields = [
            "id", "name", "channel", "ad_account", "currency", "external_id", "starts_on",
            "ends_on", "is_paused",
        ]  # fmt: skip


class CampaignLineIn(serializers.Serializer[CampaignLine]):
    """A campaign's line in a channel; its currency cannot change later."""

    name = serializers.CharField(max_length=200)
    channel = serializers.SlugRelatedField(slug_field="key", queryset=Channel.objects.all())
    currency = serializers.ChoiceField(choices=[(code, code) for code in COMMON_CURRENCIES])
    ad_account = Seen(AdAccount, ad_accounts_for, required=False, allow_null=True, default=None)
    external_id = serializers.CharField(
        max_length=120, required=False, allow_blank=True, default=""
    )
    starts_on = serializers.DateField(required=False, allow_null=True, default=None)
    ends_on = serializers.DateField(required=False, allow_null=True, default=None)


class CampaignLineChange(serializers.Serializer[CampaignLine]):
    """What may change of a line."""

    name = serializers.CharField(max_length=200, required=False)
    channel = serializers.SlugRelatedField(
        slug_field="key", queryset=Channel.objects.all(), required=False
    )
    external_id = serializers.CharField(max_length=120, required=False, allow_blank=True)
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)
    is_paused = serializers.BooleanField(required=False)


class CampaignOut(serializers.ModelSerializer[Campaign]):
    lines = CampaignLineOut(many=True, read_only=True)
    team_name = serializers.CharField(source="team.name", read_only=True)
    owner_name = serializers.CharField(source="owner.name", read_only=True)

    class Meta:
        model = Campaign
        fields = [
            "id", "name", "team", "team_name", "owner", "owner_name", "objective", "status",
            "flight_start", "flight_end", "markets", "brief", "version", "lines",
        ]  # fmt: skip


class WarnedCampaignOut(CampaignOut):
    """A campaign as it was written, with what its name breaks of the team's naming rules."""

    warnings = serializers.SerializerMethodField()

    class Meta(CampaignOut.Meta):
        fields = [*CampaignOut.Meta.fields, "warnings"]

    def get_warnings(self, campaign: Campaign) -> list[str]:
        return services.name_warnings(campaign.team, campaign.name)


class CampaignIn(serializers.Serializer[Campaign]):
    """A new campaign."""

    name = serializers.CharField(max_length=200)
    team = Seen(Team, open_teams_for)
    owner = Seen(User, active_people_for)
    objective = serializers.ChoiceField(choices=Objective.choices, default=Objective.SALES)
    flight_start = serializers.DateField(required=False, allow_null=True)
    flight_end = serializers.DateField(required=False, allow_null=True)
    markets = serializers.CharField(max_length=120, required=False, allow_blank=True)
    brief = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    audiences = Seen(Audience, audiences_for, many=True, required=False)


class CampaignChange(serializers.Serializer[Campaign]):
    """Changes to a campaign; ``version`` is the one that was read."""

    version = serializers.IntegerField()
    name = serializers.CharField(max_length=200, required=False)
    owner = Seen(User, active_people_for, required=False)
    objective = serializers.ChoiceField(choices=Objective.choices, required=False)
    flight_start = serializers.DateField(required=False, allow_null=True)
    flight_end = serializers.DateField(required=False, allow_null=True)
    markets = serializers.CharField(max_length=120, required=False, allow_blank=True)
    brief = serializers.CharField(max_length=10_000, required=False, allow_blank=True)


class CloneIn(serializers.Serializer[Campaign]):
    """A copy as a draft; without ``shift_days`` it has no flight yet."""

    name = serializers.CharField(max_length=200)
    shift_days = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=-3_660, max_value=3_660
    )


class BulkIn(serializers.Serializer[Campaign]):
    """One change to many campaigns: all of it or none of it."""

    campaigns = Seen(Campaign, Campaign.objects.for_user, many=True, allow_empty=False)
    owner = Seen(User, active_people_for, required=False, allow_null=True, default=None)
    to = serializers.ChoiceField(choices=Status.choices, required=False, allow_null=True)
    reason = serializers.CharField(max_length=4_000, required=False, allow_blank=True, default="")


class BulkOut(serializers.Serializer[dict[str, int]]):
    """How many campaigns were changed."""

    count = serializers.IntegerField()


class MoveIn(serializers.Serializer[Campaign]):
    """One step of the life cycle."""

    to = serializers.ChoiceField(choices=Status.choices)
    reason = serializers.CharField(max_length=4_000, required=False, allow_blank=True, default="")


class TransitionOut(serializers.ModelSerializer[Transition]):
    class Meta:
        model = Transition
        fields = ["before", "after", "by", "by_name", "reason", "at"]


class HistoryOut(serializers.ModelSerializer[Event]):
    """When a campaign was created and edited, by whom, and what changed."""

    class Meta:
        model = Event
        fields = ["id", "at", "actor_name", "action", "before", "after", "reason"]


class CreativeOut(serializers.ModelSerializer[Creative]):
    class Meta:
        model = Creative
        fields = ["id", "name", "format", "external_id", "state", "owner", "due_on", "link"]


class CreativeIn(serializers.Serializer[Creative]):
    """A creative of the asset plan."""

    name = serializers.CharField(max_length=200)
    format = serializers.CharField(max_length=40, required=False, allow_blank=True)
    state = serializers.ChoiceField(choices=Creative.State.choices, required=False)
    owner = Seen(User, active_people_for, required=False, allow_null=True)
    due_on = serializers.DateField(required=False, allow_null=True)
    link = serializers.URLField(required=False, allow_blank=True)


class CreativeChange(CreativeIn):
    """Changes to a creative."""

    name = serializers.CharField(max_length=200, required=False)


class OptimisationOut(serializers.ModelSerializer[Optimisation]):
    """A logged change; what was expected is decimal text in units of ``expected_metric``.

    ``expected_currency`` says of which currency when the metric is an amount.
    """

    expected_low = serializers.SerializerMethodField()
    expected = serializers.SerializerMethodField()
    expected_high = serializers.SerializerMethodField()
    expected_currency = serializers.SerializerMethodField()

    class Meta:
        model = Optimisation
        fields = [
            "id", "campaign", "line", "kind", "what", "old_value", "new_value", "hypothesis",
            "expected_metric", "expected_low", "expected", "expected_high", "expected_currency",
            "by", "by_name", "made_on", "recorded_at", "request_id", "undone_at",
        ]  # fmt: skip

    def get_expected_low(self, entry: Optimisation) -> str | None:
        return _units(entry.expected_low_micros)

    def get_expected(self, entry: Optimisation) -> str | None:
        return _units(entry.expected_micros)

    def get_expected_high(self, entry: Optimisation) -> str | None:
        return _units(entry.expected_high_micros)

    def get_expected_currency(self, entry: Optimisation) -> str | None:
        return services.expected_currency(entry)


def _units(micros: int | None) -> str | None:
    """Micros as decimal text with at least two places."""
    if micros is None:
        return None
    whole = Decimal(micros) / MICROS
    return f"{whole:.2f}" if whole == round(whole, 2) else f"{whole.normalize():f}"


class OptimisationIn(serializers.Serializer[Optimisation]):
    """A change to log; what is expected in units of the metric."""

    line = serializers.IntegerField(required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=ChangeKind.choices)
    what = serializers.CharField(max_length=200)
    old_value = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    new_value = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    hypothesis = serializers.CharField(
        max_length=4_000, required=False, allow_blank=True, default=""
    )
    made_on = serializers.DateField()
    expected_metric = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default=""
    )
    expected_low = serializers.DecimalField(
        max_digits=18, decimal_places=6, required=False, allow_null=True, default=None
    )
    expected_high = serializers.DecimalField(
        max_digits=18, decimal_places=6, required=False, allow_null=True, default=None
    )

    def validate_expected_metric(self, key: str) -> str:
        if key and key not in dict(services.expectable_metrics()):
            raise serializers.ValidationError(f"“{key}” is not a metric.")
        return key

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        low, high = attrs.pop("expected_low"), attrs.pop("expected_high")
        if low is not None and high is not None and high < low:
            raise serializers.ValidationError(
                {"expected_high": "The upper end is below the lower one."}
            )
        ends = [None if end is None else int(end * MICROS) for end in (low, high)]
        known = [end for end in ends if end is not None]
        middle = sum(known) // 2 if len(known) == 2 else None
        return attrs | {"expected": (ends[0], middle, ends[1])}


class TakenBackIn(serializers.Serializer[Optimisation]):
    """Why a logged change was taken back."""

    reason = serializers.CharField(max_length=4_000, required=False, allow_blank=True, default="")
