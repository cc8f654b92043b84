"""The name of a variable -> its secret, of the environment or of .env beside feeds.yaml; or the secret a file holds."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from aggregator.errors import ConfigError

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_QUOTED = re.compile(r"""(["'])(.*)\1\s*(?:#.*)?""")


def secret(name: str, root: Path, environment: Mapping[str, str]) -> str | None:
    """The value of a variable, None where it stands nowhere or is empty; the environment wins over `root`/.env.

    `.env` holds lines `KEY=value`, quotes optional, comments after #. ConfigError where others may read it.
    """
    if environment.get(name):
        return environment[name]
    path = root / ".env"
    return dict(_lines(path)).get(name) or None if path.is_file() else None


def required_secret(name: str, key: str, root: Path, environment: Mapping[str, str]) -> str:
    """The same, where there must be one; `key` is where feeds.yaml names the variable (`mail.smtp.password_env`)."""
    value = secret(name, root, environment)
    if value is None:
        raise ConfigError(
            f"{key}: {name} is not set: set it in the environment, or write a line {name}=… into {root / '.env'}"
        )
    return value


def secret_file(name: str, key: str, root: Path) -> str:
    """What a file holds, without the line's end; relative to `root`. Such files are made by others (systemd, Docker),
    who see to it that nobody else reads them."""
    path = root / name
    try:
        value = path.read_text(encoding="utf-8-sig").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"{key}: {path} cannot be read: {why}") from error
    if not value or "\n" in value:
        raise ConfigError(f"{key}: {path} must hold one line, the secret, and nothing else")
    return value


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    _refuse_open(path)
    for number, line in enumerate(_text(path).splitlines(), start=1):
        written = line.strip()
        if not written or written.startswith("#"):
            continue
        match = _LINE.fullmatch(written)
        if not match:
            # The line itself may be a secret: it is not repeated.
            raise ConfigError(f"{path}:{number}:1: expected KEY=value")
        yield match[1], _value(match[2])


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8; save it as UTF-8") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error


def _value(written: str) -> str:
    """Without its quotes, or without the comment behind it."""
    quoted = _QUOTED.fullmatch(written)
    return quoted[2] if quoted else re.split(r"\s+#", written)[0].strip()


def _refuse_open(path: Path) -> None:
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ConfigError(f"{path}: other users of this machine may read it; type: chmod 600 {path}")
