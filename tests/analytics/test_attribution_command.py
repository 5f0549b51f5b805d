"""`attribute` on anybody's file: options, notes, and what it says of a bad one."""

import io
import json
import sys
from pathlib import Path

import pytest

from analytics.__main__ import main
from analytics.commands.progress import Bar

HEAD = "user_id,ts,channel,event,value\n"
EVENTS = HEAD + (
    "ann,2026-01-01T08:00:00Z,search,click,\n"
    "ann,2026-01-02T08:00:00+01:00,banner,view,\n"
    "ann,2026-02-10T08:00:00Z,e-mail,touch,\n"
    "ann,2026-02-10T09:00:00Z,,lead,\n"
    "ann,2026-02-12T08:00:00Z,direct,touch,\n"
    "ann,2026-02-12T09:00:00,,conversion,120\n"
    "bob,2026-02-12T09:00:00Z,,conversion,30\n"
    "cleo,2026-02-12T09:00:00Z,search,touch,\n"
)


def ask(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, *words: str
) -> tuple[int, str, str]:
    file = tmp_path / "file.csv"
    file.write_text(text)
    code = main(["attribute", str(file), *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def credited(out: str, model: str) -> dict[str, float]:
    rows = json.loads(out)["models"][model]
    return {name: row["conversions"] for name, row in rows.items() if row["conversions"]}


@pytest.mark.feature("6.1")
def test_the_usual_lookback_is_thirty_days_and_markov_takes_whole_journeys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = ask(tmp_path, capsys, EVENTS, "--json")
    assert code == 0
    assert credited(out, "first") == {"e-mail": 1}
    assert credited(out, "last") == {"direct": 1}
    assert credited(out, "last_non_direct") == {"e-mail": 1}
    assert set(credited(out, "markov")) == {"search", "banner", "e-mail", "direct"}
    assert json.loads(out)["conversions"] == 2
    assert json.loads(out)["unattributed"] == 1
    assert "[too_few_conversions]" in err


def test_a_lookback_of_ones_own_holds_for_all_models(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = ask(tmp_path, capsys, EVENTS, "--json", "--lookback", "60")
    assert credited(out, "first") == {"search": 1}
    _, out, _ = ask(tmp_path, capsys, EVENTS, "--json", "--lookback", "1")
    assert set(credited(out, "markov")) == {"direct"}
    words = ("--json", "--lookback", "60", "--view-lookback", "1")
    assert "banner" not in credited(ask(tmp_path, capsys, EVENTS, *words)[1], "linear")


def test_half_life_direct_and_position_are_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = ask(tmp_path, capsys, EVENTS, "--json", "--direct", "e-mail")
    assert credited(out, "last_non_direct") == {"direct": 1}
    _, out, _ = ask(tmp_path, capsys, EVENTS, "--json", "--half-life", "2")
    decay = credited(out, "time_decay")
    assert decay["direct"] / decay["e-mail"] == pytest.approx(2)
    _, out, _ = ask(tmp_path, capsys, EVENTS, "--json", "--position", "w")
    # First touch and the lead's are both the e-mail.
    assert credited(out, "position")["e-mail"] == pytest.approx(0.6 / 0.7)
    _, _, err = ask(tmp_path, capsys, "path,total_conversions\na,40\n", "--position", "full")
    assert err == ""
    _, out, _ = ask(tmp_path, capsys, "path,total_conversions\na,40\n", "--position", "full")
    assert "[no_milestones]" in out
    with pytest.raises(SystemExit):
        ask(tmp_path, capsys, EVENTS, "--half-life", "0")


def test_times_are_compared_across_zones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = HEAD + (
        "ann,2026-01-01T07:00:00Z,later,touch,\n"
        "ann,2026-01-01T08:30:00+02:00,earlier,touch,\n"
        "ann,2026-01-01T07:15:00,latest,touch,\n"
        "ann,2026-01-01T02:20:00-05:00,,conversion,1\n"
        "ann,2026-01-01T09:25:00+02:00,after,touch,\n"
    )
    _, out, _ = ask(tmp_path, capsys, text, "--json")
    assert credited(out, "first") == {"earlier": 1}
    assert credited(out, "last") == {"latest": 1}
    assert "after" not in credited(out, "markov")


def test_people_get_a_table_and_what_to_be_careful_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "path,total_conversions\na > b,40\nb,60\n"
    code, out, err = ask(tmp_path, capsys, text, "--lookback", "7")
    assert (code, err) == (0, "")
    assert "last_non_direct" in out.splitlines()[0]
    assert "100 conversions, 0 unattributed; disagreement" in out
    assert "paths have no times, so the lookback does not apply" in out
    assert "[no_null_paths]" in out


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "the file has no heading"),
        ("who,when\n1,2\n", "needs the columns path, total_conversions"),
        ("path,total_null\na,1\n", "no column 'total_conversions'"),
        ("path,total_conversions\n", "has a heading but no rows"),
        (HEAD, "has a heading but no rows"),
        ("path,total_conversions\na,1\na > > b,1\n", "line 3: path is 'a > > b'"),
        ("path,total_conversions\na >,1\n", "line 2: path is 'a >'"),
        ("path,total_conversions\na,-1\n", "line 2: total_conversions is '-1'; zero or more"),
        ("path,total_conversions\na,x\n", "line 2: total_conversions is 'x'; a plain number"),
        (
            "path,total_conversions,total_conversion_value\na,0,5\n",
            "line 2: total_conversion_value",
        ),
        (HEAD + "u,2026-01-01,a,touch,\nu,yesterday,a,touch,\n", "line 3: ts is 'yesterday'"),
        (HEAD + "u,2026-01-01,a,visit,\n", "line 2: event is 'visit'; one of touch, click"),
        (HEAD + "u,2026-01-01,,touch,\n", "line 2: channel is empty"),
        (HEAD + ",2026-01-01,a,touch,\n", "line 2: user_id is empty"),
        (HEAD + "u,2026-01-01,,conversion,-5\n", "line 2: value is '-5'; zero or more"),
    ],
)
def test_a_bad_file_is_refused_with_the_place_and_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, complaint: str
) -> None:
    code, out, err = ask(tmp_path, capsys, text)
    assert (code, out) == (2, "")
    assert complaint in err


def test_a_packed_file_that_breaks_off_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "paths.csv.gz"
    broken.write_bytes(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03garbage")
    assert main(["attribute", str(broken)]) == 2
    assert "not a CSV in UTF-8" in capsys.readouterr().err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_is_for_terminals_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    for screen, shows in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", screen)
        with Bar("Reading", 200) as bar:
            bar.at(100)
            bar.at(100.5)
        assert (" 50 %" in screen.getvalue()) == shows
        assert screen.getvalue().count("%") == int(shows)
        assert screen.getvalue().endswith("\r\033[K") == shows
