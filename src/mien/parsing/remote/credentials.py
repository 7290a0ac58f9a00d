"""The token that both sides know, and the certificates that are believed."""

import os
import re
import ssl
from pathlib import Path

from mien.errors import MienError

SHORTEST = 16
"""Characters of a token: too many to be guessed."""

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+", re.ASCII)  # RFC 6750, 2.1


def known_token() -> str | None:
    """`MIEN_ENGINE_TOKEN`, else what stands in the file `MIEN_ENGINE_TOKEN_FILE`; None if neither is set.

    Raises `MienError`, which never says what the token is.
    """
    source, token = "MIEN_ENGINE_TOKEN", os.environ.get("MIEN_ENGINE_TOKEN", "").strip()
    if not token and (file := os.environ.get("MIEN_ENGINE_TOKEN_FILE")):
        source = file
        try:
            token = Path(file).expanduser().read_text(encoding="ascii").strip()
        except OSError as error:
            raise MienError("remote-token-file", file=file, reason=error.strerror or error) from error
        except UnicodeDecodeError as error:
            raise MienError("remote-token-unfit", source=file, least=SHORTEST) from error
    elif not token:
        return None
    if len(token) < SHORTEST or _TOKEN.fullmatch(token) is None:
        raise MienError("remote-token-unfit", source=source, least=SHORTEST)
    return token


def client_context() -> ssl.SSLContext:
    """Certificates are checked, against the system's authorities or those in the file `MIEN_ENGINE_CA`.

    Raises `MienError` if that cannot be read.
    """
    file = os.environ.get("MIEN_ENGINE_CA") or None
    try:
        return ssl.create_default_context(cafile=file and Path(file).expanduser())
    except OSError as error:  # SSLError too
        raise MienError("remote-ca", file=file, reason=error.strerror or error) from error


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """To answer with this certificate, from files in PEM. Raises `MienError` if they do not fit or need a password."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key, password=lambda: b"")  # else OpenSSL asks on the terminal
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise MienError("remote-certificate", certificate=certificate, key=key, reason=reason) from error
    return context
