"""A question from what somebody gave one by one, as the options of a command. Pure; the limits are the API's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from marlin.leaderboards.errors import QuestionInvalidError
from marlin.leaderboards.question_schemas import QuestionOut, QuestionWish


def wish_of(given: Mapping[str, Any], *, called: Callable[[str], str] = str) -> QuestionWish:
    """The question that these fields make; what is not given, or None, is as the API has it by default.

    :param called: what a field is called where it was given, for messages.
    :raises QuestionInvalidError: if a value can't be right; the message and ``errors`` name each such field.
    """
    try:
        return QuestionWish.model_validate(_told(given))
    except ValidationError as error:
        errors = [
            {"field": called(".".join(str(part) for part in one["loc"])), "message": one["msg"]}
            for one in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        listed = "; ".join(f"{one['field']}: {one['message']}" for one in errors)
        raise QuestionInvalidError(
            f"The question is not as it should be: {listed}.",
            hint="Correct what is named, then ask again.",
            errors=errors,
        ) from None


def amendment_of(seen: QuestionOut, given: Mapping[str, Any], *, called: Callable[[str], str] = str) -> QuestionWish:
    """The version that was seen, with what is given put in its place; the reason is the amendment's own.

    :raises QuestionInvalidError: if a value can't be right.
    """
    kept = seen.model_dump(include=set(QuestionWish.model_fields) - {"reason"})
    return wish_of(kept | {"amends": seen.version} | _told(given), called=called)


def _told(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}
