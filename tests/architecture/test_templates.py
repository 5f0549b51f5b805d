"""Every value in a page is escaped; what is not stands here with its reason."""

import re
from collections.abc import Mapping

from config.places import PROJECT_ROOT
from tests.architecture.source import nothing, project_files

UNESCAPED = {
    ".html": re.compile(r"\|\s*safe(seq)?\b|\{%\s*autoescape\s+off"),
    ".py": re.compile(r"""\bmark_safe\s*\(|\bSafeString\s*\((?!"[^"]*"\))|\.html_safe\b"""),
}
# A script without the nonce does not run, an inline handler never does: the content
# security policy refuses both, so they are mistakes.
BLOCKED = {
    ".html": re.compile(
        r"<script(?![^>]*(nonce=|src=|application/json))[^>]*>|\son[a-z]+\s*=\s*[\"']|javascript:"
    )
}

# Path -> why the unescaped text in it cannot hold what somebody typed.
JUSTIFIED: Mapping[str, str] = {
    "templates/components/field.html": "help texts are ours and Django's, never typed by people",
    "core/slots.py": "moves what a template has rendered, and escaped, to another place",
    "core/templatetags/adroit_tables.py": "keeps what conditional_escape gave just before",
}


def findings(path: str, text: str) -> list[str]:
    """Lines of `text` that leave something unescaped or that the policy would block."""
    suffix = path[path.rfind(".") :]
    patterns = [found for group in (UNESCAPED, BLOCKED) if (found := group.get(suffix))]
    return [
        f"{path}:{number} {line.strip()[:80]}"
        for number, line in enumerate(text.splitlines(), 1)
        for pattern in patterns
        if pattern.search(line)
    ]


def watched() -> list[str]:
    inside = [path for path in project_files() if not path.startswith(("tests/", "bench/"))]
    return [path for path in inside if path.endswith((".html", ".py"))]


def test_everything_is_escaped() -> None:
    assert watched()
    found = [
        line
        for path in watched()
        if path not in JUSTIFIED
        for line in findings(path, (PROJECT_ROOT / path).read_text(encoding="utf-8"))
    ]
    nothing(found)


def test_no_reason_outlives_its_text() -> None:
    kept = [
        path
        for path in JUSTIFIED
        if not findings(path, (PROJECT_ROOT / path).read_text(encoding="utf-8"))
    ]
    assert kept == []


def test_the_check_finds_each_kind() -> None:
    page = (
        "{{ name|safe }}\n{% autoescape off %}\n<script>go()</script>\n<a onclick='go()'>\n"
        '<script nonce="{{ nonce }}">ok()</script>\n<script src="{% static "app.js" %}"></script>\n'
        "{{ name }}\n"
    )
    page += '<script id="rows" type="application/json">[]</script>\n'
    assert [line.split()[0] for line in findings("a/b.html", page)] == [
        f"a/b.html:{number}" for number in (1, 2, 3, 4)
    ]
    assert findings("a/b.py", "x = mark_safe(name)\ny = format_html('{}', name)\n") == [
        "a/b.py:1 x = mark_safe(name)"
    ]
