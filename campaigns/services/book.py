"""What a team has by the names of a file: looked up once, gone through in memory, written at the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from accounts.models import Team, User
from campaigns.choices import Status
from campaigns.models import AdAccount, Campaign, CampaignLine, Channel, Transition
from campaigns.services.folding import Folded
from campaigns.services.plans import EDITABLE, clean, shown
from core import events
from core.errors import Invalid
from core.events import Actor, Change
from core.text import plain_name

IMPORTED = "First seen in an import."
RENAMED = "The platform reports a new name."
NAMELESS = "Without a name"
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class ImportedCampaign:
    """A campaign as a platform names it; ``external_id`` is "" where the file has none."""

    name: str
    external_id: str = ""

    @property
    def label(self) -> str:
        """The name as it is kept: neither blanks around it nor characters that nobody sees may
        hide a campaign that is there."""
        return plain_name(self.name) or self.external_id or NAMELESS

    @property
    def numbered(self) -> str:
        """The name with the platform's number, for the second campaign of one name."""
        return f"{self.label} ({self.external_id})"


@dataclass(frozen=True, slots=True)
class Place:
    """Where new campaigns of a file belong, and who brings them."""

    team: Team
    owner: User
    channel: Channel
    currency: str
    ad_account: AdAccount | None
    actor: Actor
    at: datetime


