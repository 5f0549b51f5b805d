"""``manage.py database_rights NAME``: the role that pages and jobs use, which cannot rewrite history."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from psycopg import sql

APPEND_ONLY = (
    "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid "
    "WHERE t.tgname = 'append_only' AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
)
# Roles belong to the whole server: another database's migration may make it at this moment.
MADE_ONCE = """
DO $$ BEGIN EXECUTE {statement};
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
"""
GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}",
)
FORBIDS = "REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}"


class Command(BaseCommand):
    help = (
        "Give a database role what pages and jobs need: everything but to change or delete the "
        "audit trail, the ledgers, decisions and their like. Run it as the owner of the tables "
        "after every migration; pages and jobs then sign in as that role, which can also not "
        "switch the tables' triggers off."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", help="name of the role; it is made when it does not exist")

    def handle(self, *_: Any, **options: Any) -> None:
        role = options["role"]
        if role == connection.settings_dict["USER"]:
            raise CommandError(
                f"{role} owns the tables, so it could always change them. Choose another name."
            )
        tables = grant(role)
        if options["verbosity"]:
            self.stdout.write(f"{role} may add to {', '.join(tables)}, and never change them.")


def grant(role: str) -> list[str]:
    """Make the role, give it its rights; returns the tables it may only add to."""
    name = sql.Identifier(role)
    with transaction.atomic(), connection.cursor() as cursor:
        create = sql.SQL("CREATE ROLE {} LOGIN").format(name).as_string(cursor)
        cursor.execute(sql.SQL(MADE_ONCE).format(statement=sql.Literal(create)))
        for text in GRANTS:
            cursor.execute(sql.SQL(text).format(role=name))
        cursor.execute(APPEND_ONLY)
        tables = [table for (table,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(sql.SQL(FORBIDS).format(table=sql.Identifier(table), role=name))
    return tables
