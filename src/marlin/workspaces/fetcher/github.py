"""GitHub's REST API: which commit a pull request started from."""

from __future__ import annotations

from typing import Any

from .download import get_json
from .failures import Failure

_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


def resolve(api: str, owner: str, name: str, number: int, token: str | None) -> dict[str, Any]:
    """Title, body and base commit of a pull request: where its branch left the target branch.

    :raises Failure: there is none, it is private, or GitHub does not answer.
    """
    root = f"{api.rstrip('/')}/repos/{owner}/{name}"
    try:
        pull = get_json(f"{root}/pulls/{number}", headers=_HEADERS, token=token)
    except Failure as error:
        if error.code != "not-found":
            raise
        raise Failure(
            "not-found",
            f"There is no pull request {number} in {owner}/{name}, it is private, or GitHub limits requests.",
            "Check the address; an operator's token for the host (MARLIN_GIT_TOKENS) opens private ones.",
        ) from error
    compared = get_json(f"{root}/compare/{pull['base']['sha']}...{pull['head']['sha']}", headers=_HEADERS, token=token)
    return {
        "base": str(compared["merge_base_commit"]["sha"]),
        "title": str(pull.get("title") or "")[:1000],
        "body": str(pull.get("body") or "")[:100_000],
    }
