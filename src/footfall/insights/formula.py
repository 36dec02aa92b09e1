"""Formulas over series: names, numbers, `+ - * /` and parentheses (R30). x/0 is null (R3), null stays null."""

import ast
import operator
from collections.abc import Callable, Mapping
from math import isfinite

from footfall.model.errors import BadRequest

Number = float | None
Formula = Callable[[Mapping[str, Number]], Number]
"""From the numbers of the series, by name, to the result."""

MAX_LENGTH = 500

_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def parse(text: str, names: set[str], path: str) -> Formula:
    """A formula as a function. Raises `BadRequest` with `path` for what is none or names no series."""
    problem = BadRequest(
        f"A formula has the names of series ({', '.join(sorted(names))}), numbers, + - * / and parentheses.", path=path
    )
    if len(text) > MAX_LENGTH:
        raise problem
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        _check(tree, names, problem)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise problem from None
    return lambda numbers: _value(tree, numbers)


def _check(node: ast.expr, names: set[str], problem: BadRequest) -> None:
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            _check(left, names, problem)
            _check(right, names, problem)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            _check(operand, names, problem)
        case ast.Name(id=name) if name in names:
            pass
        case ast.Constant(value=value) if isinstance(value, int | float) and not isinstance(value, bool):
            if not isfinite(value):
                raise problem
        case _:
            raise problem


def _value(node: ast.expr, numbers: Mapping[str, Number]) -> Number:
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _value(left, numbers), _value(right, numbers)
            if a is None or b is None or (isinstance(op, ast.Div) and b == 0):
                return None
            try:
                number = _OPERATORS[type(op)](a, b)
            except OverflowError:
                return None
            return number if isfinite(number) else None
        case ast.UnaryOp(op=op, operand=operand):
            number = _value(operand, numbers)
            return None if number is None else -number if isinstance(op, ast.USub) else number
        case ast.Name(id=name):
            return numbers[name]
        case ast.Constant(value=int() | float() as number):
            return number
        case _:
            raise TypeError(node)
