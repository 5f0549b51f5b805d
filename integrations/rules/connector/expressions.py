"""The small language of mapping files: ``sum(whole(coalesce(conversions_qualified, conversions)))``.

It is written like Python and read with Python's own parser, and nothing of it is ever run as
Python: names are columns, calls are the functions of `functions.py`, ``+`` and ``-`` are theirs.
A column whose name is no word is written ``column('its name')``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from integrations.rules.connector.problems import MappingInvalid


@dataclass(frozen=True, slots=True)
class Name:
    """A column by its name, ``table.column``, or a way into a nested row (``start.day``, ``a[0]``)."""

    path: tuple[str | int, ...]

    def __str__(self) -> str:
        first, *rest = self.path
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in rest)
        return f"{first}{''.join(steps)}"


@dataclass(frozen=True, slots=True)
class Literal:
    """A text or a whole number that stands in the expression itself."""

    value: str | int


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    function: str
    arguments: tuple[Expression, ...]


Expression: TypeAlias = Name | Literal | Call
_OPERATORS = {ast.Add: "add", ast.Sub: "subtract"}


def parse(text: object, place: str) -> Expression:
    """Read an expression; raises ``MappingInvalid`` with the place for anything else."""
    if not isinstance(text, str):
        raise MappingInvalid(place, f"{text!r} is no expression; write it in quotes.")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise MappingInvalid(place, f"“{text}” cannot be read: {error.msg}.") from error
    return _expression(tree, f"{place}, “{text}”")


def _expression(node: ast.expr, place: str) -> Expression:
    match node:
        case ast.Constant(value=str() | int() as value) if not isinstance(value, bool):
            return Literal(value)
        case ast.Call(func=ast.Name(id="column"), args=[ast.Constant(value=str() as name)]):
            return Name((name,))
        case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]):
            return Call(function, tuple(_expression(each, place) for each in arguments))
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as operator, right=right):
            sides = (_expression(left, place), _expression(right, place))
            return Call(_OPERATORS[type(operator)], sides)
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return Name(tuple(_path(node, place)))
    raise MappingInvalid(place, f"“{ast.unparse(node)}” is not understood.")


def _path(node: ast.expr, place: str) -> Iterator[str | int]:
    match node:
        case ast.Name(id=name):
            yield name
        case ast.Attribute(value=owner, attr=name):
            yield from _path(owner, place)
            yield name
        case ast.Subscript(value=owner, slice=ast.Constant(value=str() | int() as step)):
            yield from _path(owner, place)
            yield step
        case _:
            raise MappingInvalid(place, f"“{ast.unparse(node)}” is no way to a value.")


def names_in(expression: Expression) -> Iterator[Name]:
    """Every column that an expression reads."""
    if isinstance(expression, Name):
        yield expression
    elif isinstance(expression, Call):
        for argument in expression.arguments:
            yield from names_in(argument)


def calls_in(expression: Expression) -> Iterator[Call]:
    """Every call in an expression, outer ones first."""
    if isinstance(expression, Call):
        yield expression
        for argument in expression.arguments:
            yield from calls_in(argument)
