"""Which browser the tests drive."""

import os
import shutil

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# A container's shared memory is small, root has no sandbox, and the browser's own
# services look for hosts that tests must not reach.
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def browser_program() -> str | None:
    """The system's Chromium or Chrome; ADROIT_BROWSER names another."""
    named = os.environ.get("ADROIT_BROWSER")
    return named or next(filter(None, map(shutil.which, PROGRAMS)), None)
