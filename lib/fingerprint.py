"""A short hash of the code that made something, so that changed code is not mistaken for the old.

What a notebook defines changes from one run of a cell to the next, while its dataset and its
training stay on the disk. Functions are followed into the notebook's other functions they name.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
from collections.abc import Callable, Iterable
from typing import Any

NOTEBOOK = "__main__"


def of_text(text: str) -> str:
    """Return a hash of a text, 12 letters."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _inside(function: Any) -> Any:
    """Return what a partial, or a partial of one, calls in the end."""
    while isinstance(function, functools.partial):
        function = function.func
    return function


def _follow(function: Callable, seen: dict[str, str]) -> None:
    """Collect a function's source, and that of the notebook's functions it names."""
    function = inspect.unwrap(_inside(function))
    if not inspect.isfunction(function) or function.__qualname__ in seen:
        return
    try:
        seen[function.__qualname__] = inspect.getsource(function)
    except OSError:  # typed at a prompt, say
        return
    for name in function.__code__.co_names:
        other = function.__globals__.get(name)
        if inspect.isfunction(other) and other.__module__ == NOTEBOOK:
            _follow(other, seen)


def of_functions(functions: Iterable[Callable]) -> str:
    """Return a hash of the functions' source, 12 letters; empty where Python finds none.

    Args:
        functions: in any order.
    """
    seen: dict[str, str] = {}
    for function in functions:
        _follow(function, seen)
    code = "".join(seen[name] for name in sorted(seen))
    return of_text(code) if code else ""


def of_class(kind: type) -> str:
    """Return a hash of a class's own methods, 12 letters.

    Method by method, because Python finds no source of a whole class that a notebook defines.
    """
    return of_functions(value for value in vars(kind).values() if inspect.isfunction(value))


def of_notebook_function(function: Any) -> str:
    """Return a function's hash if a notebook or script defines it, else nothing.

    Datasets made by the library's own code stay valid when that code is tidied.
    """
    function = _inside(function)
    return of_functions([function]) if getattr(function, "__module__", "") == NOTEBOOK else ""
