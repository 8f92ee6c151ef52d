"""Somebody signed in at Marlin's HTTP API from outside, as a program: for the demo's story and for simulations."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from marlin.errors import MarlinError, UnavailableError


class StoryError(MarlinError):
    """A step of the story went otherwise than it should."""

    code = "story-failed"


class GivenUpError(UnavailableError):
    """A request was not sent again, because whoever sent it is to stop."""

    code = "given-up"


@dataclass
class Visitor:
    """Somebody signed in, and the HTTP client that carries the sign-in."""

    client: httpx.Client
    csrf: str
    name: str = ""
    retries: int = 0
    given_up: Callable[[], bool] = lambda: False
    """Asked before a request that failed is sent again."""

    @classmethod
    def from_link(cls, base_url: str, link: str) -> Visitor:
        """Sign in with a link as the demo prints it (the token is in its fragment)."""
        client = httpx.Client(base_url=f"{base_url}/api/v1", timeout=60, headers={"Origin": base_url})
        answer = client.post("/sign-in/link", json={"token": link.rsplit("#", 1)[-1]})
        body = _checked(answer)
        visitor = cls(client, body["csrf_token"], body["person"]["name"])
        if not body["terms"]["accepted"]:
            visitor.post("/consent", {"terms_version": body["terms"]["version"]})
        return visitor

    @classmethod
    def from_token(cls, base_url: str, token: str) -> Visitor:
        """Come with an API token."""
        headers = {"Authorization": f"Bearer {token}"}
        visitor = cls(httpx.Client(base_url=f"{base_url}/api/v1", timeout=60, headers=headers), "")
        visitor.name = visitor.get("/session")["person"]["name"]
        return visitor

    def get(self, path: str, **params: Any) -> Any:
        """GET a JSON resource; of a list that comes in pages, all of them."""
        answer = self._send("GET", path, params=params)
        found = _checked(answer)
        while isinstance(found, list) and "next" in answer.links:
            answer = self._send("GET", str(answer.url.join(answer.links["next"]["url"])))
            found += _checked(answer)
        return found

    def text(self, path: str, **params: Any) -> str:
        """GET a text resource."""
        answer = self._send("GET", path, params=params)
        if answer.is_error:
            _checked(answer)
        return answer.text

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """POST with an idempotency key, so that a repeated request is harmless."""
        return _checked(self._send("POST", path, json=body or {}, headers=self._headers(str(uuid.uuid4()))))

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        """PATCH a JSON resource."""
        return _checked(self._send("PATCH", path, json=body, headers=self._headers(None)))

    def put(self, path: str, body: dict[str, Any]) -> Any:
        """PUT a JSON resource."""
        return _checked(self._send("PUT", path, json=body, headers=self._headers(None)))

    def events(self, path: str, *, time_limit: float) -> Iterator[dict[str, Any]]:
        """Follow server-sent events, from the first on, for so long at most. A cut ends it without an error."""
        limits = httpx.Timeout(60, read=5)  # short, so that whoever is to stop does
        deadline = time.monotonic() + time_limit
        try:
            with self.client.stream("GET", path, timeout=limits) as answer:
                if answer.is_error:
                    answer.read()
                    _checked(answer)
                for line in answer.iter_lines():
                    if line.startswith("data:"):
                        yield json.loads(line[5:])
                    if time.monotonic() > deadline or self.given_up():
                        return
        except httpx.TransportError:
            return

    def _require_going_on(self) -> None:
        if self.given_up():
            raise GivenUpError("A request was not sent again: this is to stop.")

    def _headers(self, key: str | None) -> dict[str, str]:
        return ({"X-CSRF-Token": self.csrf} if self.csrf else {}) | ({"Idempotency-Key": key} if key else {})

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send, and repeat while the service restarts: every request of the story may be repeated."""
        deadline = time.monotonic() + 90
        while True:
            try:
                answer = self.client.request(method, path, **options)
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE and not _in_progress(answer):
                    return answer
            except httpx.TransportError as error:
                self._require_going_on()
                if time.monotonic() > deadline:
                    raise UnavailableError(
                        f"Marlin does not answer at {self.client.base_url}.", hint="Is `marlin up` running?"
                    ) from error
            self._require_going_on()
            if time.monotonic() > deadline:
                raise UnavailableError(
                    f"{method} {path} was refused for 90 s: {answer.text[:500]}", hint="Look at Marlin's log."
                )
            self.retries += 1
            time.sleep(0.5)


def _in_progress(answer: httpx.Response) -> bool:
    """Whether an earlier sending of the request is still at work, or died so short ago that Marlin can't tell."""
    return answer.status_code == httpx.codes.CONFLICT and answer.json().get("code") == "in-progress"


def _checked(answer: httpx.Response) -> Any:
    if answer.is_error:
        try:
            problem = answer.json()
        except ValueError:
            problem = {"detail": answer.text[:500]}
        raise StoryError(
            f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {problem.get('detail')}",
            hint=problem.get("hint"),
            problem=problem,
        )
    return answer.json() if answer.content else None
