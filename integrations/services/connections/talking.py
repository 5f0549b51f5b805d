"""Asking a platform for one connection: signed in, patient, and clear about what it answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core import sealed
from integrations.models import Connection
from integrations.rules import api as rules
from integrations.rules.api.grammar import Request
from integrations.services.connections.failures import (
    Later,
    Refused,
    SignInAgain,
    Unavailable,
    Unreadable,
)
from integrations.services.connections.wire import Answer, Ask, Wire

Wait = Callable[[float], None]
Clock = Callable[[], datetime]

TRIES = 5
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
# Without a word from the platform about when, a limit is taken to last this long.
LIMIT = timedelta(minutes=15)
# A token is not used in its last minute, so that it does not end on the way.
MARGIN = timedelta(minutes=1)
USUAL_LIFE = 3600


@dataclass(slots=True)
class Platform:
    """A platform as one connection sees it. ``wait`` is given seconds, ``clock`` tells the time."""

    connection: Connection
    wire: Wire
    wait: Wait
    clock: Clock
    api: rules.Api = field(init=False)

    def __post_init__(self) -> None:
        self.api = rules.api_for(self.connection.platform)

    def ask(self, request: Request, values: Mapping[str, Any] = {}, *, tries: int = TRIES) -> Any:
        """The JSON of the answer; see ``send`` for what it raises."""
        answer = self.send(request, values, tries=tries)
        found = answer.json()
        if found is None and answer.body.strip():
            raise self.garbage()
        return found if found is not None else {}

    def send(self, request: Request, values: Mapping[str, Any], *, tries: int = TRIES) -> Answer:
        """The answer to a question, after as many tries as are allowed.

        Raises ``SignInAgain`` when fresh credentials are refused too, ``Later`` when the
        platform asks for more patience than a worker has, ``Unavailable``, ``Refused``.
        """
        renewed = False
        for number in range(1, tries + 1):
            try:
                answer = self.wire.send(self._question(request, values))
                said = rules.judge(self.api.errors, answer.status, answer.json())
            except Unavailable:
                if number == tries:
                    raise
                self.wait(pause(number))
                continue
            if said.kind == rules.Kind.GOOD:
                return answer
            if said.kind == rules.Kind.EXPIRED:
                self._renew(renewed, said)
                renewed = True
            elif said.kind == rules.Kind.REFUSED:
                raise self._refusal(said)
            else:
                self._hold(said, answer, number, last=number == tries)
        raise self._out_of_order("does not accept its own token")

    def fetch(self, url: str) -> bytes:
        """A file at an address that the platform gave, without our credentials."""
        for number in range(1, TRIES + 1):
            answer = self.wire.send(
                Ask("GET", url, self.api.hosts, follow=True, most_bytes=self.api.page_bytes)
            )
            if answer.status == 200:
                return answer.body
            self.wait(pause(number))
        raise self._out_of_order("did not hand over the report it made")

    def values(self) -> dict[str, Any]:
        """What every question may say: the account and the connection's own fields."""
        return {"account": self.connection.account, **self.connection.fields}

    def _question(self, request: Request, values: Mapping[str, Any]) -> Ask:
        secrets = self._secrets()
        given = {**self.values(), **values}
        signed = {**given, **secrets, "access_token": self._token(secrets)}
        filled = rules.fill
        path = filled(request.path, given)
        base = filled(self.api.base, given)
        return Ask(
            method=request.method,
            url=path if path.startswith("https://") else base + path,
            hosts=self.api.hosts,
            headers=_said({**filled(self.api.auth.headers, signed), **request.headers}),
            query=filled(request.query, given),
            body=filled(request.body, given) if request.body is not None else None,
            raw_query=request.raw_query,
            form=request.form,
            most_bytes=self.api.page_bytes,
        )

    def _secrets(self) -> dict[str, str]:
        if self.connection.sealed is None:
            raise SignInAgain(
                f"{self.connection} has no credentials yet.",
                remedy="An administrator enters them on the connection’s page.",
            )
        found: dict[str, str] = json.loads(sealed.unseal(self.connection.sealed))
        return found

    def _token(self, secrets: Mapping[str, str]) -> str:
        if self.api.auth.kind != "oauth":
            return secrets.get("access_token", "")
        held = self.connection
        if held.access and held.access_until and held.access_until > self.clock() + MARGIN:
            return sealed.unseal(held.access)
        return self._refresh(secrets)

    def _refresh(self, secrets: Mapping[str, str]) -> str:
        """A new short-lived token; a platform that hands out a new lasting one gets its wish too."""
        fields = {
            "grant_type": "refresh_token",
            **{key: secrets[key] for key in ("client_id", "client_secret", "refresh_token")},
        }
        if self.api.auth.scope:
            fields["scope"] = self.api.auth.scope
        url = rules.fill(self.api.auth.token_url, self.values())
        answer = self._patiently(Ask("POST", url, self.api.hosts, body=fields, form=True))
        told = answer.json()
        if answer.status != 200 or not isinstance(told, dict) or not told.get("access_token"):
            raise self._sign_in(_error_of(told))
        self._keep(told, secrets)
        return str(told["access_token"])

    def _patiently(self, ask: Ask) -> Answer:
        for number in range(1, TRIES + 1):
            try:
                answer = self.wire.send(ask)
            except Unavailable:
                if number == TRIES:
                    raise
            else:
                if answer.status < 500 and answer.status != 429:
                    return answer
            self.wait(pause(number))
        raise self._out_of_order("gives no token")

    def _keep(self, told: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        held = self.connection
        life = int(told.get("expires_in") or USUAL_LIFE)
        held.access = sealed.seal(str(told["access_token"]))
        held.access_until = self.clock() + timedelta(seconds=life)
        if told.get("refresh_token") and told["refresh_token"] != secrets["refresh_token"]:
            renewed = {**secrets, "refresh_token": str(told["refresh_token"])}
            held.sealed = sealed.seal(json.dumps(renewed))
        held.save(update_fields=["access", "access_until", "sealed"])

    def _renew(self, renewed: bool, said: rules.Said) -> None:
        """Drop the short-lived token so that the next try fetches another; once."""
        if renewed or self.api.auth.kind != "oauth":
            raise self._sign_in(said.message)
        self.connection.access = self.connection.access_until = None

    def _hold(self, said: rules.Said, answer: Answer, number: int, *, last: bool) -> None:
        """Wait as long as the platform says or our patience lasts, else raise."""
        limited = said.kind == rules.Kind.LIMITED
        asked = rules.retry_after(answer.headers, self.clock())
        seconds = max(asked if asked is not None else 0.0, pause(number))
        if limited and (last or seconds > LONGEST_WAIT):
            length = timedelta(seconds=asked) if asked else LIMIT
            raise Later(
                f"{self.api.label} allows no more questions for now.", until=self.clock() + length
            )
        if last:
            raise self._out_of_order(f"answers with an error ({answer.status})")
        self.wait(min(seconds, LONGEST_WAIT))

    def _sign_in(self, message: str) -> SignInAgain:
        words = f" It says: “{message}”" if message else ""
        return SignInAgain(
            f"{self.api.label} does not accept the credentials of {self.connection} any more.{words}",
            remedy="Sign in again: an administrator enters new credentials on the connection’s page.",
        )

    def _refusal(self, said: rules.Said) -> Refused:
        words = said.message or said.code or "no reason given"
        return Refused(
            f"{self.api.label} refuses the question: “{words}”.",
            remedy="Check the account number and what the signed-in person may see there.",
        )

    def _out_of_order(self, what: str) -> Unavailable:
        return Unavailable(
            f"{self.api.label} {what}.",
            remedy="It is tried again at the next sync; look at the platform’s status page if it lasts.",
        )

    def garbage(self) -> Unreadable:
        return Unreadable(
            f"{self.api.label} answered with something that is not in its documented form.",
            remedy="It is tried again at the next sync; tell the maintainers if it lasts.",
        )


def _said(headers: Mapping[str, str]) -> dict[str, str]:
    """Without those that have nothing to say (an optional field that was left blank)."""
    return {name: text for name, text in headers.items() if text}


def pause(number: int) -> float:
    """Seconds before the next try: 1, 2, 4 ... and never more than a minute."""
    return min(FIRST_WAIT * 2.0 ** (number - 1), LONGEST_WAIT)


def _error_of(told: Any) -> str:
    if not isinstance(told, dict):
        return ""
    return str(told.get("error_description") or told.get("error") or "")[:300]
