"""Certificates as a test needs them, made by the openssl command; a test that wants one skips where there is none."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes".split()


@dataclass(frozen=True, slots=True)
class Authority:
    """One that signs; who trusts its `file` trusts what it signed."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "authority.pem"

    def signed(self, name: str = "IP:127.0.0.1", days: int = 2) -> ssl.SSLContext:
        """A server's certificate for `name`, as subjectAltName wants it; negative `days` for one that has expired."""
        wish, certificate, key = (self.folder / f"{name[:2]}{days}.{kind}" for kind in ("wish", "pem", "key"))
        _openssl(
            "req", "-new", *_KEY, "-subj", "/CN=x", "-addext", f"subjectAltName={name}", "-keyout", key, "-out", wish
        )
        signer = ("-CA", self.file, "-CAkey", self.folder / "authority.key", "-copy_extensions", "copy")
        _openssl("x509", "-req", "-in", wish, *signer, "-days", days, "-out", certificate)
        return _context(certificate, key)

    def self_signed(self) -> ssl.SSLContext:
        return _context(self.file, self.folder / "authority.key")


def authority(folder: Path) -> Authority:
    made = Authority(folder)
    names = ("-subj", "/CN=Autorità di prova", "-addext", "subjectAltName=IP:127.0.0.1", "-utf8")
    _openssl("req", "-x509", *_KEY, "-days", 2, *names, "-keyout", folder / "authority.key", "-out", made.file)
    return made


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    return tls


def _openssl(*arguments: object) -> None:
    if not shutil.which("openssl"):
        pytest.skip("makes its certificates with the openssl command")
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
