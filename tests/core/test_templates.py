"""Templates: every one compiles, and every icon it names is in the sprite."""

import re
from pathlib import Path

import pytest
from django.template import engines
from django.template.loader import get_template

from config.places import PROJECT_ROOT
from tests.conftest import missing

FOLDER = PROJECT_ROOT / "templates"
PAGES = sorted(p.relative_to(FOLDER).as_posix() for p in FOLDER.rglob("*.html"))
SPRITE = PROJECT_ROOT / "static" / "dist" / "web" / "icons.svg"
OUTLINES = PROJECT_ROOT / "node_modules" / "@tabler" / "icons" / "icons"
NAMED = (re.compile(r'\{%\s*icon "([a-z0-9-]+)"'), re.compile(r'icon="([a-z0-9-]+)"'))


@pytest.mark.parametrize("page", PAGES)
def test_it_compiles(page: str) -> None:
    assert get_template(page).template.nodelist  # type: ignore[attr-defined]


def test_there_are_templates_and_one_engine() -> None:
    assert len(PAGES) > 50
    assert [engine.name for engine in engines.all()] == ["django"]


def icons_of(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    return {name for pattern in NAMED for name in pattern.findall(text)}


def sources() -> list[Path]:
    code = [
        p for app in PROJECT_ROOT.iterdir() if (app / "apps.py").exists() for p in app.rglob("*.py")
    ]
    return [*FOLDER.rglob("*.html"), *code]


def test_every_icon_exists() -> None:
    if not OUTLINES.exists():
        missing("the icons are not installed; run `npm ci`")
    drawn = {p.stem for p in (OUTLINES / "outline").iterdir()}
    drawn |= {f"{p.stem}-filled" for p in (OUTLINES / "filled").iterdir()}
    named = {name: path for path in sources() for name in icons_of(path)}
    assert named
    unknown = {name: str(path) for name, path in named.items() if name not in drawn}
    assert not unknown


def test_the_sprite_holds_what_the_components_name() -> None:
    if not SPRITE.exists():
        missing("the sprite is not built; run `npm run build`")
    held = set(re.findall(r'<symbol id="([a-z0-9-]+)"', SPRITE.read_text(encoding="utf-8")))
    named = {name for path in (FOLDER / "components").glob("*.html") for name in icons_of(path)}
    assert named <= held
