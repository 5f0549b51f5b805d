"""What every test may ask for: a database of its own, the shared data, a browser.

Where something is missing a test is skipped with the reason; with CI=true it fails.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from django.conf import settings
from django.db import connection, connections
from playwright.sync_api import Browser, Error, sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from config.celery import app as jobs
from config.database import embedded
from config.places import PROJECT_ROOT, var_folder
from tests.browsers import OPTIONS, browser_program
from tests.seed_data import empties_tables, keep_seeds, put_seeds_back
from tests.template_database import own_name, template_database

pytest_plugins = ["tests.cast", "tests.feature_results"]


def pytest_configure() -> None:
    """Settings that hold for every test: quick passwords, folders of their own."""
    folder = Path(tempfile.mkdtemp(prefix="adroit-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("static", "uploads"):
        (folder / name).mkdir()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STATIC_ROOT = folder / "static"
    settings.UPLOADS = folder / "uploads"
    settings.AUDIT_ANCHOR = str(folder / "audit-anchor.jsonl")
    # Names without a hash need no collected files; the live server finds them itself.
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    files = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": folder / "uploads"},
    }
    settings.STORAGES = {"default": files, "staticfiles": static}
    # No worker of a run beside the tests is woken by them.
    jobs.conf.broker_url = "memory://"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that no process is left alone with it at the end.

    Processes take whole files in this order (``--dist loadfile --no-loadscope-reorder``);
    by number of tests, as xdist orders them, the drills and journeys would come last.
    """
    long = {item.path for item in items if _is_long(item)}
    items.sort(key=lambda item: item.path not in long)


def _is_long(item: pytest.Item) -> bool:
    is_matrix = item.path.parts[-2:] == ("config", "test_permissions.py")
    is_driven = "browser" in getattr(item, "fixturenames", ())
    return is_matrix or is_driven or "drill" in item.keywords


def missing(what: str) -> NoReturn:
    """Skip the test that needs `what`; on CI, where it must be there, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} (CI=true: nothing may be missing)", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public example files and golden totals beside the repository."""
    folder = Path(os.environ.get("ADROIT_SHARED_DATA", PROJECT_ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        missing(f"no shared data in {folder}; set ADROIT_SHARED_DATA")
    return folder


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Put the test databases on a server of their own, which may lose everything and is fast."""
    if os.environ.get("DATABASE_URL"):
        return
    default = connections["default"].settings_dict
    own = embedded(var_folder(os.environ), "test")
    default.update({key: own[key] for key in ("ENGINE", "HOST", "EMBEDDED")})
    default["TEST"]["NAME"] = own_name()
    default["TEST"]["TEMPLATE"] = template_database(own["EMBEDDED"])


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """pytest-django's set-up, and what our tests need on top.

    The append-only tables may be emptied after a test that commits, and what the
    migrations brought is copied, to be put back then. At the end nobody holds the database
    any more: a browser leaves a thread of the live server behind with its connection.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        name = connection.settings_dict["NAME"]
        cursor.execute(f'ALTER DATABASE "{name}" SET adroit.may_truncate = on')
    connection.close()
    keep_seeds()
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    connection.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """After a test that emptied the tables, the migrations' rows are there again."""
    yield
    if nextitem is not None and empties_tables(item):
        put_seeds_back()


@pytest.fixture(scope="session")
def database_url(django_db_setup: None) -> str:
    """The test database's address, for commands a test starts as processes of their own."""
    database = connections["default"].settings_dict
    place = "&".join(
        f"{key.lower()}={database[key]}" for key in ("HOST", "PORT", "PASSWORD") if database[key]
    )
    return f"postgresql://{database['USER']}@/{database['NAME']}?{place}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless browser for the whole run; open a context of your own for each test."""
    program = browser_program()
    if program is None:
        missing("no Chromium or Chrome found; install one or set ADROIT_BROWSER")
    # Playwright's synchronous interface runs an event loop in this thread, which
    # Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        try:
            running = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        except Error as error:
            missing(f"{program} does not start: {error.message.splitlines()[0]}")
        yield running
        running.close()
