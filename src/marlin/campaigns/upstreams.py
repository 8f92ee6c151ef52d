"""Where an arm's model calls go, and with which key: looked up when a worker uses it, never stored."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marlin.campaigns.errors import KeyMissingError
from marlin.campaigns.models import Arm


@dataclass(frozen=True, slots=True)
class ResolvedUpstream:
    """What the gateway needs for one arm.

    :ivar name: the upstream's name, for operators.
    :ivar api: anthropic, openai-chat or openai-responses.
    :ivar model: what the upstream calls the model.
    :ivar key_env: the environment variable that holds the key; None: the upstream asks for none.
    :ivar key: the key itself; empty when the upstream asks for none. Kept out of ``repr``.
    :ivar pricing: US dollars per million tokens: input, output, cache_read, cache_write.
    """

    name: str
    base_url: str
    api: str
    model: str
    key_env: str | None
    key: str = field(repr=False)
    pricing: dict[str, Any]


def resolve_upstream(arm: Arm, environment: Mapping[str, str] | None = None) -> ResolvedUpstream | None:
    """Where the arm's model calls go; None for an agent that makes none.

    :param environment: where keys are looked up; this process's environment by default.
    :raises KeyMissingError: if the key's variable is not set here, or empty.
    """
    upstream = arm.upstream
    if upstream is None or arm.model is None:
        return None
    key_env = arm.key_env or upstream.key_env
    key = (os.environ if environment is None else environment).get(key_env, "").strip() if key_env else ""
    if key_env and not key:
        raise KeyMissingError(
            f"The environment variable {key_env} is not set for this worker; upstream {upstream.name!r} needs its key.",
            hint=f"Set {key_env} where `marlin up` or `marlin worker` starts, restart it, then retry the turn.",
            key_env=key_env,
        )
    return ResolvedUpstream(
        name=upstream.name,
        base_url=upstream.base_url,
        api=upstream.api,
        model=arm.model,
        key_env=key_env,
        key=key,
        pricing=dict(arm.pricing),
    )
