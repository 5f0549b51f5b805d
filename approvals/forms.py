"""Forms and filters of approvals."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import available_timezones

import django_filters as filters
from django import forms
from django.core.validators import MaxValueValidator
from django.db.models import QuerySet

from accounts.choices import Role
from accounts.models import Team, User
from accounts.selectors import people_in_sight, teams_in_sight
from approvals.choices import LONGEST_REASON, Outcome, RequestState, Risk
from approvals.models import ChangeRequest
from approvals.rules.checking import Known
from approvals.rules.routing import ANY_KIND
from approvals.services import channels_known, kinds
from core.forms import AmountField, DateInput, offer
from core.money import COMMON_CURRENCIES, Money

LAST_DAY = date(9998, 12, 31)


class DecisionForm(forms.Form):
    """A decision on what was shown."""

    outcome = forms.ChoiceField(choices=Outcome.choices)
    reason = forms.CharField(
        max_length=LONGEST_REASON, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    content_hash = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
    option = forms.IntegerField(required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=LONGEST_REASON, required=False)


class CommentForm(forms.Form):
    text = forms.CharField(max_length=4_000)


class WithdrawForm(forms.Form):
    reason = forms.CharField(max_length=1_000, required=False)


class SimulatorForm(forms.Form):
    """Who would approve a change of this kind, amount and team?"""

    kind = forms.ChoiceField(label="Kind of change")
    amount = AmountField()
    currency = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Reporting currency"),
            *zip(COMMON_CURRENCIES, COMMON_CURRENCIES, strict=True),
        ],
    )
    team = forms.ModelChoiceField(Team.objects.none())
    requester = forms.ModelChoiceField(
        User.objects.none(), required=False, label="Asked by", empty_label="Anybody"
    )
    percent = forms.DecimalField(
        required=False,
        min_value=0,
        max_value=10_000,
        decimal_places=2,
        label="Share of a line’s plan that changes, %",
    )
    channels = forms.MultipleChoiceField(required=False, label="Channels it touches")
    risk = forms.ChoiceField(required=False, choices=Risk.choices, initial=Risk.NORMAL)

    def __init__(
        self, kinds: dict[str, str], teams: QuerySet[Team], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kind", list(kinds.items()))
        offer(self, "channels", list(channels_known().items()))
        offer(self, "team", teams)
        offer(
            self,
            "requester",
            User.objects.filter(is_active=True, memberships__team__in=teams).distinct(),
        )


class PeriodForm(forms.Form):
    """From which day to which."""

    start = forms.DateField(required=False, label="From", widget=DateInput())
    end = forms.DateField(
        required=False, label="To", widget=DateInput(), validators=[MaxValueValidator(LAST_DAY)]
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("start") and data.get("end") and data["start"] > data["end"]:
            self.add_error("end", "The last day is before the first.")
        return data

    def span(self, otherwise: tuple[date, date]) -> tuple[date, date]:
        """The days asked for, ``otherwise`` where none or wrong ones were."""
        data = self.cleaned_data if self.is_bound and self.is_valid() else {}
        return data.get("start") or otherwise[0], data.get("end") or otherwise[1]


class ThresholdForm(forms.Form):
    """The two amounts most policies are about."""

    first = AmountField(label="First threshold (T1)")
    second = AmountField(label="Second threshold (T2)")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("first") and data.get("second") and data["first"] >= data["second"]:
            self.add_error("second", "The second threshold is above the first.")
        return data


class RuleForm(forms.Form):
    """What a rule covers; what stays empty asks for nothing."""

    kinds = forms.MultipleChoiceField(required=False, label="Kinds of change")
    above = AmountField(required=False, label="Above")
    up_to = AmountField(required=False, label="Up to")
    teams = forms.MultipleChoiceField(required=False)
    channels = forms.MultipleChoiceField(required=False)
    above_percent = forms.DecimalField(
        required=False, min_value=0, max_value=10_000, label="Above this share of a plan, %"
    )
    risks = forms.MultipleChoiceField(
        required=False, choices=Risk.choices, widget=forms.CheckboxSelectMultiple, label="Risk"
    )

    def __init__(self, known: Known, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "kinds", list(known.kinds.items()))
        offer(self, "teams", [(path, _indented(path, name)) for path, name in known.teams.items()])
        offer(self, "channels", list(known.channels.items()))

    def rule(self) -> dict[str, Any]:
        """The rule without its steps."""
        data = self.cleaned_data
        return {
            "kinds": data["kinds"] or [ANY_KIND],
            "teams": data["teams"],
            "channels": data["channels"],
            "risks": data["risks"],
            "above_micros": _micros(data["above"]),
            "max_micros": _micros(data["up_to"]),
            "above_percent": None if data["above_percent"] is None else str(data["above_percent"]),
        }


def _indented(path: str, name: str) -> str:
    indent = "\u2003" * (path.count("/") - 1)
    return indent + name


def _micros(amount: Decimal | None) -> int | None:
    return None if amount is None else Money.parse(amount, "").micros


class StepForm(forms.Form):
    """Who takes a step, by which right, and how many of them."""

    NEEDED: ClassVar = [
        ("1", "Any one"),
        *((str(n), f"{n} of them") for n in range(2, 21)),
        ("0", "Everybody"),
    ]
    DECIDES: ClassVar = [("yes", "Decides"), ("no", "Gives advice")]
    WHEN: ClassVar = [("after", "After the step before"), ("beside", "Beside the step before")]

    roles = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        label="Who",
        choices=[
            (role.value, role.label) for role in (Role.DIRECTOR, Role.EXECUTIVE, Role.AUDITOR)
        ],
    )
    act = forms.ChoiceField(
        label="By the right to decide",
        choices=[
            ("decide_small", "Up to the first threshold"),
            ("decide_medium", "Between the thresholds"),
            ("decide_large", "Above the second threshold"),
        ],
    )
    needed = forms.ChoiceField(label="How many", choices=NEEDED)
    when = forms.ChoiceField(choices=WHEN, required=False)
    decides = forms.ChoiceField(label="What they do", choices=DECIDES, required=False)
    hours = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=336,
        label="Working hours",
        help_text="Needed for advice: the request goes on without it then.",
    )

    def step(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "roles": data["roles"],
            "act": data["act"],
            "needed": int(data["needed"]),
            "with_previous": data["when"] == "beside",
            "hours": data["hours"],
            "decides": data["decides"] != "no",
        }


class RequestFilter(filters.FilterSet):
    """The filters of the request list, on the page and in the API."""

    state = filters.MultipleChoiceFilter(choices=RequestState.choices)
    kind = filters.ChoiceFilter(choices=lambda: list(kinds().items()), label="Kind")
    team = filters.ModelMultipleChoiceFilter(queryset=teams_in_sight)
    requested_by = filters.ModelMultipleChoiceFilter(queryset=people_in_sight, label="Asked by")
    asked_after = filters.DateFilter(
        field_name="created_at", lookup_expr="date__gte", label="Asked from"
    )
    asked_before = filters.DateFilter(
        field_name="created_at", lookup_expr="date__lte", label="Asked until"
    )

    class Meta:
        model = ChangeRequest
        fields = ["state", "kind", "team", "requested_by"]


class DelegationForm(forms.Form):
    """Who decides, from which day to which, up to how much."""

    delegate = forms.ModelChoiceField(
        User.objects.none(), label="Who decides for you", empty_label="Choose somebody"
    )
    starts_on = forms.DateField(label="First day", widget=DateInput())
    ends_on = forms.DateField(
        label="Last day", widget=DateInput(), help_text="At most 14 days in all."
    )
    cap = AmountField(
        label="Up to this amount", required=False, help_text="Empty: up to your own limit."
    )
    reason = forms.CharField(max_length=1_000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, people: QuerySet[User], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "delegate", people)

    @property
    def cap_micros(self) -> int | None:
        """The cap in micros of the reporting currency."""
        cap = self.cleaned_data.get("cap")
        return None if cap is None else Money.parse(cap, "").micros


class AbsenceForm(forms.Form):
    """Days away; whoever may delegate names who decides meanwhile."""

    starts_on = forms.DateField(label="First day", widget=DateInput())
    ends_on = forms.DateField(label="Last day", widget=DateInput())
    note = forms.CharField(
        max_length=200, required=False, help_text="Shown beside your name, such as “at a fair”."
    )
    delegate = forms.ModelChoiceField(
        User.objects.none(),
        required=False,
        label="Who decides meanwhile",
        empty_label="Nobody",
        help_text="At most 14 days; your substitute is proposed.",
    )

    def __init__(self, people: QuerySet[User], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if people.query.is_empty():
            del self.fields["delegate"]
        else:
            offer(self, "delegate", people)


class SubstituteForm(forms.Form):
    substitute = forms.ModelChoiceField(
        User.objects.none(), required=False, label="Standing substitute", empty_label="Nobody"
    )

    def __init__(self, people: QuerySet[User], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "substitute", people)


WEEKDAYS = [
    (0, "Monday"), (1, "Tuesday"), (2, "Wednesday"), (3, "Thursday"), (4, "Friday"),
    (5, "Saturday"), (6, "Sunday"),
]  # fmt: skip


class CalendarForm(forms.Form):
    """When a team works."""

    days = forms.TypedMultipleChoiceField(
        choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple, label="Working days"
    )
    opens = forms.TimeField(label="From", widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    closes = forms.TimeField(label="To", widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    time_zone = forms.ChoiceField(label="Time zone", required=False)
    country = forms.ChoiceField(label="Public holidays of", required=False)
    part = forms.CharField(
        max_length=10,
        required=False,
        label="Part of the country",
        help_text="Its short code, such as BY for Bavaria; empty for the whole country.",
    )
    days_off = forms.CharField(
        required=False,
        label="Own days off",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line: 2026-12-24 Christmas Eve",
    )

    def __init__(self, countries: dict[str, list[str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(name, name) for name in sorted(available_timezones())]
        offer(self, "time_zone", [("", "The organisation’s"), *zones])
        offer(self, "country", [("", "None"), *((code, code) for code in sorted(countries))])

    def clean_days_off(self) -> dict[date, str]:
        found = {}
        for number, line in enumerate(self.cleaned_data["days_off"].splitlines(), 1):
            if not line.strip():
                continue
            day, _, name = line.strip().partition(" ")
            try:
                found[date.fromisoformat(day)] = name.strip() or "Day off"
            except ValueError as error:
                raise forms.ValidationError(
                    f"Line {number}: “{day}” is not a day; write 2026-12-24 Christmas Eve."
                ) from error
        return found


class ChoiceForm(forms.Form):
    """A decision between alternatives: one block of text for each."""

    title = forms.CharField(max_length=200)
    question = forms.CharField(max_length=1_000, widget=forms.Textarea(attrs={"rows": 2}))
    team = forms.ModelChoiceField(Team.objects.none())
    options = forms.CharField(
        label="Alternatives",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Two to eight, an empty line between them: first its name, then what speaks for and against it.",
    )
    evidence = forms.CharField(
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Figures and links, one a line: Share of search: 42 %. They are frozen with the question.",
    )
    amount = AmountField(
        required=False, help_text="What is at stake, if money is; the policy says who decides."
    )
    deadline = forms.DateField(
        required=False, widget=DateInput(), help_text="The last day on which it is decided."
    )
    reason = forms.CharField(
        label="Why now", max_length=4_000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, teams: QuerySet[Team], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "team", teams)

    def clean_options(self) -> list[dict[str, str]]:
        text = self.cleaned_data["options"].replace("\r\n", "\n").strip()
        blocks = [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]
        pairs = [block.partition("\n") for block in blocks]
        return [{"label": label.strip(), "text": rest.strip()} for label, _, rest in pairs]

    def clean_evidence(self) -> list[tuple[str, str]]:
        lines = [
            line.strip() for line in self.cleaned_data["evidence"].splitlines() if line.strip()
        ]
        pairs = [line.partition(":") for line in lines]
        if bad := next((label for label, _, rest in pairs if not rest.strip()), ""):
            raise forms.ValidationError(f"“{bad[:60]}” needs a colon: Label: figure or link.")
        return [(label.strip(), rest.strip()) for label, _, rest in pairs]


class VoteForm(forms.Form):
    option = forms.IntegerField()
    why = forms.CharField(max_length=2_000, required=False)
