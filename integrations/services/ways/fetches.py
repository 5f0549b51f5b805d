"""URLs that are fetched on schedule: each slot once, the last days again every time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from email.message import Message
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from core import fetching, outbox, schedules
from core.errors import AdroitError
from core.models import Organisation, OutboxItem
from core.sealed import unseal
from integrations.choices import FETCH, Every, WayKind
from integrations.models import WayIn
from integrations.services.files import file_name
from integrations.services.ways.taking import Taken, day_of, note, take_in

FROM, TO = "{from}", "{to}"
MONDAY = 0
GOOD = 200


def fetches_due(*, now: datetime) -> dict[str, int]:
    """Ask for every fetch whose slot has come; whoever ticks first asks for it."""
    zone = ZoneInfo(Organisation.current().time_zone)
    asked = 0
    for way in WayIn.objects.filter(kind=WayKind.URL, is_active=True):
        asked += _ask(way, schedules.due_slot(_schedule(way), now, zone), now)
    return {"fetches": asked}


def _schedule(way: WayIn) -> schedules.Schedule:
    every = {Every.HOURLY: schedules.HOURLY, Every.DAILY: schedules.DAILY}
    return schedules.Schedule(
        f"fetch-{way.pk}",
        way.name,
        every.get(Every(way.every), schedules.WEEKLY),
        "",
        hour=way.hour,
        day=MONDAY,
    )


@transaction.atomic
def _ask(way: WayIn, slot: datetime, now: datetime) -> int:
    if slot < way.made_at:
        return 0
    mine = Q(pk=way.pk) & (Q(fetched_for=None) | Q(fetched_for__lt=slot))
    claimed = WayIn.objects.filter(mine).update(fetched_for=slot)
    if claimed:
        outbox.enqueue(FETCH, f"fetch:{way.pk}:{slot:%Y%m%d%H%M}", {"way": way.pk}, at=now)
    return claimed


def handle_fetch(item: OutboxItem, now: datetime) -> dict[str, str]:
    """The outbox's work: fetch and bring in. Safe to run twice: the same content changes nothing."""
    way = WayIn.objects.get(pk=item.payload["way"])
    return {"word": fetch_way(way, today=day_of(now), at=now).word} if way.is_active else {}


def fetch_way(way: WayIn, *, today: date, at: datetime) -> Taken:
    """Fetch a URL now. ``{from}`` and ``{to}`` in it become the days looked back on."""
    limits = fetching.Limits(size=settings.UPLOAD_MAX_BYTES)
    try:
        answer = fetching.fetch(
            address_on(unseal(bytes(way.sealed_url)), way, today), limits=limits
        )
        taken = _taken(way, answer, today, at)
    except AdroitError as error:
        taken = Taken(way.shown_url, False, f"{error.message} {error.remedy}".strip())
    note(way, [taken], at=at)
    return taken


def address_on(url: str, way: WayIn, today: date) -> str:
    """The address with its days: the last ``lookback_days``, up to yesterday."""
    first = today - timedelta(days=way.lookback_days)
    last = today - timedelta(days=1)
    return url.replace(FROM, first.isoformat()).replace(TO, last.isoformat())


def _taken(way: WayIn, answer: fetching.Fetched, today: date, at: datetime) -> Taken:
    if answer.status != GOOD:
        return Taken(
            way.shown_url, False, f"The address answered {answer.status}, not with a file."
        )
    with TemporaryDirectory() as folder:
        file = Path(folder, "fetched")
        file.write_bytes(answer.content)
        return take_in(way, file=file, name=_name(answer), today=today, at=at)


def _name(answer: fetching.Fetched) -> str:
    """What the sender calls the file, else the last part of its address."""
    told = Message()
    told["Content-Disposition"] = answer.headers.get("content-disposition", "")
    last = unquote(urlsplit(answer.url).path).rsplit("/", 1)[-1]
    return file_name(told.get_filename() or last or "fetched")
