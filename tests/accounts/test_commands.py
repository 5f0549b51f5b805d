"""The commands about rights and personas."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts import selectors
from accounts.management.commands import permission_matrix
from accounts.permissions import MATRIX_FILE
from accounts.selectors import Persona, register_personas
from tests.cast import Cast

# Acts that the agreed matrix does not know; decision 22.
ADDED = (
    "train models and run analyses",
    "override a forecast",
    "ask for a model to be put in use",
    "plan and run experiments",
    "send events to a stream",
)


def run(*arguments: str) -> tuple[dict[str, Any], int]:
    """What `permission_matrix --json` prints, and the code it exits with."""
    out, code = io.StringIO(), 0
    try:
        call_command("permission_matrix", *arguments, "--json", stdout=out)
    except CommandError as error:
        code = error.returncode
    return json.loads(out.getvalue() or "{}"), code


@pytest.fixture
def rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of url_permissions.csv, right at first."""
    file = tmp_path / "url_permissions.csv"
    monkeypatch.setattr(permission_matrix, "rights_file", lambda: file)
    run("--write")
    return file


def test_the_shared_matrix_is_ours(shared_data: Path, rights: Path, tmp_path: Path) -> None:
    """Every agreed cell is as agreed; what we added since is named here."""
    agreed = (shared_data.parent / "design" / "permission_matrix.csv").read_text(encoding="utf-8")
    ours = MATRIX_FILE.read_text(encoding="utf-8").splitlines(keepends=True)
    added = [line for line in ours if line.startswith(ADDED)]
    assert len(added) == len(ADDED)
    both = tmp_path / "agreed.csv"
    both.write_text(agreed.rstrip("\n") + "\n" + "".join(added), encoding="utf-8")
    result, code = run("--check", str(both))
    assert (code, result["same"], result["cells"]) == (0, True, (45 + len(ADDED)) * 7)


def test_a_changed_missing_or_added_cell_is_named(rights: Path, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(MATRIX_FILE.read_text(encoding="utf-8"))))
    rows[1]["AD"] = "A"
    rows[2] |= {"action": "something new"}
    changed = tmp_path / "matrix.csv"
    with changed.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    result, code = run("--check", str(changed))
    assert code == 1
    assert {"where": "view money amounts (budget, cost, FX), AD", "here": "-", "there": "A"} in (
        result["differences"]
    )
    assert len(result["differences"]) == 1 + 7 + 7


def test_notes_may_differ(rights: Path, tmp_path: Path) -> None:
    text = MATRIX_FILE.read_text(encoding="utf-8").replace("AD has no need to see money", "")
    changed = tmp_path / "matrix.csv"
    changed.write_text(text, encoding="utf-8")
    assert run("--check", str(changed))[1] == 0


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n"])
def test_a_file_that_is_no_matrix_is_refused(rights: Path, tmp_path: Path, text: str) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(text)
    assert run("--check", str(wrong))[1] in {1, 2}
    assert run("--check", str(tmp_path / "none.csv"))[1] == 2


def test_an_address_without_a_line_a_line_without_an_address_and_another_right_are_named(
    rights: Path,
) -> None:
    assert run()[1] == 0
    lines = rights.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("accounts:team-create,")]
    swapped = [line.replace("view audit trail", "signed in") for line in kept]
    rights.write_text("\n".join([*swapped, "old:page,old/,GET,signed in"]), encoding="utf-8")
    result, code = run()
    named = " ".join(one["where"] for one in result["url_differences"])
    assert code == 1
    for place in ("accounts:team-create GET", "accounts:team-create POST", "reporting:audit GET"):
        assert place in named
    assert "old:page GET old/" in named


def test_a_view_that_declares_nothing_is_named(
    rights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = ("new:page", "new/", "GET")
    declared = permission_matrix.declared_rights() | {place: "UNDECLARED"}
    monkeypatch.setattr(permission_matrix, "declared_rights", lambda: declared)
    result, code = run("--write")
    assert code == 1
    assert [one["where"] for one in result["url_differences"]] == ["new:page GET new/"]


def test_the_text_form_says_what_was_compared(rights: Path) -> None:
    out = io.StringIO()
    call_command("permission_matrix", "--check", str(MATRIX_FILE), stdout=out)
    assert f"{(45 + len(ADDED)) * 7} cells compared" in out.getvalue()


@pytest.mark.django_db
def test_an_empty_installation_says_how_the_first_people_come_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(selectors, "_personas", [])
    out = io.StringIO()
    call_command("personas", stdout=out)
    assert "Nobody can sign in yet" in out.getvalue()
    assert "manage.py first_people --company" in out.getvalue()


def test_personas_are_printed_where_there_is_a_demo_company(
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(selectors, "_personas", [])
    out = io.StringIO()
    call_command("personas", stdout=out)
    assert out.getvalue() == ""
    register_personas(lambda: [
        Persona("Greta Holm", "CMO", "Executive", "greta@x.test", "demo pass"),
        Persona("Jonas Weber", "Manager", "Campaign manager", "jonas@x.test", "demo pass"),
    ])  # fmt: skip
    call_command("personas", stdout=out)
    assert out.getvalue().splitlines() == [
        "Sign in as",
        "  Executive         Greta Holm   greta@x.test  demo pass",
        "  Campaign manager  Jonas Weber  jonas@x.test  demo pass",
    ]
