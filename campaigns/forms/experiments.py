"""The sheet on which an experiment is planned, and the forms by which figures come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import teams_with
from campaigns.choices import (
    Counted,
    ExperimentKind,
    ExperimentSource,
    LookPlan,
    MetricKind,
    MetricRole,
    Wanted,
)
from campaigns.models import Audience, Campaign, CampaignLine, Creative, Experiment
from campaigns.rules.designs import (
    MOST_ARMS,
    ArmDesign,
    MetricDesign,
    levels_text,
    read_levels,
)
from campaigns.rules.reading_files import ReadingRow, read_readings, squares_of
from campaigns.rules.sample_size import Question, Size, size_for
from campaigns.selectors import design_of
from core.errors import Invalid
from core.forms import AmountField, DateInput, offer
from core.money import COMMON_CURRENCIES

BLANK_ARMS = 3
LARGEST_FILE = 20 * 1024 * 1024
PERCENT = 100


class ExperimentForm(forms.Form):
    """What is settled before a test, but for its variants and metrics."""

    name = forms.CharField(max_length=120)
    team = forms.ModelChoiceField(Team.objects.none())
    kind = forms.ChoiceField(choices=ExperimentKind.choices)
    hypothesis = forms.CharField(
        max_length=4_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Because we saw …, we expect that … changes …",
    )  # fmt: skip
    campaign = forms.ModelChoiceField(Campaign.objects.none(), required=False)
    audience = forms.ModelChoiceField(Audience.objects.none(), required=False)
    source = forms.ChoiceField(choices=ExperimentSource.choices, label="Figures come in")
    unit = forms.CharField(
        max_length=40, initial="visitor", label="Unit",
        help_text="What a variant is given to, in the singular: visitor, customer, click.",
    )  # fmt: skip
    starts_on = forms.DateField(widget=DateInput, label="Starts")
    ends_on = forms.DateField(widget=DateInput, label="Ends")
    looks = forms.ChoiceField(choices=LookPlan.choices, label="Read")
    planned_looks = forms.IntegerField(required=False, min_value=2, max_value=50)
    daily_units = forms.IntegerField(required=False, min_value=1, label="Units a day")
    end_units = forms.IntegerField(
        required=False, min_value=10, label="Units at the end, all variants",
        help_text="Left empty, the calculated number is taken.",
    )  # fmt: skip
    alpha = forms.FloatField(min_value=0.1, max_value=50, initial=5, label="False alarms at most")
    power = forms.FloatField(
        min_value=1,
        max_value=99.9,
        initial=80,
        label="Chance to find the effect",
    )
    tags = forms.CharField(max_length=200, required=False, help_text="Separated by commas.")
    currency = forms.ChoiceField(
        choices=[("", "None"), *((code, code) for code in COMMON_CURRENCIES)], required=False
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.filter(pk__in=[t.pk for t in teams_with(user, Act.RUN_EXPERIMENT)])
        offer(self, "team", teams)
        if teams.count() == 1:
            self.initial.setdefault("team", teams.first())
        offer(self, "campaign", Campaign.objects.for_user(user).filter(team__in=teams))
        offer(self, "audience", Audience.objects.filter(team__in=teams))

    def clean_tags(self) -> list[str]:
        return [tag for tag in self.cleaned_data["tags"].split(",") if tag.strip()]


class ArmForm(forms.Form):
    """One variant; an empty row is left out."""

    name = forms.CharField(max_length=80, required=False, label="Variant")
    weight = forms.FloatField(
        required=False, min_value=0.001, max_value=10_000, label="Share, in parts"
    )
    levels = forms.CharField(
        max_length=200, required=False, label="Place in a grid",
        widget=forms.TextInput(attrs={"placeholder": "headline: short, image: people"}),
    )  # fmt: skip
    reads = forms.ChoiceField(required=False, label="Reads the figures of")


class MetricForm(forms.Form):
    """One metric; an empty row is left out. Effects and shares are written in percent."""

    name = forms.CharField(
        max_length=60, required=False, label="Metric", help_text="In the plural: orders."
    )
    role = forms.ChoiceField(choices=MetricRole.choices, required=False)
    kind = forms.ChoiceField(choices=MetricKind.choices, required=False, label="Measured as")
    better = forms.ChoiceField(choices=Wanted.choices, required=False, label="Better")
    minimum_effect = forms.FloatField(
        required=False, min_value=0.01, max_value=1_000, label="Smallest effect worth finding",
        help_text="In % of today's level.",
    )  # fmt: skip
    base = forms.FloatField(
        required=False, min_value=0, label="Today's level",
        help_text="Yes or no: in %; else per unit.",
    )  # fmt: skip
    spread = forms.FloatField(
        required=False, min_value=0, label="Standard deviation", help_text="Of a value."
    )
    events_measure = forms.ChoiceField(
        choices=[("", "–"), *Counted.choices], required=False, label="Imports: counts"
    )
    units_measure = forms.ChoiceField(
        choices=[("", "–"), *Counted.choices], required=False, label="Imports: per"
    )

    def design(self) -> MetricDesign:
        said = self.cleaned_data
        is_share = said["kind"] == MetricKind.PROPORTION
        return MetricDesign(
            said["name"].strip(),
            said["kind"] or MetricKind.PROPORTION,
            said["role"] or MetricRole.PRIMARY,
            said["better"] or Wanted.HIGHER,
            _share(said["minimum_effect"]),
            _share(said["base"]) if is_share else said["base"],
            said["spread"],
            said["events_measure"],
            said["units_measure"],
        )


def _share(percent: float | None) -> float | None:
    return None if percent is None else round(percent / PERCENT, 12)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * PERCENT, 8)


class ExperimentSheet:
    """The whole page of a plan: its form, its variants, its metrics, and the size they need."""

    def __init__(
        self,
        user: User,
        data: Mapping[str, Any] | None = None,
        experiment: Experiment | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        stands = initial_of(experiment) if experiment else dict(initial or {})
        design = design_of(experiment) if experiment else None
        arms = [_arm_row(arm) for arm in design.arms] if design else ARMS
        metrics = [_metric_row(one) for one in design.metrics] if design else METRICS
        more = bool(data) and "add" in (data or {})
        self.form = ExperimentForm(user, data, initial=stands)
        self.arms = _rows(ArmForm, "arms", data, arms, max(BLANK_ARMS, len(arms)), more=more)
        self.metrics = _rows(
            MetricForm, "metrics", data, metrics, len(metrics) + (experiment is not None)
        )
        choices = reads_choices(user)
        for row in self.arms:
            offer(row, "reads", choices)

    def is_valid(self) -> bool:
        checked = [self.form.is_valid(), self.arms.is_valid(), self.metrics.is_valid()]
        return all(checked)

    def arm_designs(self) -> list[ArmDesign]:
        found = [row.cleaned_data for row in self.arms if row.cleaned_data.get("name")]
        return [_arm_design(row) for row in found]

    def metric_designs(self) -> list[MetricDesign]:
        return [row.design() for row in self.metrics if row.cleaned_data.get("name")]

    def fields(self) -> dict[str, Any]:
        """What the service takes; a size left open is the calculated one."""
        said = dict(self.form.cleaned_data)
        said.pop("version")
        said["alpha"], said["power"] = said["alpha"] / PERCENT, said["power"] / PERCENT
        if not said["end_units"] and said["looks"] != LookPlan.ANY_TIME:
            size = self.size()
            said["end_units"] = size.total if size else None
        return said

    def size(self) -> Size | None:
        """The size of what is filled in so far; None while something is open."""
        try:
            question = self.question()
            return size_for(question) if question else None
        except Invalid:
            return None

    def size_problem(self) -> str:
        """Why there is no size yet."""
        try:
            question = self.question()
            if question is None:
                return "Name the metric that decides, its level today and the effect worth finding."
            size_for(question)
        except Invalid as error:
            return error.message
        return ""

    def question(self) -> Question | None:
        self.is_valid()
        said = self.form.cleaned_data
        metrics = [
            row.design() for row in self.metrics if row.is_valid() and row.cleaned_data.get("name")
        ]
        primary = next((one for one in metrics if one.role == MetricRole.PRIMARY), None)
        if primary is None or not primary.base or not primary.minimum_effect:
            return None
        arms = [row for row in self.arms if row.is_valid() and row.cleaned_data.get("name")]
        return Question(
            kind=primary.kind,
            base=primary.base,
            effect=primary.minimum_effect,
            spread=primary.spread,
            arms=max(len(arms), 2),
            alpha=(said.get("alpha") or 5) / PERCENT,
            power=(said.get("power") or 80) / PERCENT,
            reading=said.get("looks") or LookPlan.UNTIL_END,
            planned_looks=said.get("planned_looks"),
            daily_units=said.get("daily_units"),
        )


ARMS: Sequence[Mapping[str, Any]] = ({"name": "As today", "weight": 1}, {"weight": 1})
METRICS: Sequence[Mapping[str, Any]] = (
    {"role": MetricRole.PRIMARY},
    {"role": MetricRole.GUARDRAIL, "better": Wanted.LOWER, "kind": MetricKind.COUNT},
    {"role": MetricRole.SECONDARY},
)


def _rows(
    form: type[forms.Form],
    prefix: str,
    data: Mapping[str, Any] | None,
    initial: Sequence[Mapping[str, Any]],
    fewest: int,
    *,
    more: bool = False,
) -> BaseFormSet[Any]:
    extra = max(fewest - len(initial), 0)
    kind = formset_factory(form, extra=extra, max_num=MOST_ARMS, absolute_max=MOST_ARMS)
    if data is not None and more:
        key = f"{prefix}-TOTAL_FORMS"
        data = {name: data[name] for name in data}
        data[key] = str(min(int(data.get(key) or 0) + 2, MOST_ARMS))
    return kind(data, initial=[dict(one) for one in initial], prefix=prefix)


def initial_of(experiment: Experiment) -> dict[str, Any]:
    fields = [name for name in ExperimentForm.base_fields if name not in ("alpha", "power", "tags")]
    return {name: getattr(experiment, name) for name in fields} | {
        "alpha": _percent(experiment.alpha),
        "power": _percent(experiment.power),
        "tags": ", ".join(experiment.tags),
    }


def _arm_row(arm: ArmDesign) -> dict[str, Any]:
    reads = f"{arm.mapped[0]}:{arm.mapped[1]}" if arm.mapped else ""
    return {
        "name": arm.name, "weight": arm.weight, "levels": levels_text(arm.levels), "reads": reads,
    }  # fmt: skip


def _metric_row(one: MetricDesign) -> dict[str, Any]:
    row = {name: getattr(one, name) for name in MetricDesign.__slots__}
    row["minimum_effect"] = _percent(one.minimum_effect)
    row["base"] = _percent(one.base) if one.kind == MetricKind.PROPORTION else one.base
    return row


def _arm_design(row: Mapping[str, Any]) -> ArmDesign:
    kind, _, number = row["reads"].partition(":")
    return ArmDesign(
        row["name"].strip(),
        row["weight"] or 1.0,
        read_levels(row["levels"]) if row["levels"] else {},
        line_id=int(number) if kind == "line" else None,
        creative_id=int(number) if kind == "creative" else None,
        segment_id=int(number) if kind == "segment" else None,
    )


def reads_choices(user: User) -> list[tuple[str, str]]:
    """Lines and creatives of running work that the person may see."""
    lines = CampaignLine.objects.for_user(user).select_related("campaign")
    creatives = Creative.objects.filter(campaign__in=Campaign.objects.for_user(user))
    return [
        ("", "–"),
        *((f"line:{one.pk}", f"{one.campaign.name} · {one.name}") for one in lines),
        *((f"creative:{one.pk}", f"Creative {one.name}") for one in creatives),
    ]


class ReadingsForm(forms.Form):
    """Totals of each arm and metric since the start, or a file of them."""

    day = forms.DateField(widget=DateInput, label="Known at the end of")
    file = forms.FileField(required=False)

    def __init__(self, experiment: Experiment, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.arms, self.metrics = list(experiment.arms.all()), list(experiment.metrics.all())
        for arm in self.arms:
            if experiment.currency:
                self.fields[f"spend-{arm.pk}"] = AmountField(required=False)
            self.fields[f"units-{arm.pk}"] = forms.IntegerField(required=False, min_value=0)
            for one in self.metrics:
                self.fields[f"total-{arm.pk}-{one.pk}"] = forms.FloatField(
                    required=False, min_value=0
                )
                if one.kind == MetricKind.MEAN:
                    name = f"spread-{arm.pk}-{one.pk}"
                    self.fields[name] = forms.FloatField(required=False, min_value=0)

    def readings(self) -> tuple[list[ReadingRow], str]:
        """The rows and the name of the file they came in, "" when typed. Raises ``Invalid``."""
        upload = self.cleaned_data["file"]
        if upload is None:
            return self._typed(), ""
        if upload.size > LARGEST_FILE:
            raise Invalid("The file is larger than 20 MB; send totals instead.", where="file")
        try:
            text = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Invalid(
                "The file is no text in UTF-8; save it as CSV UTF-8.", where="file"
            ) from error
        kinds = {one.name: one.kind for one in self.metrics}
        rows = read_readings(text, arms=[arm.name for arm in self.arms], metrics=kinds)
        return rows, upload.name

    def spends(self) -> dict[str, Decimal | None]:
        """What treating each arm cost; nothing where the test has no currency."""
        said = self.cleaned_data
        names = {arm.name: f"spend-{arm.pk}" for arm in self.arms}
        return {name: said[key] for name, key in names.items() if key in said and key in self.data}

    def _typed(self) -> list[ReadingRow]:
        said, rows = self.cleaned_data, []
        for arm in self.arms:
            units = said.get(f"units-{arm.pk}")
            for one in self.metrics:
                total = said.get(f"total-{arm.pk}-{one.pk}")
                if total is None:
                    continue
                if units is None:
                    raise Invalid(
                        f"{arm.name}: say how many units there are.", where=f"units-{arm.pk}"
                    )
                rows.append(
                    ReadingRow(
                        arm.name,
                        one.name,
                        units,
                        total,
                        None,
                        self._squares(arm.pk, one, units, total),
                    )
                )
        if not rows:
            raise Invalid("Fill in the totals of each variant, or choose a file.")
        return rows

    def _squares(self, arm: int, one: Any, units: int, total: float) -> float | None:
        if one.kind != MetricKind.MEAN:
            return None
        spread = self.cleaned_data.get(f"spread-{arm}-{one.pk}")
        return None if spread is None else squares_of(units, total, spread)


class StopForm(forms.Form):
    reason = forms.CharField(max_length=2_000, widget=forms.Textarea(attrs={"rows": 2}))
