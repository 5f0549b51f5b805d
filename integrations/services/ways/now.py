"""Looking into a way at once, because somebody asks for it."""

from __future__ import annotations

from datetime import date, datetime

from accounts.choices import Act
from accounts.models import User
from accounts.permissions import require
from core.errors import Conflict
from integrations.choices import WayKind
from integrations.models import WayIn
from integrations.services.ways.fetches import fetch_way
from integrations.services.ways.folders import folder_look
from integrations.services.ways.taking import Taken


def way_take_now(way: WayIn, *, user: User, today: date, at: datetime) -> list[Taken]:
    """What a folder or a URL holds now; a mail address holds nothing, mails come by themselves."""
    require(user, Act.UPLOAD_IMPORT, team=way.team, owner_id=way.responsible_id)
    if not way.is_active:
        raise Conflict(f"{way} is closed.", remedy="Open it first.")
    if way.kind == WayKind.MAIL:
        raise Conflict("Mails come by themselves.", remedy="Send the file to the address.")
    if way.kind == WayKind.URL:
        return [fetch_way(way, today=today, at=at)]
    return folder_look(way, at=at)
