"""https downloads through the sandbox's proxy, with a size limit; redirects stay on https."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
import urllib.error
import urllib.request
from typing import IO, Any
from urllib.parse import unquote, urlsplit, urlunsplit

from .failures import Failure

_AGENT = "marlin"


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Redirects to https only; credentials do not follow to another host."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if urlsplit(newurl).scheme != "https":
            raise Failure("refused", f"{req.host} redirects away from https.", "Give the address it redirects to.")
        made = super().redirect_request(req, fp, code, msg, headers, newurl)
        if made is not None and urlsplit(newurl).netloc != urlsplit(req.full_url).netloc:
            made.remove_header("Authorization")
        return made


def open_url(url: str, *, headers: dict[str, str] | None = None, token: str | None = None) -> IO[bytes]:
    """The answer to a GET.

    :raises Failure: ``not-found`` (also: private), ``refused`` (by the sandbox's proxy), ``unavailable``.
    """
    url, sent = _credentials(url)
    sent.update(headers or {})
    if token:
        sent["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, headers={"User-Agent": _AGENT, **sent})  # noqa: S310 - https, checked before
    if urlsplit(url).scheme != "https":
        raise Failure("refused", "Only https addresses are fetched.", "Give an https address.")
    host = urlsplit(url).netloc
    opener = urllib.request.build_opener(_HttpsOnly)
    try:
        answer: IO[bytes] = opener.open(request, timeout=60)
    except urllib.error.HTTPError as error:
        raise _status(error.code, url, host) from error
    except urllib.error.URLError as error:
        raise _unreachable(str(error.reason), host) from error
    except OSError as error:
        raise _unreachable(str(error), host) from error
    return answer


def _status(code: int, url: str, host: str) -> Failure:
    if code in (401, 403, 404, 410):
        return Failure(
            "not-found",
            f"{host} answers {code} for {urlsplit(url).path}: it does not exist, or it is private.",
            "Check the address; for private sources the operator sets a token for this host (MARLIN_GIT_TOKENS).",
        )
    return Failure("unavailable", f"{host} answers {code}.", "Try again later.")


def _unreachable(reason: str, host: str) -> Failure:
    if "403" in reason and ("unnel" in reason or "CONNECT" in reason):
        return Failure(
            "refused",
            f"Marlin does not connect to {host}: it is unknown, or its address is private.",
            "Check the address; an operator can list a host of their own in MARLIN_TRUSTED_SOURCE_HOSTS.",
        )
    if "CERTIFICATE" in reason:
        return Failure("unavailable", f"The certificate of {host} is not valid: {reason}.", "Give another address.")
    return Failure("unavailable", f"{host} can't be reached: {reason}.", "Check the address, then try again.")


def to_file(
    url: str,
    limit: int,
    *,
    sha256: str | None = None,
    headers: dict[str, str] | None = None,
    token: str | None = None,
) -> str:
    """Download to a temporary file; its path.

    :param sha256: what the bytes must hash to.
    """
    digest, seen = hashlib.sha256(), 0
    handle, path = tempfile.mkstemp(dir=os.environ["HOME"])
    with open_url(url, headers=headers, token=token) as source, open(handle, "wb") as target:
        while True:
            try:
                data = source.read(1 << 16)
            except OSError as error:
                raise _unreachable(str(error), urlsplit(url).netloc) from error
            if not data:
                break
            seen += len(data)
            if seen > limit:
                raise Failure(
                    "too-large", f"The archive is larger than {limit:,} bytes.", "Bring a smaller source archive."
                )
            digest.update(data)
            target.write(data)
    if sha256 is not None and digest.hexdigest() != sha256:
        raise Failure(
            "unsafe",
            f"The download hashes to {digest.hexdigest()[:12]}…, not to the {sha256[:12]}… that the index names.",
            "Try again; if it stays so, the package index or something before it changes files.",
        )
    return path


def get_json(url: str, *, headers: dict[str, str] | None = None, token: str | None = None) -> Any:
    """A JSON document of at most 64 MiB."""
    with open_url(url, headers=headers, token=token) as source:
        data = source.read(64 << 20)
    try:
        return json.loads(data)
    except ValueError as error:
        raise Failure(
            "unavailable", f"{urlsplit(url).netloc} did not answer with JSON.", "Check the address."
        ) from error


def _credentials(url: str) -> tuple[str, dict[str, str]]:
    """Move ``user:password@`` (an operator's package index) from the address to a header."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url, {}
    user, _, host = parts.netloc.rpartition("@")
    basic = base64.b64encode(unquote(user).encode()).decode()
    return urlunsplit(parts._replace(netloc=host)), {"Authorization": f"Basic {basic}"}
