"""The table of drills: a run of some of them renews their rows and leaves the others."""

from pathlib import Path

import pytest

from tools import drills


def row(drill: str, found: str, when: str = "22 Nov 2026, abc") -> dict[str, str]:
    return {"drill": drill, "did": "much", "found": found, "control": "broke", "when": when}


def test_a_run_of_one_drill_renews_its_row_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"Before\n{drills.BEGIN}\nNot run yet.\n{drills.END}\nAfter\n")
    monkeypatch.setattr(drills, "PAGE", page)
    drills.write([row("Kills", "0 lost"), row("Races", "0 broken")])
    drills.write([row("Races", "none", when="23 Nov 2026, def")])
    text = page.read_text()
    assert text.startswith("Before\n")
    assert text.endswith("\nAfter\n")
    assert drills.kept(text.split(drills.BEGIN)[1].split(drills.END)[0].strip()) == [
        row("Kills", "0 lost"),
        row("Races", "none", when="23 Nov 2026, def"),
    ]
