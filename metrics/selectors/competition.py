"""How a team and its competitors stand in the same ad auctions, period by period.

Shares of two domains, teams or periods never add up, so none of them is ever a sum: a
competitor with several domains is shown by the one with the largest impression share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Max, Q, QuerySet

from accounts.models import Team, User
from accounts.selectors import teams_for
from core.money import MICROS
from metrics.choices import AUCTION_SHARES, OURS, Bound, auction_metric
from metrics.models import Competitor, CompetitorDomain, Observation
from metrics.rules.spans import Span, grains_in

MOST_SPANS = 26
IMPRESSIONS, OVERLAP = "impression_share", "overlap_rate"
_METRICS = {auction_metric(share): share for share in AUCTION_SHARES}


@dataclass(frozen=True, slots=True)
class Share:
    """A part of 1; with a ``bound`` only that the true one lies below or above it."""

    value: Decimal
    bound: str = Bound.EXACT

    @property
    def exact(self) -> Decimal | None:
        """None where only a bound is known."""
        return None if self.bound else self.value


Shares = Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class Rival:
    """An advertiser: its shares in the newest period and the one before, and over time.

    ``domain`` is the one whose shares these are; ``competitor`` is None for a domain that
    nobody has named, and for ourselves. ``before`` is empty where the period before is not
    known. ``history`` is the impression share in each of the spans.
    """

    name: str
    domain: str
    competitor: Competitor | None
    now: Shares
    before: Shares
    history: Sequence[Share | None]

    @property
    def is_us(self) -> bool:
        return self.domain == OURS

    def change(self, share: str) -> Decimal | None:
        """The difference to the period before; None unless both are exactly known."""
        now, before = self.now.get(share), self.before.get(share)
        if now is None or before is None or now.exact is None or before.exact is None:
            return None
        return now.exact - before.exact


@dataclass(frozen=True, slots=True)
class Competition:
    """A team's auctions. ``spans`` are the periods shown, ``choices`` all of the same length.

    ``rivals`` are those of the newest span, ourselves first, the others by overlap.
    """

    team: Team | None = None
    teams: Sequence[Team] = ()
    grain: str = ""
    grains: Sequence[str] = ()
    choices: Sequence[Span] = ()
    spans: Sequence[Span] = ()
    rivals: Sequence[Rival] = ()
    unnamed: Sequence[str] = field(default_factory=tuple)

    @property
    def top(self) -> Rival | None:
        """The competitor that shows most often in our auctions."""
        return next((rival for rival in self.rivals if not rival.is_us), None)


def competitors_for(user: User) -> QuerySet[Competitor]:
    """Competitors of teams in sight, with their domains."""
    found = Competitor.objects.for_user(user)
    return found.select_related("team").prefetch_related("domains")


def competition(
    user: User,
    *,
    team: Team | None = None,
    grain: str = "",
    until: date | None = None,
    as_of: datetime | None = None,
) -> Competition:
    """The auctions of a team, or of the one with the newest figures, as known at ``as_of``.

    ``grain`` is day, week, month or other (weeks where there are any); ``until`` the first day
    of the newest period to show.
    """
    observed = _known(as_of).filter(metric=auction_metric(IMPRESSIONS))
    teams = _teams(user, observed)
    chosen = team if team in teams else next(iter(teams), None)
    if chosen is None or (team is not None and team not in teams):
        return Competition(team=team, teams=teams)
    pairs = observed.filter(team=chosen).values_list("first_day", "last_day").distinct()
    by_grain = grains_in(Span(first, last) for first, last in pairs)
    grain = grain if grain in by_grain else next(iter(by_grain))
    choices = by_grain[grain]
    spans = [span for span in choices if until is None or span.first_day <= until][-MOST_SPANS:]
    shown = spans or choices[-MOST_SPANS:]
    stated = _shares(_known(as_of).filter(team=chosen), shown)
    owners = {d.domain: d.competitor for d in _named(chosen)}
    seen = {domain for domains in stated.values() for domain in domains if domain != OURS}
    return Competition(
        team=chosen, teams=teams, grain=grain, grains=list(by_grain), choices=choices, spans=shown,
        rivals=_rivals(stated, shown, owners),
        unnamed=sorted(domain for domain in seen if domain not in owners),
    )  # fmt: skip


def _known(as_of: datetime | None) -> QuerySet[Observation]:
    """The observations in force, now or at a moment."""
    if as_of is None:
        return Observation.objects.filter(ended_by=None)
    standing = Q(ended_by=None) | Q(ended_by__known_at__gt=as_of)
    return Observation.objects.filter(standing, batch__known_at__lte=as_of)


def _teams(user: User, observed: QuerySet[Observation]) -> list[Team]:
    """Teams in sight that have figures, the one with the newest and then the first by name first."""
    newest = dict(observed.values_list("team").annotate(Max("last_day")).order_by())
    teams = teams_for(user).filter(pk__in=[pk for pk in newest if pk is not None])
    return sorted(teams, key=lambda team: (-newest[team.pk].toordinal(), team.name))


def _named(team: Team) -> QuerySet[CompetitorDomain]:
    return CompetitorDomain.objects.filter(team=team).select_related("competitor")


Stated = Mapping[Span, Mapping[str, dict[str, Share]]]


def _shares(observed: QuerySet[Observation], spans: Sequence[Span]) -> Stated:
    """By span and domain."""
    found: dict[Span, dict[str, dict[str, Share]]] = {span: defaultdict(dict) for span in spans}
    rows = observed.filter(
        metric__in=_METRICS,
        first_day__in=[span.first_day for span in spans],
        last_day__in=[span.last_day for span in spans],
    ).values_list("metric", "subject", "first_day", "last_day", "value_micros", "bound")
    for metric, subject, first, last, micros, bound in rows:
        if (span := Span(first, last)) in found:
            share = Share(Decimal(micros) / MICROS, bound)
            found[span][subject][_METRICS[metric]] = share
    return found


def _rivals(stated: Stated, spans: Sequence[Span], owners: Mapping[str, Competitor]) -> list[Rival]:
    newest = spans[-1]
    earlier = spans[-2] if len(spans) > 1 and spans[-2].is_before(newest) else None
    groups: dict[object, list[str]] = defaultdict(list)
    for domain in {domain for domains in stated.values() for domain in domains}:
        groups[owners.get(domain, domain)].append(domain)
    found = [
        _rival(domains, stated, spans, earlier, owners)
        for domains in groups.values()
        if any(domain in stated[newest] for domain in domains)
    ]
    return sorted(
        found, key=lambda rival: (not rival.is_us, -_size(rival.now, OVERLAP), rival.name)
    )


def _rival(
    domains: Sequence[str],
    stated: Stated,
    spans: Sequence[Span],
    earlier: Span | None,
    owners: Mapping[str, Competitor],
) -> Rival:
    domain, now = _strongest(domains, stated[spans[-1]])
    competitor = owners.get(domain)
    return Rival(
        name="We" if domain == OURS else competitor.name if competitor else domain,
        domain=domain,
        competitor=competitor,
        now=now,
        before=_strongest(domains, stated[earlier])[1] if earlier else {},
        history=[_strongest(domains, stated[span])[1].get(IMPRESSIONS) for span in spans],
    )


def _strongest(domains: Iterable[str], stated: Mapping[str, Shares]) -> tuple[str, Shares]:
    """The domain with the largest impression share, and its shares."""
    there = [domain for domain in sorted(domains) if domain in stated]
    best = max(there, key=lambda domain: _size(stated[domain], IMPRESSIONS), default="")
    return best, stated[best] if there else {}


def _size(shares: Shares, share: str) -> Decimal:
    """For order only: a bound below 10 % stands just under 10 %."""
    return rank(shares.get(share))


def rank(share: Share | None) -> Decimal:
    """Where a share stands in an order; no share at all comes last."""
    if share is None:
        return Decimal(-1)
    nudge = {Bound.BELOW: -1, Bound.ABOVE: 1}.get(Bound(share.bound), 0)
    return share.value + Decimal(nudge) / MICROS
