"""Forms of campaigns; they clean into what the services take."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import teams_with
from campaigns.choices import ChangeKind, Objective, Status
from campaigns.models import (
    AdAccount,
    Audience,
    Campaign,
    CampaignLine,
    Channel,
    Creative,
    Initiative,
)
from core.forms import DateInput, offer
from core.money import COMMON_CURRENCIES


class CampaignForm(forms.Form):
    """Create (with ``teams``) or edit a campaign."""

    name = forms.CharField(max_length=200)
    team = forms.ModelChoiceField(Team.objects.none())
    owner = forms.ModelChoiceField(User.objects.none())
    objective = forms.ChoiceField(choices=Objective.choices)
    flight_start = forms.DateField(required=False, widget=DateInput)
    flight_end = forms.DateField(required=False, widget=DateInput)
    markets = forms.CharField(max_length=120, required=False, help_text="For example DE, AT, CH.")
    brief = forms.CharField(
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
        help_text="Whom it is for, what it says, what it should change.",
    )
    audiences = forms.ModelMultipleChoiceField(Audience.objects.none(), required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.filter(pk__in=[t.pk for t in teams_with(user, Act.DRAFT_REQUEST)])
        offer(self, "team", teams)
        offer(self, "owner", possible_owners(teams))
        offer(self, "audiences", Audience.objects.filter(team__in=teams))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, end = data.get("flight_start"), data.get("flight_end")
        if start and end and end < start:
            self.add_error("flight_end", "The flight ends before it starts.")
        return data


def possible_owners(teams: QuerySet[Team]) -> QuerySet[User]:
    """People with a role in one of the teams or above it."""
    above = Q(pk__in=[])
    for path in teams.values_list("path", flat=True):
        parts = path.strip("/").split("/")
        paths = ["/".join(parts[: n + 1]) + "/" for n in range(len(parts))]
        above |= Q(memberships__team__path__in=paths)
    return User.objects.filter(above, is_active=True).distinct()


class CloneForm(forms.Form):
    name = forms.CharField(max_length=200)
    shift_days = forms.IntegerField(
        required=False,
        label="Start this many days later",
        help_text="Leave it empty to choose the flight afterwards.",
    )


class MoveForm(forms.Form):
    to = forms.ChoiceField(choices=Status.choices)
    reason = forms.CharField(
        max_length=4_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class LineForm(forms.Form):
    """A campaign's line in a channel."""

    name = forms.CharField(max_length=200)
    channel = forms.ModelChoiceField(Channel.objects.all())
    ad_account = forms.ModelChoiceField(AdAccount.objects.none(), required=False)
    external_id = forms.CharField(
        max_length=120, required=False, label="Campaign number at the platform"
    )
    currency = forms.ChoiceField(choices=[(code, code) for code in COMMON_CURRENCIES])
    starts_on = forms.DateField(required=False, widget=DateInput)
    ends_on = forms.DateField(required=False, widget=DateInput)

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "ad_account", AdAccount.objects.filter(team=campaign.team))


class CreativeForm(forms.Form):
    """A creative of the asset plan."""

    name = forms.CharField(max_length=200)
    format = forms.CharField(
        max_length=40, required=False, help_text="Image, video 15 s, carousel ..."
    )
    state = forms.ChoiceField(choices=Creative.State.choices)
    owner = forms.ModelChoiceField(User.objects.none(), required=False)
    due_on = forms.DateField(required=False, widget=DateInput)
    link = forms.URLField(required=False, assume_scheme="https")

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "owner", possible_owners(Team.objects.filter(pk=campaign.team_id)))


class OptimisationForm(forms.Form):
    """One entry of the optimisation log."""

    kind = forms.ChoiceField(choices=ChangeKind.choices, label="What kind of change")
    what = forms.CharField(
        max_length=200, label="What was changed", help_text="For example: target CPA in Search."
    )
    line = forms.ModelChoiceField(
        CampaignLine.objects.none(), required=False, empty_label="The whole campaign"
    )
    made_on = forms.DateField(widget=DateInput, label="Made on")
    old_value = forms.CharField(max_length=200, required=False, label="Before")
    new_value = forms.CharField(max_length=200, required=False, label="After")
    hypothesis = forms.CharField(
        max_length=4_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Why it should help. It is read again when the result is in.",
    )
    expected_metric = forms.ChoiceField(required=False, label="Expected to change")
    expected_low = forms.DecimalField(required=False, decimal_places=6, label="At least")
    expected_high = forms.DecimalField(required=False, decimal_places=6, label="At most")

    def __init__(
        self, campaign: Campaign, metrics: list[tuple[str, str]], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "line", campaign.lines.all())
        offer(self, "expected_metric", [("", "Not said"), *metrics])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        low, high = data.get("expected_low"), data.get("expected_high")
        if low is not None and high is not None and high < low:
            self.add_error("expected_high", "The upper end is below the lower one.")
        return data


class BulkForm(forms.Form):
    """One change to many campaigns."""

    ids = forms.TypedMultipleChoiceField(coerce=int, required=False)
    owner = forms.ModelChoiceField(
        User.objects.none(), required=False, empty_label="Leave as it is"
    )
    to = forms.ChoiceField(choices=[("", "Leave as it is"), *Status.choices], required=False)
    reason = forms.CharField(max_length=4_000, required=False)

    def __init__(self, user: User, visible: QuerySet[Campaign], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "ids", [(pk, str(pk)) for pk in visible.values_list("pk", flat=True)])
        teams = [t.pk for t in teams_with(user, Act.DRAFT_REQUEST)]
        offer(self, "owner", possible_owners(Team.objects.filter(pk__in=teams)))


class InitiativeForm(forms.Form):
    """Begin an initiative, or change ``known``; ``offered`` are the campaigns one may choose among."""

    name = forms.CharField(max_length=200)
    team = forms.ModelChoiceField(Team.objects.none())
    owner = forms.ModelChoiceField(User.objects.none())
    goal = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text="What is different when it is done.",
    )
    due_on = forms.DateField(required=False, widget=DateInput, label="Due on")
    campaigns = forms.ModelMultipleChoiceField(Campaign.objects.none(), required=False)

    def __init__(
        self, user: User, *args: Any, known: Initiative | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.filter(pk__in=[t.pk for t in teams_with(user, Act.DRAFT_REQUEST)])
        offer(self, "team", Team.objects.filter(pk=known.team_id) if known else teams)
        owners = possible_owners(teams).values("pk")
        kept = known.owner_id if known else None
        offer(self, "owner", User.objects.filter(Q(pk__in=owners) | Q(pk=kept)))
        self.offered = Campaign.objects.for_user(user).exclude(status=Status.ARCHIVED)
        offer(self, "campaigns", self.offered)
        self.fields["team"].disabled = known is not None


class MilestoneForm(forms.Form):
    """A dated step of an initiative."""

    name = forms.CharField(max_length=200, label="What is reached")
    due_on = forms.DateField(widget=DateInput, label="Due on")
    done_on = forms.DateField(widget=DateInput, required=False, label="Reached on")
