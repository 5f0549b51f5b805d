"""Which PostgreSQL this copy of Adroit talks to."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from config.places import var_folder
from config.postgres.place import DATABASE, OWNER, Profile, place_for

# A connection outlives a request, is checked before it is used again, and
# times and dates come back in UTC.
SHARED: dict[str, Any] = {
    "CONN_MAX_AGE": 60,
    "CONN_HEALTH_CHECKS": True,
    "TIME_ZONE": None,
    "ATOMIC_REQUESTS": False,
}
# As whom the programs of `make run` sign in to the embedded server: a role that cannot
# change the audit trail or the ledgers (`manage.py database_rights`).
APP_ROLE = "adroit_app"
ROLE_VARIABLE = "ADROIT_DATABASE_ROLE"
_DJANGO_NAMES = {
    "dbname": "NAME",
    "user": "USER",
    "password": "PASSWORD",
    "host": "HOST",
    "port": "PORT",
}


def database_settings(env: Mapping[str, str]) -> dict[str, Any]:
    """Django's settings of one database: the entry "default" of DATABASES.

    `DATABASE_URL` (any address libpq understands, `postgresql://...`) wins.
    Without it the embedded PostgreSQL of `ADROIT_VAR` is used; nothing is
    started here, the first connection does that.
    Raises ImproperlyConfigured for an address that is not PostgreSQL's.
    """
    url = env.get("DATABASE_URL", "").strip()
    role = env.get(ROLE_VARIABLE, "").strip()
    found = from_url(url) if url else embedded(var_folder(env), "keep", role or OWNER)
    return within(found, int(env.get("QUERY_SECONDS", "").strip() or 0))


def within(found: dict[str, Any], seconds: int) -> dict[str, Any]:
    """The same settings, with an end to every statement after so many seconds; 0 sets none."""
    if not seconds:
        return found
    options = found.get("OPTIONS", {})
    limit = f"{options.get('options', '')} -c statement_timeout={seconds}s".strip()
    return found | {"OPTIONS": options | {"options": limit}}


def embedded(var: Path, profile: Profile, role: str = OWNER) -> dict[str, Any]:
    """Settings of the embedded server below `var`; see `place.Profile`.

    `role` signs in: the owner migrates, pages and jobs are `APP_ROLE`.
    """
    place = place_for(var, profile)
    return SHARED | {
        "ENGINE": "config.postgres",
        "NAME": DATABASE,
        "USER": role,
        "HOST": str(place.socket_folder),
        "EMBEDDED": place,
    }


def from_url(url: str) -> dict[str, Any]:
    """Settings for a server somebody else runs."""
    if not url.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with postgresql:// because Adroit runs on "
            "PostgreSQL only. Leave it empty to use the embedded server."
        )
    try:
        parts = {key: value for key, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}".strip()) from error
    named = {_DJANGO_NAMES[key]: str(value) for key, value in parts.items() if key in _DJANGO_NAMES}
    options = {key: value for key, value in parts.items() if key not in _DJANGO_NAMES}
    return SHARED | {"ENGINE": "django.db.backends.postgresql", "OPTIONS": options} | named
