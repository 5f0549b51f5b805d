"""Any bytes get an answer: mutations of real and hostile files, and text made of what hurts.

A mutation never makes the reader fail, and whatever it accepts keeps its promises.
"""

import gzip
import io
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.rules import Outcome, Reading
from tests.integrations.files import HEADER, line, read, workbook

SEED = 20261122
ROUNDS = 300
LARGEST = 60_000
SPLICES = (
    b'"', b"\0", b",", b";", b"\t", b"\r", b"\n", b"\xff", b"\xe2\x80\x8b", b"--", b"Total: x",
    b"1e5", b"\xef\xbf\xbd", b"-", b"(", b"9" * 30, b"<5", b'"\n', b" ", b"\xc2\xa0",
    b"0.1234567890123456789", b"2026-02-30", b"13/13/2026", b"EUR", b"$", b"#N/A", b"NaN",
)  # fmt: skip
SAID: tuple[dict[str, str], ...] = (
    {}, {"grain": "period"}, {"account_tz": "Europe/Berlin"}, {"year": "2020"},
    {"date_order": "dmy"}, {"decimal": "comma"}, {"locale": "en-GB"},
)  # fmt: skip


def check(reading: Reading) -> None:
    """What holds for every answer, whatever the file."""
    assert reading.data_rows == reading.accepted + reading.rejected + reading.skipped
    if reading.outcome is Outcome.REFUSE:
        assert reading.problems
    else:
        assert len(reading.rows) == reading.accepted > 0
        assert (reading.rejected > 0) == (reading.outcome is Outcome.PARTIAL)
        assert bool(reading.problems) == (reading.rejected > 0)
        names = [*reading.rows["currency"].cat.categories]
        assert not any("\ufffd" in name or "\0" in name for name in names)
        assert reading.rows["day"].notna().all()
    for problem in reading.problems:
        assert problem.message
        assert len(problem.message) < 2_000


def mutated(data: bytes, chance: random.Random, corpus: list[bytes]) -> bytes:
    """One to twenty small damages: flips, cuts, splices, swapped rows and cells."""
    for _ in range(chance.choice((1, 1, 1, 2, 5, 20))):
        if not data:
            return data
        data = damage(data, chance, corpus)
    return data


def damage(data: bytes, chance: random.Random, corpus: list[bytes]) -> bytes:
    at = chance.randrange(len(data))
    kind = chance.randrange(8)
    if kind == 0:
        return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
    if kind == 1:
        return data[:at] + data[at + chance.randrange(1, 50) :]
    if kind == 2:
        return data[:at] + chance.choice(corpus)[: chance.randrange(200)] + data[at:]
    if kind == 3:
        return data[:at]
    if kind == 4:
        return data[:at] + chance.choice(SPLICES) + data[at:]
    rows = data.split(b"\n")
    one, two = chance.randrange(len(rows)), chance.randrange(len(rows))
    if kind == 5:
        rows[one], rows[two] = rows[two], rows[one]
    elif kind == 6:
        rows.insert(one, rows[two])
    else:
        return swapped_cells(rows, one, two, chance)
    return b"\n".join(rows)


def swapped_cells(rows: list[bytes], one: int, two: int, chance: random.Random) -> bytes:
    cells = [row.split(b",") for row in rows]
    first, second = chance.randrange(len(cells[one])), chance.randrange(len(cells[two]))
    cells[one][first], cells[two][second] = cells[two][second], cells[one][first]
    return b"\n".join(b",".join(row) for row in cells)


def repacked(data: bytes, chance: random.Random, corpus: list[bytes]) -> bytes:
    """A zip or workbook whose members are damaged, packed again so that it opens."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            new.writestr(
                name, mutated(content, chance, corpus) if chance.random() < 0.5 else content
            )
    return out.getvalue()


def mutations(corpus: list[bytes], rounds: int) -> Iterator[tuple[bytes, dict[str, str]]]:
    chance = random.Random(SEED)
    for _ in range(rounds):
        data = chance.choice(corpus)
        if data.startswith(b"PK") and chance.random() < 0.7:
            data = repacked(data, chance, corpus)
        else:
            data = mutated(data, chance, corpus)
        if chance.random() < 0.05:
            data = gzip.compress(data, mtime=0)
        yield data, chance.choice(SAID)


@pytest.mark.feature("3.1")
def test_mutations_of_the_corpus(shared_data: Path) -> None:
    folders = ("bad_inputs/public", "formats/ui_exports", "formats/datasets/meta_ab_campaigns")
    files = [path for folder in folders for path in sorted((shared_data / folder).glob("*.*"))]
    corpus = [path.read_bytes() for path in files if path.stat().st_size < LARGEST]
    outcomes = set()
    for data, said in mutations(corpus, ROUNDS):
        reading = read(data, settings=said)
        check(reading)
        outcomes.add(reading.outcome)
    assert outcomes == set(Outcome)


def read_all(corpus: list[bytes]) -> None:
    for data, said in mutations(corpus, 20):
        check(read(data + b"7.777777,x", settings=said))


def test_the_harness_would_notice_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a reader that fails on some files is caught by the same loop."""

    def fails(text: str) -> str:
        raise ZeroDivisionError(text)

    monkeypatch.setattr("integrations.rules.words.is_missing", fails)
    monkeypatch.setattr("integrations.rules.numbers.is_missing", fails)
    corpus = [(HEADER + line(campaign="never seen before")).encode()]
    with pytest.raises(ZeroDivisionError):
        read_all(corpus)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    check(read(data))


@settings(max_examples=100, deadline=None)
@given(
    data=st.binary(max_size=200),
    magic=st.sampled_from([b"PK\x03\x04", b"\x1f\x8b\x08\0", b"\xff\xfe", b"\xef\xbb\xbf"]),
)
def test_any_bytes_that_pretend_to_be_something(data: bytes, magic: bytes) -> None:
    check(read(magic + data))


CELL = st.text(
    st.sampled_from("0123456789.,-/ :()%$€<>\"'\n\rTotalCmpignDyEURNaé—\u00a0#"), max_size=14
)


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(st.lists(CELL, min_size=0, max_size=11), min_size=1, max_size=6))
def test_any_cells_below_a_real_header(rows: list[list[str]]) -> None:
    check(read(HEADER + "\n".join(",".join(row) for row in rows)))


@settings(max_examples=30, deadline=None)
@given(
    rows=st.lists(st.lists(CELL | st.floats() | st.booleans() | st.none(), max_size=10), max_size=5)
)
def test_any_cells_of_a_workbook(rows: list[list[object]]) -> None:
    safe = [
        [None if isinstance(cell, float) and not abs(cell) < 1e300 else cell for cell in row]
        for row in rows
    ]
    check(read(workbook([HEADER.strip().split(","), *safe])))


@pytest.mark.parametrize(
    "cell",
    ["9" * 50_000, "a " * 25_000, "(" * 50_000, "1," * 25_000, "total: " * 8_000, "-" * 50_000,
     "1 Jan " * 8_000, '"' * 50_001, "\u00a0" * 20_000, "2026-11-01T" * 5_000],
)  # fmt: skip
def test_long_cells_cost_no_time(cell: str) -> None:
    """Every pattern is linear: 50,000 characters in any column are answered at once."""
    for column in range(9):
        cells = line().strip().split(",")
        cells[column] = cell
        check(read(HEADER + ",".join(cells) + "\n" + line(day="2026-11-02")))
    check(read(cell + "\n" + HEADER + line()))
