"""Permission requests are answered by policy, at once: nobody sits beside a rollout, and the sandbox is the fence."""

from __future__ import annotations

from typing import Any

_ORDER = ("allow_once", "allow_always", "reject_once", "reject_always")


def answer_permission(params: dict[str, Any], *, cancelling: bool) -> tuple[dict[str, Any], str]:
    """Answer a ``session/request_permission``: the least lasting way to allow it.

    :param cancelling: the turn is being cancelled; the protocol then wants the outcome ``cancelled``.
    :returns: the result to send, and what was decided in words.
    """
    if cancelling:
        return {"outcome": {"outcome": "cancelled"}}, "not answered, because the turn was being cancelled"
    raw = params.get("options")
    options = [item for item in raw if isinstance(item, dict)] if isinstance(raw, list) else []
    for kind in _ORDER:
        for option in options:
            if option.get("kind") == kind and isinstance(option.get("optionId"), str):
                return (
                    {"outcome": {"outcome": "selected", "optionId": option["optionId"]}},
                    kind.replace("_", " ").replace("allow", "allowed").replace("reject", "rejected"),
                )
    return {"outcome": {"outcome": "cancelled"}}, "refused, because the agent offered no option that Marlin knows"
