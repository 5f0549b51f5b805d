"""Forms about people, roles, teams, tokens and the organisation; the filters of their lists."""

from __future__ import annotations

from operator import itemgetter
from typing import Any
from zoneinfo import available_timezones

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet

from accounts.choices import LISTS, TWO_PERSON_ROLES, Act, Role
from accounts.models import ApiToken, Membership, SavedView, Team, User
from accounts.permissions import can
from accounts.selectors import INVITED, indented, open_teams_for, teams_for, teams_in_sight
from core.forms import offer, read_amount
from core.models import Organisation
from core.money import COMMON_CURRENCIES, MICROS
from core.periods import MONTH_NAMES

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ONE_PERSON_ROLES = [(role.value, role.label) for role in Role if role not in TWO_PERSON_ROLES]

HIGH_ROLES = [(role.value, role.label) for role in Role if role in TWO_PERSON_ROLES]


class TeamChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # no generic at run time
    """Teams in the order of the tree, indented."""

    def label_from_instance(self, obj: Team) -> str:
        return indented(obj)


def _teams() -> QuerySet[Team]:
    return Team.objects.filter(is_archived=False).order_by("path")


class LimitField(forms.CharField):
    """An amount of the reporting currency that cleans to micros; empty is None."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=20, **options)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        return int(read_amount(text) * MICROS) if text else None


class PersonFilter(filters.FilterSet):
    """People by name, role, team and state; ``team`` includes the teams below."""

    STATES = (("active", "Active"), ("invited", "Invited"), ("deactivated", "Deactivated"))

    q = filters.CharFilter(method="find", label="Find")
    role = filters.ChoiceFilter(choices=Role.choices, method="holding", empty_label="Any role")
    team = filters.ModelChoiceFilter(
        queryset=Team.objects.none(), method="working_in", empty_label="All teams"
    )
    state = filters.ChoiceFilter(choices=STATES, method="in_state", empty_label="Everybody")

    class Meta:
        model = User
        fields = ["q", "role", "team", "state"]

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asker = user or getattr(self.request, "user", None)
        if isinstance(asker, User):
            self.filters["team"].field.queryset = teams_for(asker)

    def find(self, people: QuerySet[User], name: str, value: str) -> QuerySet[User]:  # noqa: ARG002
        words = Q(name__icontains=value) | Q(email__icontains=value) | Q(title__icontains=value)
        return people.filter(words)

    def holding(self, people: QuerySet[User], name: str, value: str) -> QuerySet[User]:  # noqa: ARG002
        return people.filter(pk__in=Membership.objects.filter(role=value).values("user"))

    def working_in(self, people: QuerySet[User], name: str, value: Team) -> QuerySet[User]:  # noqa: ARG002
        inside = Membership.objects.filter(team__path__startswith=value.path)
        return people.filter(pk__in=inside.values("user"))

    def in_state(self, people: QuerySet[User], name: str, value: str) -> QuerySet[User]:  # noqa: ARG002
        wanted = {
            "active": Q(is_active=True) & ~INVITED,
            "invited": Q(is_active=True) & INVITED,
            "deactivated": Q(is_active=False),
        }
        return people.filter(wanted[value])


class HandoverForm(forms.Form):
    """One kind of thing, and who takes it."""

    kind = forms.CharField(max_length=40)
    to = forms.ModelChoiceField(User.objects.none(), required=False)

    def __init__(self, colleagues: QuerySet[User], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "to", colleagues)
        self.colleagues = colleagues


class ViewForm(forms.Form):
    """A name for a list as it is now, and who sees it."""

    page = forms.CharField(widget=forms.HiddenInput)
    query = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(max_length=80)
    team = TeamChoice(
        Team.objects.none(), required=False, label="Shared with", empty_label="Only me"
    )
    is_default = forms.BooleanField(required=False, label="Open this page with it")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "team", open_teams_for(user).order_by("path"))


class SavedViewFilter(filters.FilterSet):
    """The filters of saved views in the API."""

    page = filters.ChoiceFilter(choices=list(LISTS.items()))

    class Meta:
        model = SavedView
        fields = ["page"]


class TeamFilter(filters.FilterSet):
    """The filters of the tree in the API."""

    parent = filters.ModelChoiceFilter(queryset=teams_in_sight)

    class Meta:
        model = Team
        fields = ["parent", "is_archived"]


class InviteForm(forms.Form):
    """Let somebody in, with a first role that one person may give."""

    name = forms.CharField(max_length=120)
    email = forms.EmailField(label="E-mail address")
    title = forms.CharField(
        max_length=120, required=False, help_text="For example: campaign manager DACH."
    )
    team = TeamChoice(Team.objects.none(), required=False, empty_label="Later")
    role = forms.ChoiceField(
        choices=[("", "Later"), *ONE_PERSON_ROLES],
        required=False,
        help_text="Executives, auditors and administrators are proposed on the person’s page.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "team", _teams())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("team")) != bool(data.get("role")):
            self.add_error("role" if data.get("team") else "team", "A role needs a team.")
        return data


class PersonForm(forms.Form):
    name = forms.CharField(max_length=120)
    title = forms.CharField(
        max_length=120, required=False, help_text="For example: campaign manager DACH."
    )


class RoleForm(forms.Form):
    """Give a role; the high ones become a proposal, which needs a reason."""

    team = TeamChoice(Team.objects.none())
    role = forms.ChoiceField()
    limit = LimitField(
        label="Decides at most", help_text="Empty: as much as the policy lets the role decide."
    )
    reason = forms.CharField(
        required=False, label="Why", help_text="Needed when a second person has to confirm."
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "team", _teams())
        alone = ONE_PERSON_ROLES if can(user, Act.GIVE_ROLE) else []
        groups: list[tuple[Any, Any]] = [
            ("Given at once", alone),
            ("With a second person", HIGH_ROLES),
        ]
        offer(self, "role", [("", "Choose"), *filter(itemgetter(1), groups)])


class LimitForm(forms.Form):
    """Change what a person may decide at most by a role."""

    limit = LimitField(label="Decides at most", help_text="Empty: no limit but the policy’s.")
    reason = forms.CharField(label="Why")


class ReasonForm(forms.Form):
    """A reason that the trail keeps."""

    reason = forms.CharField(label="Why", max_length=500)


class TeamForm(forms.Form):
    """Create, rename or move a team."""

    name = forms.CharField(max_length=120)
    parent = TeamChoice(Team.objects.none(), required=False, empty_label="At the top")

    def __init__(self, *args: Any, team: Team | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = _teams()
        if team is not None:
            # The team itself and what is below it cannot be above it; where it is now stays.
            inside = Q(path__startswith=team.path)
            teams = Team.objects.filter(Q(is_archived=False) | Q(pk=team.parent_id)).exclude(inside)
        offer(self, "parent", teams.order_by("path"))


class TokenForm(forms.Form):
    """A token for oneself."""

    DAYS = ((7, "a week"), (30, "30 days"), (90, "90 days"), (365, "a year"))

    name = forms.CharField(max_length=80, help_text="What it is for, so that you know it again.")
    access = forms.ChoiceField(choices=ApiToken.Access.choices, label="It may")
    days = forms.TypedChoiceField(choices=DAYS, coerce=int, initial=90, label="For")


class OrganisationForm(forms.Form):
    """How the organisation counts; what changes amounts and periods needs a second person."""

    name = forms.CharField(max_length=120)
    classification = forms.CharField(max_length=40, help_text="Printed on every report and export.")
    time_zone = forms.ChoiceField(help_text="Days and due times are counted there.")
    week_start = forms.TypedChoiceField(
        choices=list(enumerate(WEEKDAYS)), coerce=int, label="The week starts on"
    )
    reporting_currency = forms.ChoiceField()
    fiscal_start_month = forms.TypedChoiceField(
        choices=list(enumerate(MONTH_NAMES, 1)), coerce=int, label="The fiscal year starts in"
    )
    fiscal_pattern = forms.ChoiceField(
        choices=Organisation.FiscalPattern.choices, label="Months are"
    )
    reason = forms.CharField(
        required=False,
        label="Why",
        help_text="Needed for currency, fiscal start and months: a second person confirms.",
    )

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "time_zone", [(zone, zone) for zone in sorted(available_timezones())])
        codes = dict.fromkeys([organisation.reporting_currency, *COMMON_CURRENCIES])
        offer(self, "reporting_currency", [(code, code) for code in codes])