class Book:
    """The lines and campaigns that the names of a file may mean; nothing is written before ``write``."""

    def __init__(self, place: Place, found: Sequence[ImportedCampaign]) -> None:
        self.place = place
        self.folded = Folded(name for item in found for name in (item.label, item.numbered))
        self.campaigns = self._campaigns_of(found)
        self.by_number: dict[str, CampaignLine] = {}
        self.by_name: dict[str, CampaignLine] = {}
        self.new_campaigns: list[Campaign] = []
        self.new_lines: list[CampaignLine] = []
        self.created: list[Change] = []
        self.renamed: list[Change] = []
        for line in self._lines_of(found):
            self._note(line)
        # The names that are taken in a campaign, by the campaign itself: a new one has no number yet.
        self.taken: defaultdict[int, set[str]] = defaultdict(set)
        self._note_taken()

    def _campaigns_of(self, found: Sequence[ImportedCampaign]) -> dict[str, Campaign]:
        wanted = {self.folded.of(item.label) for item in found}
        known = Campaign.objects.filter(team=self.place.team).annotate(folded=Lower("name"))
        campaigns: Any = known.filter(folded__in=wanted)
        return {campaign.folded: campaign for campaign in campaigns}

    def _lines_of(self, found: Sequence[ImportedCampaign]) -> Iterable[CampaignLine]:
        numbers = {item.external_id for item in found if item.external_id}
        names = {self.folded.of(item.label) for item in found if not item.external_id}
        lines = self._within().annotate(folded=Lower("name")).select_related("campaign")
        known = {campaign.pk: campaign for campaign in self.campaigns.values()}
        for line in lines.filter(Q(external_id__in=numbers) | Q(folded__in=names)):
            line.campaign = known.setdefault(line.campaign_id, line.campaign)
            self.folded.learn(line.name, line.folded)
            yield line

    def _within(self) -> QuerySet[CampaignLine]:
        place = self.place
        if place.ad_account:
            return CampaignLine.objects.filter(ad_account=place.ad_account)
        return CampaignLine.objects.filter(
            campaign__team=place.team, currency=place.currency, ad_account=None
        )

    def _note_taken(self) -> None:
        met = [*self.campaigns.values(), *(line.campaign for line in self.by_number.values())]
        known = {campaign.pk: id(campaign) for campaign in met}
        lines = CampaignLine.objects.filter(campaign__in=known).annotate(folded=Lower("name"))
        for campaign, name in lines.values_list("campaign_id", "folded"):
            self.taken[known[campaign]].add(name)

    def _note(self, line: CampaignLine) -> None:
        if line.external_id:
            self.by_number.setdefault(line.external_id, line)
        self.by_name.setdefault(self.folded.of(line.name), line)

    def is_settled(self, found: Iterable[ImportedCampaign]) -> bool:
        """Whether every name has its line as it stands, so that nothing is to be written."""
        lines = ((item, self._known(item)) for item in found)
        return all(line is not None and not _is_renamed(line, item) for item, line in lines)

    def line_of(self, item: ImportedCampaign) -> CampaignLine:
        """The line of an imported campaign, under its newest name; a new one where none is known."""
        known = self._known(item)
        if known is None:
            return self._new_line(item)
        if _is_renamed(known, item):
            self._rename(known, item.label)
        return known

    def _known(self, item: ImportedCampaign) -> CampaignLine | None:
        if item.external_id:
            return self.by_number.get(item.external_id)
        return self.by_name.get(self.folded.of(item.label))

    def _rename(self, line: CampaignLine, name: str) -> None:
        before, taken = self.folded.of(line.name), self.taken[id(line.campaign)]
        after = self.folded.of(name)
        if after != before and after in taken:
            return
        taken.discard(before)
        taken.add(after)
        if self.by_name.get(before) is line:
            del self.by_name[before]
        change = Change(line, {"name": line.name}, {"name": name}, self._path(line.campaign))
        self.renamed.append(change)
        line.name = name
        self._note(line)

    def _path(self, campaign: Campaign) -> str:
        team = self.place.team
        return team.path if campaign.team_id == team.pk else campaign.team.path

    def _new_line(self, item: ImportedCampaign) -> CampaignLine:
        place = self.place
        if place.ad_account and place.ad_account.currency != place.currency:
            paid = place.ad_account.currency
            raise Invalid(
                f"{place.ad_account} is paid in {paid}, not in {place.currency}.", where="currency"
            )
        campaign = self._campaign(item)
        line = CampaignLine(
            campaign=campaign,
            channel=place.channel,
            ad_account=place.ad_account,
            name=self._free_name(campaign, item),
            external_id=item.external_id,
            currency=place.currency,
        )
        clean(line, exclude=["campaign", "channel", "ad_account"], alone=True)
        self.new_lines.append(line)
        self.created.append(Change(line, None, {"name": line.name}, self._path(campaign)))
        self.taken[id(campaign)].add(self.folded.of(line.name))
        self._note(line)
        return line

    def _campaign(self, item: ImportedCampaign) -> Campaign:
        """The team's campaign of that name; a new one is live already, since it has numbers."""
        name = self.folded.of(item.label)
        if name not in self.campaigns:
            campaign = Campaign(
                team=self.place.team,
                owner=self.place.owner,
                name=item.label,
                status=Status.LIVE,
                created_at=self.place.at,
            )
            clean(campaign, exclude=["team", "owner"], alone=True)
            self.new_campaigns.append(campaign)
            self.campaigns[name] = campaign
        return self.campaigns[name]

    def _free_name(self, campaign: Campaign, item: ImportedCampaign) -> str:
        """Two platform campaigns may share a name; the second line carries its number."""
        taken = self.taken[id(campaign)]
        if self.folded.of(item.label) not in taken:
            return item.label
        if item.external_id and self.folded.of(item.numbered) not in taken:
            return item.numbered
        tries = (f"{item.label} ({number})" for number in count(len(taken) + 1))
        return next(name for name in tries if self.folded.of(name) not in taken)

    def write(self) -> None:
        """Write all that is new, with an event for each campaign and line."""
        self._write_campaigns()
        CampaignLine.objects.bulk_create(self.new_lines, batch_size=BATCH)
        self._record("line.created", self.created)
        old = {change.subject.pk: change.subject for change in self.renamed}
        renamed = [line for line in old.values() if isinstance(line, CampaignLine)]
        CampaignLine.objects.bulk_update(renamed, ["name"], batch_size=BATCH)
        self._record("line.renamed", self.renamed, RENAMED)

    def _write_campaigns(self) -> None:
        new, path = self.new_campaigns, self.place.team.path
        Campaign.objects.bulk_create(new, batch_size=BATCH)
        Transition.objects.bulk_create(
            [self._first_step(campaign) for campaign in new], batch_size=BATCH
        )
        after = ({field: shown(campaign, field) for field in EDITABLE} for campaign in new)
        changes = [
            Change(campaign, None, said, path) for campaign, said in zip(new, after, strict=True)
        ]
        self._record("campaign.created", changes)

    def _first_step(self, campaign: Campaign) -> Transition:
        return Transition(
            campaign=campaign,
            before=Status.DRAFT,
            after=Status.LIVE,
            by_name=self.place.actor.name,
            reason=IMPORTED,
            at=self.place.at,
        )

    def _record(self, action: str, changes: Sequence[Change], reason: str = "") -> None:
        events.record_many(
            actor=self.place.actor,
            action=action,
            changes=changes,
            at=self.place.at,
            reason=reason,
            live=_open_pages(changes),
        )


def _is_renamed(line: CampaignLine, item: ImportedCampaign) -> bool:
    return bool(item.external_id) and line.name != item.label


def _open_pages(changes: Sequence[Change]) -> list[str]:
    """The campaigns whose open pages refresh; so many at once are seen in the list alone."""
    lines = [change.subject for change in changes if isinstance(change.subject, CampaignLine)]
    touched = sorted({line.campaign_id for line in lines})
    return [f"campaign:{pk}" for pk in touched[:100]]
