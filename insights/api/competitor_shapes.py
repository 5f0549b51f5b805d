"""What the API shows and takes of competitors; shares are decimal text, parts of 1."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Team
from accounts.selectors import open_teams_for
from core.api import Seen
from metrics.choices import AUCTION_SHARES, Bound
from metrics.models import Competitor, CompetitorDomain
from metrics.services.competitors import LONGEST_DOMAIN, LONGEST_NAME, MOST_DOMAINS


class BoundedOut(serializers.Serializer[Any]):
    """A share; with a ``bound`` the true one lies below or above ``value``."""

    value = serializers.DecimalField(max_digits=7, decimal_places=6)
    bound = serializers.ChoiceField(choices=Bound.choices, allow_blank=True)


class ShareChangeOut(serializers.Serializer[Any]):
    """A share now and in the period before; ``change`` only where both are exactly known."""

    share = serializers.ChoiceField(choices=list(AUCTION_SHARES.items()))
    now = BoundedOut(allow_null=True)
    before = BoundedOut(allow_null=True)
    change = serializers.DecimalField(max_digits=7, decimal_places=6, allow_null=True)


class AuctionPeriodOut(serializers.Serializer[Any]):
    """A period, both days included."""

    first_day = serializers.DateField()
    last_day = serializers.DateField()


class RivalOut(serializers.Serializer[Any]):
    """An advertiser; ``impression_share`` over the periods in their order."""

    name = serializers.CharField()
    is_us = serializers.BooleanField()
    domain = serializers.CharField(allow_blank=True)
    competitor = serializers.IntegerField(allow_null=True)
    shares = ShareChangeOut(many=True)
    impression_share = serializers.ListField(child=BoundedOut(allow_null=True))


class CompetitionOut(serializers.Serializer[Any]):
    """A team's auctions: the periods from old to new, the advertisers of the newest one."""

    team = serializers.IntegerField(allow_null=True)
    grain = serializers.CharField(allow_blank=True)
    periods = AuctionPeriodOut(many=True)
    unnamed = serializers.ListField(child=serializers.CharField())
    rivals = RivalOut(many=True)


class CompetitorOut(serializers.ModelSerializer[Competitor]):
    """A competitor with its domains."""

    domains: serializers.SlugRelatedField[CompetitorDomain] = serializers.SlugRelatedField(
        slug_field="domain", many=True, read_only=True
    )
    team_name = serializers.CharField(source="team.name", read_only=True)

    class Meta:
        model = Competitor
        fields = ["id", "team", "team_name", "name", "domains", "note"]


class CompetitorChangeIn(serializers.Serializer[Competitor]):
    """What may change."""

    name = serializers.CharField(max_length=LONGEST_NAME, required=False)
    domains = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_DOMAIN),
        required=False, min_length=1, max_length=MOST_DOMAINS,
    )  # fmt: skip
    note = serializers.CharField(required=False, allow_blank=True)


class CompetitorIn(serializers.Serializer[Competitor]):
    """A new competitor of a team."""

    team = Seen(Team, open_teams_for)
    name = serializers.CharField(max_length=LONGEST_NAME)
    domains = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_DOMAIN),
        min_length=1, max_length=MOST_DOMAINS,
    )  # fmt: skip
    note = serializers.CharField(required=False, allow_blank=True)
