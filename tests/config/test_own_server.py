"""The product on somebody else's PostgreSQL, the oldest version that is promised."""

import os

import pytest
from django.db import connection

pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _given_server() -> None:
    if not os.environ.get("DATABASE_URL"):
        pytest.skip("no PostgreSQL answers on this machine")


def test_migrations_apply_to_a_server_of_15_or_newer() -> None:
    assert connection.vendor == "postgresql"
    assert connection.settings_dict["ENGINE"] == "django.db.backends.postgresql"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        assert int(cursor.fetchone()[0]) >= 150000
    tables = connection.introspection.table_names()
    assert {"core_event", "accounts_user"} <= set(tables)
