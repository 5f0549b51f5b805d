"""The ranking of campaigns: what needs attention first, then what earns most."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from campaigns.models import Campaign
from core.money import MICROS
from insights.models import Finding
from metrics.selectors import Metric, QueryResult, metric_for
from reporting.rules.pack.content import CampaignGroup, CampaignRow, CampaignsPage, Change, Headline
from reporting.rules.pack.figures import Name, Ref, Sentence, When, say
from reporting.rules.pack.judgement import Judgement
from reporting.rules.pack.numerals import money_text
from reporting.selectors.pack import goals
from reporting.selectors.pack.brief import Brief, Column, months_until, natural, span
from reporting.selectors.pack.channels import amount, ratio, value_metrics
from reporting.selectors.pack.scorecard import in_order

MOST_ATTENTION = 8
MOST_OTHERS = 8
MONTHS = 9
_RUN_WORDS = {True: "fell", False: "rose"}


def campaigns_page(brief: Brief) -> CampaignsPage | None:
    """Campaigns that need attention, then the largest of the others; None without value in money."""
    wanted = value_metrics(brief)
    if wanted is None:
        return None
    spend, value, best = wanted
    answer = brief.ask([spend.key, value.key, best.key], by=["campaign"])
    rows = [row for row in answer.rows if row[spend.key] or row[value.key]]
    if not rows:
        return None
    rows.sort(key=lambda r: (-(r[spend.key] or 0), r["campaign_label"]))
    aims, open_findings = goals.campaign_goals(brief, best), _findings(brief)
    needy = [r for r in rows if r["campaign"] in open_findings or _is_behind(r, best, aims)]
    others = [row for row in rows if row not in needy][:MOST_OTHERS]
    shown = needy[:MOST_ATTENTION] + others
    made = _Maker(brief, wanted, answer, shown, aims, open_findings)
    groups = (
        CampaignGroup("Needs attention", Judgement.BEHIND, made.rows(needy[:MOST_ATTENTION])),
        CampaignGroup("The largest of the others" if needy else "The largest", Judgement.NEUTRAL, made.rows(others)),
    )  # fmt: skip
    months = months_until(brief, MONTHS)
    return CampaignsPage(
        Headline("Campaigns", _title(needy, rows), _standfirst(brief, len(rows) > len(shown))),
        (best.label,),
        When(f"{months[0].label.split()[0]} – {months[-1].label.split()[0]}"),
        tuple(group for group in groups if group.rows),
        unit=(made.column.unit,),
    )


def _standfirst(brief: Brief, is_cut: bool) -> Sentence:
    rest = " The page shows the largest; the campaign list has every one." if is_cut else ""
    return say(
        f"{{period}}, by spend. Attention: an open finding, or a return below its target.{rest}",
        period=When(brief.period_text),
    )


def _title(needy: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> Sentence:
    names = [Name(row["campaign_label"], 40) for row in needy[:2]]
    if not names:
        return say(
            "No campaign needs attention; {name} is the largest",
            name=Name(rows[0]["campaign_label"], 40),
        )
    if len(needy) == 1:
        return say("{name} needs attention", name=names[0])
    if len(needy) == 2:
        return say("{a} and {b} need attention", a=names[0], b=names[1])
    return say("{a}, {b} and others need attention", a=names[0], b=names[1])


def _findings(brief: Brief) -> dict[int, Finding]:
    """Campaign -> its open finding with the largest stake."""
    ordered = sorted(open_findings_of(brief), key=lambda f: (f.stake_micros or 0, -f.pk))
    return {finding.campaign_id: finding for finding in ordered if finding.campaign_id}


def open_findings_of(brief: Brief) -> list[Finding]:
    """Open findings of the team and below, oldest first."""

    def read() -> list[Finding]:
        rows = Finding.objects.open().filter(team__path__startswith=brief.team.path)
        return list(rows.select_related("campaign__owner", "team").order_by("pk"))

    return brief.once("findings", read)


def _is_behind(row: dict[str, Any], best: Metric, aims: dict[int, goals.Goal]) -> bool:
    goal, value = aims.get(row["campaign"]), natural(best, row[best.key])
    if goal is None or value is None:
        return False
    judgement, _ = goals.judged(best, value, goal.value, goal.tolerance_percent)
    return judgement is Judgement.BEHIND


class _Maker:
    """Makes rows of one page, all in the same unit and rounded so that nothing is counted twice."""

    def __init__(
        self,
        brief: Brief,
        wanted: tuple[Metric, Metric, Metric],
        answer: QueryResult,
        shown: Sequence[dict[str, Any]],
        aims: dict[int, goals.Goal],
        findings: dict[int, Finding],
    ) -> None:
        self.brief, self.wanted, self.answer = brief, wanted, answer
        self.aims, self.findings = aims, findings
        spend, value, _ = wanted
        self.column: Column = brief.column(
            spend, [r[m.key] or 0 for r in shown for m in (spend, value)]
        )
        self.courses = self._courses([row["campaign"] for row in shown])
        self.campaigns = self._campaigns([row["campaign"] for row in shown])

    def rows(self, rows: Sequence[dict[str, Any]]) -> tuple[CampaignRow, ...]:
        return tuple(self._row(row) for row in rows)

    def _row(self, row: dict[str, Any]) -> CampaignRow:
        brief, (spend, value, best) = self.brief, self.wanted
        number, name = row["campaign"], row["campaign_label"]
        key = f"campaign.{number}"
        spent, brought = ((row[m.key] or 0) for m in (spend, value))
        campaign = self.campaigns[number]
        return CampaignRow(
            Name(name),
            Name(self._under(campaign)),
            amount(brief, self.column, f"{key}.spend", spend, row, self._rounded(spent), name, self.answer, "campaign"),
            amount(brief, self.column, f"{key}.value", value, row, self._rounded(brought), name, self.answer, "campaign"),
            ratio(brief, f"{key}.{best.key}", best, row, name, self.answer, "campaign"),
            self._against(key, row),
            self.courses.get(number, ()),
            attention(brief, self.findings.get(number)),
        )  # fmt: skip

    def _rounded(self, micros: int) -> int:
        return round(Fraction(micros, self.column.size))

    def _against(self, key: str, row: dict[str, Any]) -> Change | None:
        best = self.wanted[2]
        goal, value = self.aims.get(row["campaign"]), natural(best, row[best.key])
        if goal is None or value is None:
            return None
        return goals.against(
            self.brief, f"{key}.vs_target", best, value, goal,
            label=f"{best.label} against target, {row['campaign_label']}",
            note=goals.change_note(self.brief),
        )  # fmt: skip

    def _campaigns(self, numbers: Sequence[int]) -> dict[int, Campaign]:
        rows = Campaign.objects.filter(pk__in=numbers).select_related("owner", "team")
        return {row.pk: row for row in rows.prefetch_related("lines__channel")}

    def _under(self, campaign: Campaign) -> str:
        names = sorted({line.channel.name for line in campaign.lines.all()})
        return f"{', '.join(names)} · {campaign.owner.name}"

    def _courses(self, numbers: Sequence[int]) -> dict[int, tuple[float, ...]]:
        best, months = self.wanted[2], months_until(self.brief, MONTHS)
        answer = self.brief.ask(
            [best.key], by=["campaign", "month"], where={"campaign": list(numbers)},
            period=span(months[0].start, months[-1].end),
        )  # fmt: skip
        found: dict[int, list[float]] = {}
        for row in in_order(answer):
            value = natural(best, row[best.key])
            if value is not None:
                found.setdefault(row["campaign"], []).append(float(value))
        return {number: tuple(values) for number, values in found.items()}


def attention(brief: Brief, finding: Finding | None) -> Sentence:
    """What was found, with its first and last value as figures; the kind alone without values."""
    if finding is None:
        return ()
    ends = _ends(finding)
    if ends is None or finding.metric == "":
        return (finding.get_kind_display(),)
    metric = metric_for(finding.metric)
    (first, was), (last, now) = ends
    verb = _RUN_WORDS[now < was]
    return say(
        f"{metric.label} {verb} from {{was}} in {{first}} to {{now}} in {{last}}.",
        was=_value(brief, finding, metric, "first", was), first=When(first),
        now=_value(brief, finding, metric, "last", now), last=When(last),
    )  # fmt: skip


End = tuple[str, Fraction]


def _ends(finding: Finding) -> tuple[End, End] | None:
    """The first and last value of the run that the finding is about, each with its label.

    Evidence shows some time before the run too; the run is what moved the same way until the end.
    """
    periods = finding.evidence.get("periods") or []
    known = [(p["label"], Fraction(Decimal(p["value"]))) for p in periods if p.get("value")]
    if len(known) < 2:
        return None
    fell = known[-1][1] < known[-2][1]
    first = len(known) - 2
    while first > 0 and (known[first][1] < known[first - 1][1]) == fell:
        first -= 1
    return known[first], known[-1]


def _value(brief: Brief, finding: Finding, metric: Metric, end: str, value: Fraction) -> Ref:
    note = brief.book.source(
        "a3", "Values of a finding", formula="as recorded when it was found",
        filters=f"{brief.team.name}; open findings", batches=tuple(f"F-{row.pk}" for row in open_findings_of(brief)), query="findings",
    )  # fmt: skip
    label = f"{metric.label}, {end} value of finding {finding.pk}"
    key = f"finding.{finding.pk}.{end}"
    if metric.is_money:
        micros = round(value * MICROS)
        return own_money(brief, key, micros, finding.currency, label, note)
    return brief.figure(key, metric, value, label=label, note=note)


def own_money(brief: Brief, key: str, micros: int, currency: str, label: str, note: str) -> Ref:
    """An amount in a currency of its own."""
    return brief.book.figure(
        key, money_text(micros, currency), label=label, footnote=note,
        value=Decimal(micros) / MICROS, unit=currency,
    )  # fmt: skip
