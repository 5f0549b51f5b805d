"""What the tests of reporting share."""

import pytest

from reporting.rules.pack.typefaces import FACES, FONTS
from tests.conftest import missing


@pytest.fixture(scope="session")
def pack_fonts() -> None:
    """The prepared fonts of the PDFs; made by ``python tools/fonts.py``."""
    if not all((FONTS / f"{name}.ttf").exists() for name in FACES):
        missing(f"no prepared fonts in {FONTS}; run python tools/fonts.py")
