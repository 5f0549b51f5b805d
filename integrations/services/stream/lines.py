"""Which campaign line an event is about: found like the lines of a file, once for each name."""

from __future__ import annotations

from datetime import datetime

from campaigns.services import ImportedCampaign, imported_lines_ensure
from core import events
from integrations.models import EventStream, StreamSubject
from integrations.services.frames import channel_named, owner_of


def lines_ensure(stream: EventStream, at: datetime) -> None:
    """Give every campaign that events named a line; one that nobody knows is made."""
    source = stream.source
    for subject in StreamSubject.objects.filter(stream=stream, line=None).order_by("pk"):
        item = ImportedCampaign(subject.campaign or subject.campaign_id, subject.campaign_id)
        lines = imported_lines_ensure(
            team=source.team,
            owner=owner_of(source.team, stream.opened_by),
            channel=channel_named(subject.channel, source),
            currency=source.currency,
            ad_account=source.ad_account,
            found=[item],
            actor=events.SYSTEM,
            at=at,
        )
        subject.line = lines[item]
        subject.save(update_fields=["line"])
