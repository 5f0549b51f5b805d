"""Every address of the product and API, with the methods it answers and what its view declares.

A page declares by ``accounts.permissions.gate`` or ``public``, an endpoint by ``acts``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import IsAuthenticated

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ANY = "ANY"
UNDECLARED = "UNDECLARED"
SIGNED_IN = "signed in"
SIGN_IN_PAGES = "everybody: sign-in and second factor"
DJANGO_ADMIN = "administrators: Django admin"


def signed_in(view: Any) -> Any:
    """Let in whoever is signed in, for pages of the shared floor, which knows no roles."""
    checked: Any = login_required(view)
    checked.permission_acts = ()
    return checked


def public(reason: str) -> Callable[[Any], Any]:
    """Say that a page is open to everybody, and why; the permission checks ask for a right or this."""

    def mark(view: Any) -> Any:
        view.permission_public = reason
        return view

    return mark


@dataclass(frozen=True, slots=True)
class Route:
    """One address: ``name`` with its namespace, ``path`` as written in the URLconf.

    ``rights`` has for each method the declared acts (any of them suffices), or one
    text that says who else may come in.
    """

    name: str
    path: str
    rights: dict[str, tuple[str, ...]]
    is_api: bool

    @property
    def has_parameters(self) -> bool:
        return "<" in self.path or "(?P" in self.path

    @property
    def is_ours(self) -> bool:
        """Written here, not brought by the sign-in or admin packages."""
        return not {(SIGN_IN_PAGES,), (DJANGO_ADMIN,)} & set(self.rights.values())


def routes() -> list[Route]:
    """All addresses, in the order of their paths."""
    found = [_route(*entry) for entry in _walk(get_resolver().url_patterns, "", "")]
    return sorted(found, key=lambda route: (route.path, route.name))


def _walk(
    patterns: Sequence[URLPattern | URLResolver], path: str, namespace: str
) -> Iterator[tuple[str, str, Callable[..., Any]]]:
    for pattern in patterns:
        here = path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inside = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, here, inside)
        else:
            yield namespace + (pattern.name or ""), here, pattern.callback


def _route(name: str, path: str, view: Callable[..., Any]) -> Route:
    if name.startswith("admin:"):
        return Route(name, path, {ANY: (DJANGO_ADMIN,)}, is_api=False)
    if _is_sign_in(view):
        return Route(name, path, {ANY: (SIGN_IN_PAGES,)}, is_api=False)
    endpoint = getattr(view, "cls", None)
    if endpoint is not None:
        return Route(name, path, _endpoint_rights(endpoint, view), is_api=True)
    return Route(name, path, dict.fromkeys(_methods(view), _page_right(view)), is_api=False)


def _is_sign_in(view: Callable[..., Any]) -> bool:
    made_from = getattr(view, "view_class", view)
    return str(getattr(made_from, "__module__", "")).startswith("allauth.")


def _endpoint_rights(endpoint: Any, view: Callable[..., Any]) -> dict[str, tuple[str, ...]]:
    actions: dict[str, str] = getattr(view, "actions", None) or {}
    answered = [m for m in METHODS if hasattr(endpoint, m.lower()) or m.lower() in actions]
    return {method: _endpoint_right(endpoint, method) for method in answered}


def _endpoint_right(endpoint: Any, method: str) -> tuple[str, ...]:
    declared = getattr(endpoint, "acts", None)
    if declared is None:
        signed = IsAuthenticated in endpoint.permission_classes
        return (SIGNED_IN if signed else UNDECLARED,)
    acts = declared.get(method, UNDECLARED)
    return tuple(map(str, (acts,) if isinstance(acts, str) else acts))


def _page_right(view: Callable[..., Any]) -> tuple[str, ...]:
    if reason := getattr(view, "permission_public", ""):
        return (f"everybody: {reason}",)
    acts = getattr(view, "permission_acts", None)
    if acts is None:
        return (UNDECLARED,)
    return tuple(map(str, acts)) or (SIGNED_IN,)


def _methods(view: Callable[..., Any]) -> list[str]:
    """What ``require_http_methods`` around a page lets through; ANY when there is none."""
    layer: Any = view
    while layer is not None:
        names = getattr(getattr(layer, "__code__", None), "co_freevars", ())
        if "request_method_list" in names:
            allowed = layer.__closure__[names.index("request_method_list")].cell_contents
            return [method for method in METHODS if method in allowed]
        layer = getattr(layer, "__wrapped__", None)
    return [ANY]
