"""Pages that say what is going on: the month, the trend, channels, campaigns, targets, rivals."""

from __future__ import annotations

from dataclasses import dataclass

from reporting.rules.pack.content.cover import Headline
from reporting.rules.pack.figures import NO_DATE, NO_NAME, Name, Ref, Sentence, When, Words
from reporting.rules.pack.judgement import Judgement


@dataclass(frozen=True, slots=True)
class Change:
    """A difference, whether it is good, and the word for it ("ahead", "under plan", "behind")."""

    figure: Ref
    judgement: Judgement
    word: Words = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A short block of prose under a table."""

    heading: Words
    sentence: Sentence
    judgement: Judgement = Judgement.NEUTRAL


@dataclass(frozen=True, slots=True)
class Ask:
    """A decision the board is asked for: what, with which effect, whose, by when."""

    title: Sentence
    sentence: Sentence
    owner: Name
    due: When


@dataclass(frozen=True, slots=True)
class Outlook:
    """A stored forecast: likeliest value and 80% range, with the target and the label of its horizon."""

    middle: Ref
    low: Ref
    high: Ref
    target: Ref
    horizon: When
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One measure of the month: value, target, both comparisons, and its course of the last months."""

    name: str
    sentence: Sentence
    value: Ref
    target: Ref | None = None
    vs_target: Change | None = None
    vs_last_year: Ref | None = None
    trend: tuple[float, ...] = ()
    trend_target: float | None = None
    outlook: Outlook | None = None
    ends_group: bool = False


@dataclass(frozen=True, slots=True)
class ScorecardPage:
    """The month on one page."""

    headline: Headline
    period: When
    compared: When
    trend_span: When
    rows: tuple[MetricRow, ...]
    asks_heading: Words = ""
    asks: tuple[Ask, ...] = ()
    outlook_head: Sentence = ()


@dataclass(frozen=True, slots=True)
class PeriodBar:
    """One period of a trend: its figure (None while it lies ahead), its target and gap to the goal as marks."""

    label: str
    figure: Ref | None
    target: float | None = None
    gap: float | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """One part of the latest period's total."""

    name: Name
    figure: Ref
    change: Ref | None = None
    judgement: Judgement = Judgement.NEUTRAL


@dataclass(frozen=True, slots=True)
class TrendPage:
    """A measure over the fiscal year against its goal, and what the latest period was made of.

    ``gap_latest`` labels the last point of the gap and holds its figure. At most 15 ``parts``: fold the
    rest into one.
    """

    headline: Headline
    bars_heading: Sentence
    bars_unit: Sentence
    periods: tuple[PeriodBar, ...]
    gap_heading: Sentence
    gap_unit: Sentence
    gap_latest: Sentence
    goal_label: Sentence
    parts_heading: Sentence
    parts_note: Sentence
    change_head: Sentence
    parts: tuple[Contribution, ...]
    footnote: Sentence = ()


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One channel of the month. ``cost_per`` is cost per conversion or customer, as the head says."""

    name: Name
    spend: Ref
    revenue: Ref
    ratio: Ref
    vs_target: Change | None = None
    cost_per: Ref | None = None
    vs_last_year: Ref | None = None
    trend: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelsPage:
    """Spend and revenue of every channel as paired bars beside the table; total first."""

    headline: Headline
    total: ChannelRow
    rows: tuple[ChannelRow, ...]
    ratio_head: Sentence
    cost_head: Sentence
    compared: When
    trend_span: When
    notes: tuple[Note, ...] = ()
    unit: Sentence = ()  # of spend and revenue, such as ("£k",)


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """One campaign: its return against target as a mark, and why it needs attention, if it does."""

    name: Name
    channel: Name
    spend: Ref
    revenue: Ref
    ratio: Ref
    vs_target: Change | None = None
    trend: tuple[float, ...] = ()
    attention: Sentence = ()


@dataclass(frozen=True, slots=True)
class CampaignGroup:
    """Campaigns under a heading such as "Needs attention"."""

    heading: Words
    judgement: Judgement
    rows: tuple[CampaignRow, ...]


@dataclass(frozen=True, slots=True)
class CampaignsPage:
    """The ranking, and what needs attention."""

    headline: Headline
    ratio_head: Sentence
    trend_span: When
    groups: tuple[CampaignGroup, ...]
    notes: tuple[Note, ...] = ()
    unit: Sentence = ()  # of spend and revenue, such as ("£k",)


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One node of the KPI tree. ``level`` is its depth, ``relation`` how it enters its parent (× ÷ +).

    ``attained`` is the figure of the share reached, ``pace`` the share due by now (a mark).
    """

    name: Name
    level: int
    actual: Ref
    target: Ref | None = None
    attained: Ref | None = None
    pace: float | None = None
    change: Change | None = None
    relation: Words = ""
    owner: Name = NO_NAME
    due: When = NO_DATE


@dataclass(frozen=True, slots=True)
class TargetsPage:
    """Targets attained, laid out as the tree of measures."""

    headline: Headline
    rows: tuple[TargetRow, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class PositionRow:
    """Us against a rival in one place; the difference is judged."""

    place: Name
    ours: Ref
    theirs: Ref
    rival: Name
    gap: Change


@dataclass(frozen=True, slots=True)
class PositionPage:
    """Competitive position: where we lead and where we trail."""

    headline: Headline
    measure_head: Sentence
    rows: tuple[PositionRow, ...]
    notes: tuple[Note, ...] = ()
