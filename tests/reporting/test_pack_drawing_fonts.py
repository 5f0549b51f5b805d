"""The prepared fonts: TrueType, tabular, complete for Europe, the same on every build."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from reporting.rules.pack import typefaces
from reporting.rules.pack.typefaces import COVER, FACES, FONTS, TITLE
from tests.conftest import missing
from tools import fonts

SANS = [name for name in FACES if name not in (TITLE, COVER)]
EUROPE = (
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿĀāĂăĄąĆćĊċČčĎďĐđĒēĖėĘęĚě"
    "ĞğĠġĢģĦħĪīĮįİıĶķĹĺĻļĽľŁłŃńŅņŇňŐőŒœŔŕŘřŚśŞşŠšŢţŤťŪūŮůŰűŲųŹźŻżŽžȘșȚțẞ"
    "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩάέήίόύώςАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюяЇїЄєҐґЎўЂђЉљЊњЋћЏџ"
)
SIGNS = "−–—…‘’“”„‚«»·•×÷±≈≤≥≠Σ√∞→←↑↓▲▼●◆○□€£¥₹₺₴₩₪zł%‰°²³½\u00a0\u2009\u200a\u2002\u202f"

pytestmark = pytest.mark.usefixtures("pack_fonts")


@pytest.mark.parametrize("name", FACES)
def test_ten_digits_have_one_width(name: str) -> None:
    widths = [typefaces.width(digit * 10, name, 10) for digit in "0123456789"]
    assert max(widths) - min(widths) < 0.02


@pytest.mark.parametrize("name", FACES)
def test_outlines_are_truetype_and_the_face_has_its_own_name(name: str) -> None:
    font = TTFont(FONTS / f"{name}.ttf")
    assert "glyf" in font
    assert "CFF " not in font
    assert "fvar" not in font
    assert font["name"].getDebugName(6) == name


@pytest.mark.parametrize("name", SANS)
def test_the_sans_has_every_letter_of_europe_and_every_sign_we_use(name: str) -> None:
    assert typefaces.face(name).characters.issuperset(EUROPE + SIGNS)


@pytest.mark.parametrize("name", [TITLE, COVER])
def test_the_serif_has_every_letter_of_europe(name: str) -> None:
    assert typefaces.face(name).characters.issuperset(set(EUROPE) - set("ẞ"))


def test_titles_are_kerned() -> None:
    kerned = typefaces.width("To", TITLE, 1000)
    apart = typefaces.width("T", TITLE, 1000) + typefaces.width("o", TITLE, 1000)
    assert kerned < apart - 40


def test_weights_differ() -> None:
    words = "Revenue and return are ahead"
    regular, medium, strong = (typefaces.width(words, name, 10) for name in SANS[:3])
    assert regular < medium < strong
    assert typefaces.width(words, TITLE, 10) != typefaces.width(words, COVER, 10)


def test_the_same_packages_give_the_same_bytes(tmp_path: Path) -> None:
    face = fonts.FACES[0]
    if not (fonts.PACKAGES / face.sources[0]).exists():
        missing("the font packages are not installed; run npm ci --ignore-scripts")
    fonts.write_face(face, packages=fonts.PACKAGES, output=tmp_path)
    assert (tmp_path / f"{face.name}.ttf").read_bytes() == (FONTS / f"{face.name}.ttf").read_bytes()


def test_a_missing_package_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fonts.main(["--packages", str(tmp_path), "--output", str(tmp_path / "out")]) == 1
    assert "is not installed. Run npm ci" in capsys.readouterr().err
