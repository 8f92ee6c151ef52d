"""Campaign files: TOML text to a wish, with errors that name the field and the fix. Pure."""

from __future__ import annotations

import tomllib
from typing import Any

from pydantic import ValidationError

from marlin.campaigns.errors import CampaignFileError
from marlin.campaigns.schemas import ArmWish, CampaignWish

_FIXES = {
    "missing": "add it",
    "extra_forbidden": "remove it, or check its spelling",
}


def parse_campaign(text: str, *, source: str = "the campaign file") -> CampaignWish:
    """The campaign that a TOML file describes.

    :param source: how to call the file in messages.
    :raises CampaignFileError: if it is no TOML, or does not say what a campaign needs.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CampaignFileError(
            f"{source} is not valid TOML: {error}", hint="Correct the line, then create the campaign again."
        ) from error
    try:
        return CampaignWish.model_validate(data)
    except ValidationError as error:
        raise _explained(error, source) from None


def parse_arm(data: dict[str, Any]) -> ArmWish:
    """The arm that the command line's options describe.

    :raises CampaignFileError: if a value can't be right.
    """
    try:
        return ArmWish.model_validate(data)
    except ValidationError as error:
        raise _explained(error, "The arm") from None


def _explained(error: ValidationError, source: str) -> CampaignFileError:
    problems = [
        {"field": _field(item["loc"]), "message": _message(item["type"], item["msg"])}
        for item in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    lines = "".join(f"\n  {problem['field'] or 'as a whole'}: {problem['message']}" for problem in problems)
    return CampaignFileError(
        f"{source} has {len(problems)} problem{'s' if len(problems) > 1 else ''}:{lines}",
        hint="Correct the fields named above; docs/how-to shows a complete file.",
        errors=problems,
    )


def _field(location: tuple[int | str, ...]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _message(kind: str, message: str) -> str:
    fix = _FIXES.get(kind)
    message = message.removeprefix("Value error, ")
    return f"{message}; {fix}" if fix else message
