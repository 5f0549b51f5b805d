"""What `make setup` decides, without fetching anything."""

import hashlib
import re
from pathlib import Path

import pytest

from config.places import PROJECT_ROOT
from tools import setup


def test_uv_is_pinned_with_its_hashes() -> None:
    lines = setup.uv_requirement().splitlines()
    assert re.fullmatch(r"uv==[\d.]+ \\", lines[0])
    assert sum("--hash=sha256:" in line for line in lines) > 5
    assert not [line for line in lines[1:] if "==" in line], "only uv"


@pytest.mark.parametrize("lock", ["base", "dev"])
def test_every_locked_package_has_a_hash(lock: str) -> None:
    text = (PROJECT_ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    pinned = re.findall(r"^[\w.-]+(?:\[[\w,-]+\])?==[^\n]*\n(    --hash)?", text, re.MULTILINE)
    assert len(pinned) > 50
    assert all(pinned)


def test_the_two_locks_agree() -> None:
    def pins(lock: str) -> set[str]:
        text = (PROJECT_ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
        return set(re.findall(r"^([\w.-]+==[^ ;\n]+)", text, re.MULTILINE))

    assert pins("base") <= pins("dev"), "dev.txt holds everything of base.txt, in the same version"


def test_packages_are_not_installed_twice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done: list[str] = []
    monkeypatch.setattr(setup, "STAMPS", tmp_path)
    monkeypatch.setattr(setup, "with_uv", lambda _: False)
    monkeypatch.setattr(setup, "with_pip", done.append)
    setup.install_packages("dev")
    setup.install_packages("dev")
    setup.install_packages("base")  # dev holds it
    assert done == ["dev"]
    setup.stamp("python-base").write("older")
    setup.install_packages("base")
    assert done == ["dev", "base"]


def test_pip_steps_in_when_uv_does_not_work(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done: list[str] = []
    monkeypatch.setattr(setup, "STAMPS", tmp_path)
    monkeypatch.setattr(setup, "with_uv", lambda _: False)
    monkeypatch.setattr(setup, "with_pip", done.append)
    setup.install_packages("base")
    assert done == ["base"]


def test_a_failed_step_is_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fails(_: str) -> None:
        raise setup.StepFailed("no network")

    monkeypatch.setattr(setup, "STAMPS", tmp_path)
    monkeypatch.setattr(setup, "with_uv", lambda _: False)
    monkeypatch.setattr(setup, "with_pip", fails)
    with pytest.raises(setup.StepFailed):
        setup.install_packages("base")
    assert setup.stamp("python-base").read() == ""


def test_a_hash_covers_names_and_contents() -> None:
    one = PROJECT_ROOT / "requirements" / "base.in"
    two = PROJECT_ROOT / "requirements" / "dev.in"
    assert setup.hash_of([one, two]) == setup.hash_of([two, one])
    assert setup.hash_of([one]) != setup.hash_of([two])
    assert setup.hash_of([one]) != hashlib.sha256(one.read_bytes()).hexdigest()
    assert setup.hash_of([PROJECT_ROOT / "absent"]) == hashlib.sha256().hexdigest()


def test_a_command_that_fails_says_which_and_what_to_do() -> None:
    with pytest.raises(setup.StepFailed, match=r"`false ...` ended with 1\. Do this\."):
        setup.run(["false"], "Do this.")
