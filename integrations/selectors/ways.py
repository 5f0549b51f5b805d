"""Ways in: reads only."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import User
from integrations.choices import WayKind
from integrations.models import WayIn

# A mail address of ours is imports+<key>@domain.
LOCAL_PART = "imports"


def ways_for(user: User) -> QuerySet[WayIn]:
    """The ways of teams in the person's sight."""
    return WayIn.objects.for_user(user).select_related("team", "source", "responsible")


def folder_of(way: WayIn) -> Path:
    """Where files of a drop folder are dropped."""
    return Path(settings.DROP_FOLDERS) / way.key


def mail_address(way: WayIn) -> str:
    """Where files of a way are mailed to; its key is what nobody can guess."""
    return f"{LOCAL_PART}+{way.key}@{settings.MAIL_IN_DOMAIN}"


def way_place(way: WayIn) -> str:
    """Where a way begins: the folder, the address, or the host and path that is fetched."""
    if way.kind == WayKind.FOLDER:
        return str(folder_of(way))
    return mail_address(way) if way.kind == WayKind.MAIL else way.shown_url
