"""The API's list of campaigns against a hand-made ``JsonResponse`` of the same rows, in turns.

Ours signs in, checks the act, scopes, filters, pages and serializes; the peer is a plain view
with three queries and no questions asked, under the middleware of a new Django project.
"""

from __future__ import annotations

import sys

from bench import _web as web
from bench._market import database, market
from bench.pages import in_turns, show

ROUNDS = 150
GOAL = 0.5


def main() -> int:
    with database(), web.addresses():
        made = market(7_300)
        cookies = web.cookies_of(made.viewer)
        api = web.asks(web.application(), "/api/v1/campaigns/", cookies)
        handmade = web.asks(web.application(web.BARE), "/bench/handmade/")
        if web.results(api()) != web.results(handmade()):
            sys.exit("the two answers differ")
        size = len(handmade())
        ours, peer = in_turns(api, handmade, ROUNDS)
    ratio = ours.per_second / peer.per_second
    print(
        f"{size:,} bytes, {web.ROWS} campaigns with their lines, {ROUNDS} requests each, in turns"
    )
    met = show(
        "requests a second",
        ours.per_second,
        peer.per_second,
        ratio,
        f">= {GOAL}",
        passes=ratio >= GOAL,
    )
    show("p50 in ms", ours.at(0.5), peer.at(0.5), ours.at(0.5) / peer.at(0.5), "-", passes=True)
    print("Fails when ours answers less than half as often, or when the rows differ.")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
