"""What the API shows and takes of people, roles, teams, tokens and the organisation."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.choices import Act, Role
from accounts.models import ApiToken, Membership, Proposal, Team, User
from accounts.permissions import can
from accounts.selectors import open_teams_for, teams_for
from core.api import Seen
from core.errors import Invalid
from core.models import Organisation
from core.money import Money


@extend_schema_field({"type": "string", "nullable": True})
class LimitField(serializers.Field[int, str, str, Any]):
    """Micros inside, decimal text of the reporting currency outside."""

    def to_representation(self, value: int) -> str:
        return format(Money(value, "").amount, "f")

    def to_internal_value(self, data: Any) -> int:
        try:
            return Money.parse(str(data), "").micros
        except Invalid as error:
            raise serializers.ValidationError(error.message) from error


class MembershipOut(serializers.ModelSerializer[Membership]):
    team_name = serializers.CharField(source="team.name", read_only=True)
    limit = LimitField(source="limit_micros", read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "user", "team", "team_name", "role", "limit"]


class PersonOut(serializers.ModelSerializer[User]):
    roles = MembershipOut(source="memberships", many=True, read_only=True)
    is_invited = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = [
            "id", "name", "email", "title", "is_active", "is_invited", "last_login", "roles",
        ]  # fmt: skip

    def get_is_invited(self, person: User) -> bool:
        return person.is_active and not person.has_usable_password()


class MeOut(PersonOut):
    """The signed-in person, with the acts of the matrix that are open to them."""

    acts = serializers.SerializerMethodField()

    class Meta(PersonOut.Meta):
        fields = [*PersonOut.Meta.fields, "acts"]

    def get_acts(self, person: User) -> list[str]:
        return [act.value for act in Act if can(person, act)]


class MeIn(serializers.Serializer[User]):
    name = serializers.CharField(max_length=120, required=False)
    title = serializers.CharField(max_length=120, required=False, allow_blank=True)


class InviteIn(serializers.Serializer[User]):
    """Somebody new; ``team`` and ``role`` give a first role that needs one person."""

    name = serializers.CharField(max_length=120)
    email = serializers.EmailField()
    title = serializers.CharField(max_length=120, required=False, allow_blank=True)
    team = Seen(Team, open_teams_for, required=False)
    role = serializers.ChoiceField(choices=Role.choices, required=False)


class ReasonIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class RoleIn(serializers.Serializer[Membership]):
    """A role; one of weight becomes a proposal, which needs a reason."""

    team = Seen(Team, open_teams_for)
    role = serializers.ChoiceField(choices=Role.choices)
    limit = LimitField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class LimitIn(serializers.Serializer[Membership]):
    limit = LimitField(allow_null=True)
    reason = serializers.CharField(max_length=500)


class TeamOut(serializers.ModelSerializer[Team]):
    class Meta:
        model = Team
        fields = ["id", "name", "parent", "path", "is_archived"]


class TeamIn(serializers.Serializer[Team]):
    name = serializers.CharField(max_length=120)
    parent = Seen(Team, teams_for, allow_null=True, default=None)  # type: ignore[assignment]


class TeamChange(serializers.Serializer[Team]):
    """``parent`` null puts the team at the top."""

    name = serializers.CharField(max_length=120, required=False)
    parent = Seen(Team, teams_for, allow_null=True, required=False)  # type: ignore[assignment]
    is_archived = serializers.BooleanField(required=False)


class TokenOut(serializers.ModelSerializer[ApiToken]):
    owner = serializers.CharField(source="user.name", read_only=True)

    class Meta:
        model = ApiToken
        fields = [
            "id", "name", "owner", "access", "prefix", "created_at", "expires_at", "used_at",
            "revoked_at",
        ]  # fmt: skip


class NewTokenOut(TokenOut):
    """The only answer that holds the secret."""

    secret = serializers.CharField(read_only=True)

    class Meta(TokenOut.Meta):
        fields = [*TokenOut.Meta.fields, "secret"]


class TokenIn(serializers.Serializer[ApiToken]):
    name = serializers.CharField(max_length=80)
    access = serializers.ChoiceField(choices=ApiToken.Access.choices, default="read")
    days = serializers.IntegerField(min_value=1, max_value=365, default=90)


class ProposalOut(serializers.ModelSerializer[Proposal]):
    title = serializers.CharField(source="__str__", read_only=True)

    class Meta:
        model = Proposal
        fields = [
            "id", "kind", "state", "title", "user", "team", "role", "changes", "reason",
            "proposed_by", "proposed_at", "decided_by", "decided_at", "answer",
        ]  # fmt: skip


class OrganisationOut(serializers.ModelSerializer[Organisation]):
    class Meta:
        model = Organisation
        fields = [
            "name", "classification", "time_zone", "week_start", "reporting_currency",
            "fiscal_start_month", "fiscal_pattern",
        ]  # fmt: skip


class OrganisationIn(serializers.Serializer[Organisation]):
    """What changes amounts and periods becomes a proposal and needs a reason."""

    name = serializers.CharField(max_length=120, required=False)
    classification = serializers.CharField(max_length=40, required=False)
    time_zone = serializers.CharField(max_length=64, required=False)
    week_start = serializers.IntegerField(min_value=0, max_value=6, required=False)
    reporting_currency = serializers.CharField(min_length=3, max_length=3, required=False)
    fiscal_start_month = serializers.IntegerField(min_value=1, max_value=12, required=False)
    fiscal_pattern = serializers.ChoiceField(
        choices=Organisation.FiscalPattern.choices, required=False
    )
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
