"""Whether a database is empty, holds the demo company, or somebody's real work; and emptying the demo."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from accounts.models import User
from core.errors import Conflict
from core.models import Event
from demo.company.people import DOMAIN

# The event that says that a database holds the demo company.
MARK = "demo.built"
# Rows that migrations make, and that every installation has.
KEPT = {"campaigns_channel"}
FURTHER = ("django_session",)


def is_demo() -> bool:
    """Whether this database was filled with the demo company."""
    return Event.objects.filter(action=MARK).exists()


def require_empty() -> None:
    """Raise ``Conflict`` when somebody is here already."""
    if User.objects.exists():
        raise Conflict(
            "This database has people already, so the demo company does not move in.",
            code="not_empty",
            remedy="--reset empties a database that holds the demo company, and nothing else.",
        )


@transaction.atomic
def empty_demo() -> None:
    """Take everything out of a database that holds the demo company, and its uploads.

    Raises ``Conflict`` when it is not the demo's, or when other people have joined.
    """
    _require_only_demo()
    own = {model._meta.db_table for app in _own_apps() for model in app.get_models()}
    tables = sorted((own - KEPT) | set(FURTHER))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL adroit.may_truncate = 'on'")
        cursor.execute(
            sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(
                sql.SQL(", ").join(map(sql.Identifier, tables))
            )
        )
    transaction.on_commit(_drop_uploads)


def _own_apps() -> list[AppConfig]:
    return [app for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR]


def _require_only_demo() -> None:
    if not is_demo():
        raise Conflict(
            "This database does not hold the demo company; nothing was touched.",
            code="not_demo",
            remedy="Give the demo a database of its own: ADROIT_VAR=var-demo manage.py demo.",
        )
    others = User.objects.exclude(email__iendswith=f"@{DOMAIN}").order_by("email")
    if others:
        names = ", ".join(user.email for user in others[:3])
        raise Conflict(
            f"Besides the demo company there are other people in this database ({names}); "
            "nothing was touched.",
            code="others_joined",
            remedy="Keep what they need, then give the demo a database of its own.",
        )


def _drop_uploads() -> None:
    shutil.rmtree(Path(settings.UPLOADS) / "imports", ignore_errors=True)
