"""Stories of the market: how late results come, what changes did, what fell, overspent or was lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from budgets.models import BudgetLine
from campaigns.models import Campaign, CampaignLine, Optimisation
from core import formats
from core.money import MICROS
from demo.planted.rows import Row, Seen, not_run, shares, within
from demo.planted.rows import changes as changed
from insights.models import Finding, Verdict
from insights.selectors import PlatformGrowth, growth_known

Kept = Mapping[str, Any]
DELAYS, CHANGES, STORIES = "Delays", "Changes", "Stories"
# Ages whose planted share is compared.
AGES = (1, 7)
# The market's platforms that have no name of their own in the product.
OTHERS = {
    "affiliate_network": "channel:affiliates",
    "mail_platform": "channel:email",
    "creator_ledger": "channel:creators",
    "retail_media": "channel:retail_media",
}


def delays(kept: Kept, _user: User, _now: datetime) -> Iterator[Row]:
    """The share of conversions known at an age, platform by platform."""
    url = reverse("insights:maturity")
    grown = {one.platform: one for one in growth_known() if one.measure == "conversions"}
    for platform, planted in kept["truth"]["known_share_by_age"].items():
        name = OTHERS.get(platform, platform)
        label = platform.replace("_", " ").capitalize()
        for age in AGES:
            what = f"{label}, known {age} {'day' if age == 1 else 'days'} later"
            yield _delay(grown.get(name), what, age, float(planted[age]), url)


def _delay(one: PlatformGrowth | None, what: str, age: int, truth: float, url: str) -> Row:
    planted = formats.percent(truth, 0)
    if one is None:
        return not_run(DELAYS, what, planted, url)
    share = one.share_at(age)
    if share is None:
        return Row(DELAYS, what, planted, one.reason, "", Seen.UNCLEAR, url, one.days)
    seen = within(truth, share.low, share.high)
    range_ = shares(share.low, share.high, "80 %")
    return Row(DELAYS, what, planted, formats.percent(share.value, 0), range_, seen, url, one.days)


def changes(kept: Kept, user: User, _now: datetime) -> Iterator[Row]:
    """What each logged change truly does to conversions per spend, beside its verdict."""
    ids = {pk: key for key, pk in kept["ids"]["optimisations"].items()}
    seen = Optimisation.objects.filter(
        pk__in=ids, campaign__in=Campaign.objects.for_user(user)
    ).select_related("campaign")
    verdicts = {one.optimisation_id: one for one in Verdict.objects.filter(optimisation__in=ids)}
    for change in seen.order_by("pk"):
        truth = float(kept["truth"]["changes"][ids[change.pk]]["effect"])
        yield _change(change, verdicts.get(change.pk), truth)


def _change(change: Optimisation, verdict: Verdict | None, truth: float) -> Row:
    planted = formats.percent_signed(truth, 0) if truth else "Nothing"
    url = _page(change.campaign_id)
    if verdict is None:
        return not_run(CHANGES, str(change), planted, url)
    said = verdict.get_outcome_display()
    if verdict.low_micros is None or verdict.high_micros is None:
        return Row(CHANGES, str(change), planted, said, "", Seen.UNCLEAR, url)
    low, high = verdict.low_micros / MICROS, verdict.high_micros / MICROS
    if verdict.effect_micros is not None:
        said = f"{said}, {formats.percent_signed(verdict.effect_micros / MICROS, 0)}"
    return Row(
        CHANGES,
        str(change),
        planted,
        said,
        changed(low, high, "80 %"),
        within(truth, low, high),
        url,
    )


def falling(kept: Kept, user: User, _now: datetime) -> Iterator[Row]:
    """The line whose return falls month after month."""
    story = kept["truth"]["falling"]
    line = _line(kept, user, story["line"])
    if line:
        planted = f"{formats.percent_signed(story['change_per_month'], 0)} a month since {_day(story['since'])}"
        of = Q(kind=Finding.Kind.TREND, campaign=line.campaign)
        yield _story(f"{line.name} returns less and less", planted, of, Finding.Kind.TREND, line)


def overspending(kept: Kept, user: User, _now: datetime) -> Iterator[Row]:
    """The line that spends more than was planned."""
    story = kept["truth"]["overspending"]
    line = _line(kept, user, story["line"])
    if line:
        pots = BudgetLine.objects.filter(team=line.campaign.team, channel=line.channel)
        of = Q(line=line) | Q(campaign=line.campaign)
        of |= Q(evidence__budget_line__in=list(pots.values_list("pk", flat=True)))
        share = formats.percent_signed(story["share_over_plan"], 0)
        yield _story(
            f"{line.name} spends above its plan", f"{share} since {_day(story['since'])}",
            of & Q(kind=Finding.Kind.OVERSPEND), Finding.Kind.OVERSPEND, line,
        )  # fmt: skip


def outage(kept: Kept, user: User, _now: datetime) -> Iterator[Row]:
    """The days on which a platform lost its conversion tag, on every line it hit."""
    story = kept["truth"]["outage"]
    first, last = (date.fromisoformat(story[name]) for name in ("first_day", "last_day"))
    for key, lost in sorted(story["lost_conversions"].items()):
        line = _line(kept, user, key)
        if line and lost:
            of = Q(
                kind=Finding.Kind.ANOMALY, evidence__lines__contains=[line.pk],
                window_start__lte=last, window_end__gte=first,
            )  # fmt: skip
            planted = f"{lost:,} orders lost, {formats.span(first, last)}"
            yield _story(f"{line.name} lost its tag", planted, of, Finding.Kind.ANOMALY, line)


def _story(what: str, planted: str, of: Q, kind: str, line: CampaignLine) -> Row:
    """A story is found when the check that looks for its kind has a finding about it."""
    url = _page(line.campaign_id)
    if found := Finding.objects.filter(of).order_by("-found_at").first():
        return Row(STORIES, what, planted, found.title, "", Seen.FOUND, url)
    if not Finding.objects.filter(kind=kind).exists():
        return not_run(STORIES, what, planted, url)
    return Row(STORIES, what, planted, "Nothing was noticed", "", Seen.MISSED, url)


def _line(kept: Kept, user: User, key: str) -> CampaignLine | None:
    """The line of a story, where the person may see it."""
    seen = CampaignLine.objects.filter(
        pk=kept["ids"]["lines"].get(key), campaign__in=Campaign.objects.for_user(user)
    )
    return seen.select_related("campaign__team", "channel").first()


def _page(campaign: int) -> str:
    return reverse("reporting:campaign", args=[campaign])


def _day(text: str) -> str:
    return formats.day(date.fromisoformat(text), weekday=False)
