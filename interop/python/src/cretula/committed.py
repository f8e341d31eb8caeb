"""The application's data after the commit: to be read, not changed ([SESS-26])."""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from .errors import CallerError
from .limits import NESTING_MAX

_NESTED: Final = (dict, list, tuple)


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
        return marshal.dumps(value, 2) if _is_shallow((value,), NESTING_MAX) else b""
    except ValueError:
        return b""


def _is_shallow(value: Any, levels: int) -> bool:
    """Whether so many levels, or little more, hold what marshal would go into.

    It does not stop at what is too deep: a list that holds itself twice would keep it for ever.
    """
    for item in value.values() if type(value) is dict else value:
        if type(item) in _NESTED and (levels == 0 or not _is_shallow(item, levels - 1)):
            return False
    return True


def restored(taken: bytes) -> Any:
    """A copy of the value that a snapshot was taken of."""
    return marshal.loads(taken)
