"""Rubrics and answers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from marlin.campaigns import Answers, Rubric, default_rubric
from marlin.campaigns.rubric import check, complete

AXES = ["correctness", "security", "reliability", "maintainability"]


def answers(**changes: Any) -> Answers:
    """A complete rating that prefers B, with changes."""
    whole: dict[str, Any] = {
        "axes": dict.fromkeys(AXES, 1),
        "overall": 2,
        "verdict": "preference",
        "key_axis": "security",
        "justification": "B quotes the argument in models.py line 12; A does not.",
    }
    return Answers.model_validate(whole | changes)


def problems(**changes: Any) -> set[str]:
    return {problem.field for problem in check(default_rubric(), answers(**changes))}


def test_the_default_rubric_has_the_axes_of_the_mission_with_every_point_anchored() -> None:
    rubric = default_rubric()
    assert [axis.name for axis in rubric.axes] == AXES
    assert all(set(axis.anchors) == {"-3", "-2", "-1", "0", "1", "2", "3"} for axis in rubric.axes)


def test_a_complete_rating_has_no_problems() -> None:
    assert problems() == set()


def test_every_axis_has_to_be_scored_and_no_other() -> None:
    assert problems(axes={"correctness": 1, "beauty": 2}) == {
        "axes.security",
        "axes.reliability",
        "axes.maintainability",
        "axes.beauty",
    }
    assert problems(axes=dict.fromkeys(AXES)) == {f"axes.{name}" for name in AXES}


def test_there_is_no_silent_tie() -> None:
    assert problems(verdict=None) == {"verdict"}
    assert problems(overall=0) == {"overall"}
    assert problems(overall=None) == {"overall"}
    assert problems(verdict="equal", overall=1) == {"overall"}
    assert problems(verdict="both_bad", overall=-3) == {"overall"}
    assert problems(verdict="equal", overall=None, key_axis=None) == set()


def test_a_preference_names_the_axis_that_decided() -> None:
    assert problems(key_axis=None) == {"key_axis"}
    assert problems(key_axis="beauty") == {"key_axis"}


def test_a_justification_of_blanks_is_none() -> None:
    assert problems(justification=" \n ") == {"justification"}


def test_a_rubric_may_ask_for_less() -> None:
    rubric = default_rubric().model_copy(update={"requires_justification": False, "requires_key_axis": False})
    assert check(rubric, answers(justification="", key_axis=None)) == []


@given(st.sampled_from(["preference", "equal", "both_bad"]), st.one_of(st.none(), st.integers(-3, 3)))
def test_preferred_side_and_strength_follow_from_accepted_answers(verdict: str, overall: int | None) -> None:
    given_answers = answers(verdict=verdict, overall=overall)
    if check(default_rubric(), given_answers):
        return
    stored = complete(given_answers)
    assert stored.overall is not None
    assert (stored.preferred is None) == (stored.overall == 0) == (stored.strength == 0)
    if stored.preferred is not None:
        assert stored.preferred == ("A" if stored.overall < 0 else "B")
        assert stored.strength == abs(stored.overall)


@pytest.mark.parametrize("score", [-4, 4, 1.5, "much"])
def test_scores_off_the_scale_are_refused(score: object) -> None:
    with pytest.raises(ValidationError):
        answers(overall=score)


def test_rubrics_that_say_too_little_are_refused() -> None:
    axis = default_rubric().axes[0].model_dump()
    with pytest.raises(ValidationError, match="-3, 0 and 3"):
        Rubric.model_validate({"axes": [axis | {"anchors": {"0": "equal"}}]})
    with pytest.raises(ValidationError, match="same name"):
        Rubric.model_validate({"axes": [axis, axis]})
    with pytest.raises(ValidationError):
        Rubric.model_validate({"axes": []})
