"""What the tests themselves rely on: rows of migrations survive a test that commits."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection


def rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        count: int = cursor.fetchone()[0]
        return count


@pytest.mark.django_db(transaction=True)
def test_first_a_test_that_commits_and_empties_every_table() -> None:
    assert rows("campaigns_channel") > 0
    ContentType.objects.get_for_model(ContentType)


@pytest.mark.django_db(transaction=True)
def test_then_the_migrations_rows_are_there_for_the_next_one() -> None:
    assert rows("campaigns_channel") > 0
    known = ContentType.objects.get_for_model(ContentType)
    assert ContentType.objects.filter(pk=known.pk).exists()


@pytest.mark.django_db
def test_and_for_one_without_commits() -> None:
    assert rows("campaigns_channel") > 0


@pytest.mark.django_db(transaction=True)
def test_new_rows_get_numbers_of_their_own() -> None:
    """Rows put back keep their numbers, and the counters know it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM django_content_type")
        highest = cursor.fetchone()[0]
    assert ContentType.objects.create(app_label="x", model="y").pk > highest


def test_tests_use_the_server_that_may_lose_everything(db: None) -> None:
    if "EMBEDDED" not in connection.settings_dict:
        pytest.skip("DATABASE_URL names another server")
    with connection.cursor() as cursor:
        cursor.execute("SHOW fsync")
        assert cursor.fetchone() == ("off",)
