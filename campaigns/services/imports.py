"""Campaigns that a file or a platform tells us about, thousands at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from accounts.models import Team, User
from campaigns.models import AdAccount, CampaignLine, Channel
from campaigns.services.book import IMPORTED, Book, ImportedCampaign, Place
from core.events import Actor

__all__ = ["IMPORTED", "ImportedCampaign", "imported_lines_ensure"]

NAMES_LOCK = 7_402_431


@transaction.atomic
def imported_lines_ensure(
    *,
    team: Team,
    owner: User,
    channel: Channel,
    currency: str,
    ad_account: AdAccount | None,
    found: Sequence[ImportedCampaign],
    actor: Actor,
    at: datetime,
) -> dict[ImportedCampaign, CampaignLine]:
    """The line of each imported campaign, created where it is new.

    A line is known by the platform's number within its ad account, else by its name
    within the ad account (or, without one, within the team and currency). A renamed
    platform campaign keeps its line, and its new name is recorded.
    """
    place = Place(team, owner, channel, currency, ad_account, actor, at)
    book = Book(place, found)
    if not book.is_settled(found):
        # Two files with one new name: the second finds what the first has made.
        _lock_names(team)
        book = Book(place, found)
    lines = {item: book.line_of(item) for item in found}
    book.write()
    return lines


def _lock_names(team: Team) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [NAMES_LOCK, team.pk])
