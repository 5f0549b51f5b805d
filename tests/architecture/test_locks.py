"""Locks of the database have numbers of their own: two with one number would wait for each other."""

import re
from collections import defaultdict

from tests.architecture.source import sources

NUMBERED = re.compile(r"^[A-Z_, ]*(?:LOCK|CLASS|DOOR)[A-Z_, ]* = (.+)$", re.MULTILINE)
NUMBER = re.compile(r"\b7_?4[\d_]+\b")


def test_no_two_locks_share_a_number() -> None:
    found = defaultdict(list)
    for source in sources():
        for assigned in NUMBERED.findall(source.text):
            for number in NUMBER.findall(assigned):
                found[int(number)].append(source.path)
    assert len(found) > 8
    assert {number: paths for number, paths in found.items() if len(paths) > 1} == {}
