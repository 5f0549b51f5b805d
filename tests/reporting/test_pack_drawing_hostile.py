"""Names that people type or platforms send never stop a PDF, never open anything, never leave the page."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from reporting.rules.pack.companion import pack_companion_csv
from reporting.rules.pack.drawing import trace_pack
from reporting.rules.pack.review import trace_review
from reporting.rules.pack.sheet import draw_table_pdf
from reporting.rules.pack.typefaces import cleaned, runs
from tests.reporting.pack_sample import pack_content
from tests.reporting.pack_sample_review import review_content, table_sheet
from tests.reporting.pdf_reading import collisions, text_of

pytestmark = pytest.mark.usefixtures("pack_fonts")

HOSTILE = {
    "unclosed": "A & B <b>unclosed",
    "paragraph": '<para align="center">{x} %s \\n (((',
    "link": '<a href="http://127.0.0.1:9/x">Sale</a>',
    "formula": "=HYPERLINK(1)",
    "right_to_left": "\u202eמבצע חורף\u202c حملة الشتاء",
    "emoji": "🎉🔥 Sale 👩\u200d👩\u200d👧 50 %",
    "letters_300": "x" * 300,
    "words_300": "Very long campaign name " * 13,
    "control": "a\x00b\x07c\nnew\tline",
    "combining": "Z\u0335\u0322\u035da\u0361l\u0315g\u0335o",
    "half_surrogate": "half \ud800 pair",
    "blank": " ",
    "asian": "冬季ジャケット" * 20,
    "european": "Żółć Ærø Čeština Ελληνικά Кириллица",
    "pdf_string": "\\)(Tj ET Q endstream endobj",
}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_pdf_hostile_names_are_drawn_without_collision(name: str) -> None:
    for pdf, printed in (
        trace_pack(pack_content(hostile=name)),
        trace_review(review_content(name)),
    ):
        assert pdf.startswith(b"%PDF")
        assert collisions(printed) == []


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_pdf_hostile_names_are_drawn_in_tables(name: str) -> None:
    assert draw_table_pdf(table_sheet(3, hostile=name)).startswith(b"%PDF")


@pytest.mark.parametrize("key", ["unclosed", "european", "formula", "pdf_string"])
def test_pdf_hostile_names_print_as_typed(key: str, tmp_path: Path) -> None:
    name = HOSTILE[key]
    assert name in text_of(trace_pack(pack_content(hostile=name))[0], tmp_path)
    assert name in text_of(draw_table_pdf(table_sheet(3, hostile=name)), tmp_path)


@pytest.fixture
def listener() -> Iterator[tuple[str, list[object]]]:
    """A server on this machine that notes every connection: (its address, the notes)."""
    calls: list[object] = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.05)
    done = threading.Event()

    def listen() -> None:
        while not done.is_set():
            try:
                connection, caller = server.accept()
            except TimeoutError:
                continue
            connection.close()
            calls.append(caller)

    thread = threading.Thread(target=listen)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/x.png", calls
    done.set()
    thread.join()
    server.close()


def test_pdf_hostile_images_are_neither_fetched_nor_embedded(
    listener: tuple[str, list[object]], tmp_path: Path
) -> None:
    address, calls = listener
    canary = tmp_path / "canary.png"
    Image.new("RGB", (3, 3), (1, 254, 3)).save(canary)
    for source in (address, str(canary), f"file://{canary}"):
        name = f'<img src="{source}" width="3" height="3"/>'
        pdfs = (
            trace_pack(pack_content(hostile=name))[0],
            trace_review(review_content(name))[0],
            draw_table_pdf(table_sheet(3, hostile=name)),
        )
        for pdf in pdfs:
            assert b"/Subtype /Image" not in pdf
            assert "<img src=" in text_of(pdf, tmp_path)
    assert calls == []


def test_the_listener_would_notice(listener: tuple[str, list[object]]) -> None:
    """The control: a connection that is made is counted."""
    address, calls = listener
    port = int(address.split(":")[2].split("/")[0])
    socket.create_connection(("127.0.0.1", port)).close()
    for _ in range(40):
        if calls:
            break
        threading.Event().wait(0.05)
    assert len(calls) == 1


def test_a_character_no_face_has_is_an_open_square_and_the_last_page_says_so() -> None:
    printed = trace_pack(pack_content(hostile="Sale 🎉"))[1]
    assert any(item.text.startswith("□ stands for") for item in printed)
    assert not any(item.text.startswith("□ stands for") for item in trace_pack(pack_content())[1])


def test_direction_overrides_and_controls_are_dropped() -> None:
    assert cleaned("a\u202eb\u200dc\x00d\ufe0fe\u2066f") == "abcdef"
    assert cleaned("a \t\n  b") == "a b"
    assert cleaned("e\u0301") == "é"


def test_titles_borrow_missing_characters_from_the_sans() -> None:
    assert runs("A→B", "AdroitSerif-SemiBold") == (
        ("AdroitSerif-SemiBold", "A"),
        ("AdroitSans-SemiBold", "→"),
        ("AdroitSerif-SemiBold", "B"),
    )
    assert runs("A🎉", "AdroitSans-Regular") == (("AdroitSans-Regular", "A□"),)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_pdf_hostile_names_stay_text_in_the_companion(name: str) -> None:
    text = pack_companion_csv(pack_content(hostile=name))
    assert text.encode()
    assert "\n=" not in text
    assert ",=" not in text
