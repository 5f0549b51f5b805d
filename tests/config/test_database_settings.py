"""Which database the settings name."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.database import database_settings
from config.places import PROJECT_ROOT, var_folder


def test_an_address_wins() -> None:
    url = "postgresql://anna:se%20cret@db.example.com:5433/adroit?sslmode=require"
    found = database_settings({"DATABASE_URL": url})
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["NAME"], found["USER"], found["PASSWORD"]) == ("adroit", "anna", "se cret")
    assert (found["HOST"], found["PORT"]) == ("db.example.com", "5433")
    assert found["OPTIONS"] == {"sslmode": "require"}
    assert "EMBEDDED" not in found


def test_a_socket_folder_may_be_the_host() -> None:
    found = database_settings({"DATABASE_URL": "postgresql://anna@/adroit?host=/run/postgresql"})
    assert found["HOST"] == "/run/postgresql"


@pytest.mark.parametrize("url", ["sqlite:///adroit.db", "mysql://a@b/c"])
def test_another_database_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="PostgreSQL only"):
        database_settings({"DATABASE_URL": url})


def test_a_broken_address_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        database_settings({"DATABASE_URL": "postgresql://a@b/c?nonsense=1"})


def test_without_an_address_the_embedded_server_of_adroit_var_is_named(tmp_path: Path) -> None:
    found = database_settings({"ADROIT_VAR": str(tmp_path / "var")})
    assert found["ENGINE"] == "config.postgres"
    assert found["EMBEDDED"].home == tmp_path / "var" / "postgres"
    assert not (tmp_path / "var").exists(), "naming a database must not create anything"


def test_adroit_var_defaults_to_var_and_counts_from_the_project_root() -> None:
    assert var_folder({}) == PROJECT_ROOT / "var"
    assert var_folder({"ADROIT_VAR": "  "}) == PROJECT_ROOT / "var"
    assert var_folder({"ADROIT_VAR": "other/var"}) == PROJECT_ROOT / "other" / "var"
