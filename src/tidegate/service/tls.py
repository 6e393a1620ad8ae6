"""The files of TLS, looked at before the server begins: what is wrong with them is said by their names."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.errors import FileError, UsageError, reason

if TYPE_CHECKING:
    from tidegate.service.settings import Settings

_EVERYBODY_MAY_READ = 0o004  # that a group may is usual: one of those who use the machine's certificate
_MISMATCH = "KEY_VALUES_MISMATCH"  # OpenSSL's word


def check_files(settings: Settings) -> None:
    """Raise UsageError or FileError where certificate and key are none that a server can speak TLS with."""
    certificate, key = settings.tls_certificate, settings.tls_key
    if not certificate:
        if key:
            raise UsageError(
                "there is a key without a certificate",
                place="TIDEGATE_TLS_KEY",
                hint="name the certificate: `TIDEGATE_TLS_CERTIFICATE`",
            )
        return
    for name in filter(None, (certificate, key)):
        _readable(name)
    secret = key or certificate  # a file may hold both
    if Path(secret).stat().st_mode & _EVERYBODY_MAY_READ:
        raise FileError("others may read this secret", place=secret, hint=f"chmod 600 {secret}")
    _fitting(certificate, key)


def _readable(name: str) -> None:
    try:
        with Path(name).open("rb") as file:
            file.read(1)
    except OSError as error:
        raise FileError(reason(error), place=name, hint="check the path and its permissions") from None


def _fitting(certificate: str, key: str) -> None:
    def no_password() -> bytes:
        raise FileError(
            "the key is behind a password",
            place=key or certificate,
            hint="`openssl pkey -in OLD -out NEW` takes it off",
        )

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key or None, no_password)
    except ssl.SSLError as error:
        if error.reason == _MISMATCH:
            raise FileError(
                f"this key does not belong to the certificate `{certificate}`", place=key or certificate
            ) from None
        raise FileError(
            f"no certificate in PEM with its key{f' `{key}`' if key else ''}",
            place=certificate,
            hint="`TIDEGATE_TLS_CERTIFICATE` names the certificate, `TIDEGATE_TLS_KEY` its private key",
        ) from None
