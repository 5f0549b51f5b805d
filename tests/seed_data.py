"""Rows that migrations bring, put back after a test that empties the tables.

A test with real transactions ends with every table truncated. The rows of migrations
(channels, metrics, policies) would be gone for the tests after it, so a copy of them
is kept in a schema of its own and put back.
"""

from typing import Any

import psycopg
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connections
from psycopg import sql

SCHEMA = "seeds"


def empties_tables(item: pytest.Item) -> bool:
    """Whether the test commits for real and is followed by a flush."""
    mark = item.get_closest_marker("django_db")
    fixtures = getattr(item, "fixturenames", ())
    marked = mark is not None and bool(mark.kwargs.get("transaction"))
    return marked or bool({"transactional_db", "live_server"} & set(fixtures))


def keep_seeds() -> None:
    """Copy every row of the freshly migrated test database."""
    with _connect() as database:
        database.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(_name(SCHEMA)))
        database.execute(sql.SQL("CREATE SCHEMA {}").format(_name(SCHEMA)))
        for table in _tables(database, "public"):
            copy = sql.SQL("CREATE TABLE {} AS TABLE {}")
            query = copy.format(_name(SCHEMA, table), _name("public", table))
            if database.execute(query).rowcount == 0:
                database.execute(sql.SQL("DROP TABLE {}").format(_name(SCHEMA, table)))


def put_seeds_back() -> None:
    """Make the seeded tables, and the cache, what they were after the migrations."""
    with _connect() as database:
        seeded = _tables(database, SCHEMA)
        # As a replica would: no triggers, no order of tables to mind.
        database.execute("SET session_replication_role = replica")
        for table in {*seeded, "core_cache"}:
            database.execute(sql.SQL("DELETE FROM {}").format(_name("public", table)))
        for table in seeded:
            columns = sql.SQL(", ").join(map(_name, _stored_columns(database, table)))
            insert = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}")
            public, kept = _name("public", table), _name(SCHEMA, table)
            database.execute(insert.format(public, columns, columns, kept))
    ContentType.objects.clear_cache()


def _connect() -> psycopg.Connection[Any]:
    """A connection beside Django's, which is closed to code outside a test."""
    settings = connections["default"].settings_dict
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST"}
    names["port"] = "PORT"
    given = {key: settings[name] for key, name in names.items() if settings.get(name)}
    return psycopg.connect(**given)


def _tables(database: psycopg.Connection[Any], schema: str) -> list[str]:
    """Ordinary tables; partitions come with their parent."""
    question = (
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"
    )
    return [row[0] for row in database.execute(question, [schema])]


def _stored_columns(database: psycopg.Connection[Any], table: str) -> list[str]:
    """Columns that can be written: not the generated ones."""
    question = (
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position"
    )
    return [row[0] for row in database.execute(question, [table])]


def _name(*parts: str) -> sql.Identifier:
    return sql.Identifier(*parts)
