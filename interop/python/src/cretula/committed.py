"""The application's data after the commit: to be read, not changed ([SESS-26])."""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from typing import Any, NoReturn

from .errors import CallerError


def _refuse(*_: object, **__: object) -> NoReturn:
    raise CallerError("committed")


class CommittedDict(dict[str, Any]):
    """A copy, at every depth, whose changes raise committed."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__({name: _frozen(value) for name, value in data.items()})

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse


class _CommittedList(list[Any]):
    def __init__(self, items: list[Any]) -> None:
        super().__init__(map(_frozen, items))

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = clear = extend = insert = pop = remove = reverse = sort = _refuse


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return CommittedDict(value)
    return _CommittedList(value) if isinstance(value, list) else value


def snapshot(value: Any) -> bytes:
    """What is equal as long as nothing in value changes; empty for what JSON has no form of.

    Of two equal ones of which one is of what JSON text was read to, both are of the same value:
    types and the order of names count. It never comes from outside.
    """
    try:
        return marshal.dumps(value, 2)
    except ValueError:
        return b""


def restored(taken: bytes) -> Any:
    """A copy of the value that a snapshot was taken of."""
    return marshal.loads(taken)
