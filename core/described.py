"""The description of the API says of every operation what it answers when something is wrong."""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string"}
ERROR = {
    "type": "object",
    "description": "What is wrong, where, and what to do about it: the one shape of all errors.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "where", "remedy", "details"],
            "properties": {
                "code": TEXT,
                "message": TEXT,
                "where": TEXT,
                "remedy": TEXT,
                "details": {"type": "array", "items": {"type": "object"}},
            },
        }
    },
}
ALWAYS = {
    "400": "The request cannot be read, or some of its fields are wrong",
    "401": "No token or session, or one that has ended",
    "403": "In sight, but not allowed",
    "404": "Does not exist, or is out of sight",
    "422": "Fits, but cannot be: the message says why",
}
WRITES = {
    "409": "Changed, decided or done in the meantime",
    "507": "No space left on the server's disk; nothing was changed",
}
WITH_BODY = {"415": "A kind of content that is not read here"}


def with_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the shape of errors, and to every operation the answers it may give (spectacular's hook)."""
    result["components"]["schemas"]["Error"] = ERROR
    for path in result["paths"].values():
        for method, operation in path.items():
            for status, means in _errors_of(method, operation).items():
                operation["responses"].setdefault(status, _answer(means))
    return result


def _errors_of(method: str, operation: dict[str, Any]) -> dict[str, str]:
    found = ALWAYS if method == "get" else ALWAYS | WRITES
    return found | WITH_BODY if "requestBody" in operation else found


def _answer(means: str) -> dict[str, Any]:
    shape = {"$ref": "#/components/schemas/Error"}
    return {"description": means, "content": {"application/json": {"schema": shape}}}
