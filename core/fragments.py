"""Named parts of a template that can be rendered alone: ``{% fragment "rows" %}…{% endfragment %}``."""

from __future__ import annotations

from collections.abc import Iterator

from django.template import Context, Node, NodeList, Template
from django.template.base import Parser, Token, token_kwargs
from django.template.exceptions import TemplateSyntaxError


class FragmentNode(Node):
    """Draws its content in place; ``find_fragment`` finds it again by its name."""

    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> str:
        return str(self.nodelist.render(context))


def compile_fragment(parser: Parser, token: Token) -> FragmentNode:
    """The tag's compiler; the name is a plain word, with or without quotes."""
    words = token.split_contents()
    if len(words) != 2 or token_kwargs(words[1:], parser):
        raise TemplateSyntaxError("fragment takes one name")
    nodelist = parser.parse(("endfragment",))
    parser.delete_first_token()
    return FragmentNode(words[1].strip("\"'"), nodelist)


def _inside(nodes: NodeList) -> Iterator[FragmentNode]:
    """Every fragment below, also inside our own block tags, whose content Django does not list."""
    for node in nodes:
        if isinstance(node, FragmentNode):
            yield node
        for name in {*node.child_nodelists, "nodelist"}:
            yield from _inside(getattr(node, name, None) or NodeList())


def find_fragment(template: Template, name: str) -> FragmentNode:
    """The fragment of that name anywhere in a template; raises ``LookupError``."""
    for fragment in _inside(template.nodelist):
        if fragment.name == name:
            return fragment
    raise LookupError(f"{template.name} has no fragment “{name}”")
