"""What stands for the database that all five servers share: a folder.

`users/<name>` holds a session generation, `denied/<sid>` the end of a session that was ended.
"""

import os
import re
import secrets
import tempfile
from pathlib import Path


def is_name(name: str) -> bool:
    return re.fullmatch(r"[a-z]{1,20}", name) is not None


class Database:
    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def is_denied(self, sid: str) -> bool:
        return self._denied(sid).exists()

    def deny(self, sid: str, end: int) -> None:
        self._write(self._denied(sid), end)

    def generation(self, name: str) -> int | None:
        try:
            return int(self._user(name).read_text())
        except (OSError, ValueError):
            return None

    def generation_or_new(self, name: str) -> int:
        """A new user's number is random below 2^48."""
        if not self._user(name).exists():
            self._write(self._user(name), secrets.randbelow(2**48))
        return int(self._user(name).read_text())

    def count_up(self, name: str) -> None:
        self._write(self._user(name), int(self._user(name).read_text()) + 1)

    def _user(self, name: str) -> Path:
        if not is_name(name):
            raise ValueError("no name")
        return self._folder / "users" / name

    def _denied(self, sid: str) -> Path:
        """A sid has 22 base64url characters: fit for a file name."""
        return self._folder / "denied" / sid

    def _write(self, path: Path, number: int) -> None:
        file, draft = tempfile.mkstemp(prefix="draft-", dir=self._folder)
        with os.fdopen(file, "w") as text:
            text.write(str(number))
        os.replace(draft, path)
