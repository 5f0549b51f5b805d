"""Asking landing pages whether they are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from core.errors import AdroitError
from core.fetching import Limits, fetch
from integrations.rules.monitors import Link

# An address to why it cannot be reached; "" when it answers.
Asker = Callable[[str], str]
LIMITS = Limits(size=20 * 1024 * 1024, seconds=15)
LEAST_ERROR = 400
# Who must sign in, or asks too often, is told so by a page that is there.
THERE = frozenset({401, 403, 405, 429})


def page_problem(url: str) -> str:
    """Why people who click get no page, as a sentence; "" when they do."""
    try:
        answer = fetch(url, limits=LIMITS)
    except AdroitError as error:
        return error.message
    if answer.status < LEAST_ERROR or answer.status in THERE:
        return ""
    return f"It answers with error {answer.status}."


def probed(links: Sequence[Link], ask: Asker) -> list[Link]:
    """The links with what is wrong with each; every address is asked once."""
    answers = {url: ask(url) for url in dict.fromkeys(link.url for link in links)}
    return [replace(link, problem=answers[link.url]) for link in links]
