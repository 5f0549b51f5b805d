"""A running copy of the pages and a browser that looks at them."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from config.places import PROJECT_ROOT
from tests.conftest import missing
from tests.journeys.shots import Shots


@pytest.fixture
def shots(browser: Browser, live_server: Any, settings: Any) -> Shots:
    """A browser at the live server, nobody signed in. The stream is another process and is off."""
    if not (PROJECT_ROOT / "static" / "dist" / "web" / "app.css").exists():
        missing("the pages' styles are not built; run `npm run build`")
    settings.LIVE_URL = ""
    return Shots(browser, live_server.url)
