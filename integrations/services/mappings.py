"""What the columns of a header set mean, remembered for a team."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.choices import Act
from accounts.models import Team, User
from accounts.permissions import require
from core import events
from core.errors import Invalid
from core.events import Actor
from integrations.models import Mapping

# Answers that belong to a header set; the others belong to one file or account.
REMEMBERED = frozenset(
    ["year", "date_order", "decimal", "locale", "currency", "grain", "channel", "revenue"]
)


def mapping_for(team: Team, header_hash: str) -> Mapping | None:
    """The current mapping of a team (or a team above it) for a header set."""
    paths = [team.path[: n + 1] for n, letter in enumerate(team.path) if letter == "/"]
    known = Mapping.objects.filter(header_hash=header_hash, is_current=True, team__path__in=paths)
    return known.order_by("-team__path").first()


def mapping_named(name: str) -> Mapping:
    """A current mapping by its name; raises ``Invalid`` when there is none."""
    known = Mapping.objects.filter(name__iexact=name, is_current=True).first()
    if known is None:
        raise Invalid(f"There is no mapping called “{name}”.", where="mapping")
    return known


@transaction.atomic
def mapping_remember(
    *,
    team: Team,
    header_hash: str,
    layout: str,
    name: str,
    columns: MappingType[str, str],
    settings: MappingType[str, str],
    user: User | None,
    actor: Actor,
    at: datetime,
) -> Mapping:
    """Keep what a person decided; a difference to what is known makes the next version."""
    kept = {key: value for key, value in settings.items() if key in REMEMBERED}
    known = (
        Mapping.objects.select_for_update()
        .filter(team=team, header_hash=header_hash, is_current=True)
        .first()
    )
    if known and known.columns == dict(columns) and known.settings == kept:
        Mapping.objects.filter(pk=known.pk).update(used=F("used") + 1, used_at=at)
        return known
    if known:
        Mapping.objects.filter(pk=known.pk).update(is_current=False)
    made = Mapping.objects.create(
        team=team,
        name=known.name if known else _free_name(team, name),
        header_hash=header_hash,
        layout=layout,
        version=known.version + 1 if known else 1,
        columns=dict(columns),
        settings=kept,
        used=1,
        used_at=at,
        created_by=user,
        created_at=at,
    )
    events.record(
        actor=actor,
        action="mapping.remembered",
        subject=made,
        at=at,
        before={"columns": known.columns, "settings": known.settings} if known else None,
        after={"columns": made.columns, "settings": made.settings},
        team_path=team.path,
    )
    return made


@transaction.atomic
def mapping_forget(mapping: Mapping, *, user: User, at: datetime) -> None:
    """The next file with these headers is asked about anew; versions and imports stay on record."""
    require(user, Act.UPLOAD_IMPORT, team=mapping.team, owner_id=user.pk)
    if not Mapping.objects.filter(pk=mapping.pk, is_current=True).update(is_current=False):
        return
    events.record(
        actor=user.as_actor(),
        action="mapping.forgotten",
        subject=mapping,
        at=at,
        before={"columns": mapping.columns, "settings": mapping.settings},
        team_path=mapping.team.path,
    )


def _free_name(team: Team, wanted: str) -> str:
    taken = set(Mapping.objects.filter(team=team).values_list("name", flat=True))
    name, number = wanted[:110], 2
    while name in taken:
        name, number = f"{wanted[:110]} {number}", number + 1
    return name
