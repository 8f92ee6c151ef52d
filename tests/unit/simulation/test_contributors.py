"""The model of simulated contributors: what it says of itself is what it does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marlin.campaigns import Answers, default_rubric
from marlin.campaigns.rubric import check, complete
from marlin.simulation import (
    NOBODY,
    Plan,
    PlanError,
    Votes,
    draw_population,
    parse_collusion,
    parse_strengths,
    same_plan,
    simulate_votes,
)
from marlin.simulation.judging import Occasion, answers, vote

MANY = 60_000


def votes_of(strengths: list[float], *, count: int = MANY, seed: int = 7, **options: float) -> Votes:
    """Votes of 40 contributors on arm 0 (side A) against arm 1 (side B)."""
    rng = np.random.default_rng(seed)
    population = draw_population(rng, 40, len(strengths), **options)  # type: ignore[arg-type]
    return simulate_votes(
        rng,
        np.repeat(np.array(strengths)[:, None], 4, axis=1),
        population,
        contributor=rng.integers(0, 40, count),
        arm_a=np.zeros(count, dtype=np.int64),
        arm_b=np.ones(count, dtype=np.int64),
    )


@pytest.mark.parametrize(("gap", "skill"), [(0.0, 1.0), (0.4, 1.0), (0.4, 2.5), (-1.0, 0.5)])
def test_without_anything_else_votes_follow_bradley_and_terry(gap: float, skill: float) -> None:
    won = (votes_of([0.0, gap], skill=skill).overall > 0).mean()
    assert won == pytest.approx(1 / (1 + np.exp(-skill * gap)), abs=4 * 0.5 / np.sqrt(MANY))


def test_a_bias_towards_a_costs_the_arm_on_b() -> None:
    won = (votes_of([0.0, 0.4], side_bias=0.4).overall > 0).mean()
    assert won == pytest.approx(0.5, abs=0.01)


def test_careless_votes_are_a_share_and_carry_nothing() -> None:
    votes = votes_of([0.0, 5.0], careless=0.3)
    assert (~votes.honest).mean() == pytest.approx(0.3, abs=0.01)
    assert (votes.overall[~votes.honest] > 0).mean() == pytest.approx(0.5, abs=0.02)


def test_ties_happen_as_often_as_noise_stays_within_the_tie() -> None:
    assert (votes_of([0.0, 0.0]).overall != 0).all()
    tied = (votes_of([0.0, 0.0], tie=0.5).overall == 0).mean()
    assert tied == pytest.approx(2 / (1 + np.exp(-0.5)) - 1, abs=0.01)


def test_taste_makes_the_votes_of_one_person_alike() -> None:
    rng = np.random.default_rng(3)
    population = draw_population(rng, 200, 2, taste=1.0)
    who = np.repeat(np.arange(200), 100)
    zeros = np.zeros(len(who), dtype=np.int64)
    votes = simulate_votes(rng, np.zeros((2, 4)), population, contributor=who, arm_a=zeros, arm_b=zeros + 1)
    shares = (votes.overall > 0).reshape(200, 100).mean(axis=1)
    assert shares.std() > 0.2, "without taste it would be 0.05"
    assert shares.mean() == pytest.approx(0.5, abs=0.07)


def test_who_colludes_prefers_one_arm_on_either_side_and_says_nothing_of_others() -> None:
    rng = np.random.default_rng(5)
    population = draw_population(rng, 10, 3, collude={2: 4})
    assert (population.colludes != NOBODY).sum() == 4
    bought = np.flatnonzero(population.colludes == 2)
    who = np.repeat(bought, 3)
    first, second = np.tile([2, 0, 2], 4), np.tile([0, 2, 2], 4)
    votes = simulate_votes(rng, np.zeros((3, 4)), population, contributor=who, arm_a=first, arm_b=second)
    assert votes.overall.reshape(4, 3)[:, :2].tolist() == [[-3, 3]] * 4
    assert votes.honest.reshape(4, 3)[:, 2].all(), "an arm that meets itself has no other side to prefer"


@pytest.mark.parametrize(
    "wrong", [{"skill": 0.0}, {"careless": 1.5}, {"taste": -1.0}, {"collude": {0: 41}}, {"collude": {5: 1}}]
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"skill|collude"):
        draw_population(np.random.default_rng(1), 40, 2, **wrong)  # type: ignore[arg-type]


@given(
    contributor=st.integers(0, 7), ordinal=st.integers(0, 300), turn=st.integers(1, 4), swapped=st.booleans(),
    seed=st.integers(0, 50),
)  # fmt: skip
def test_every_rating_fits_the_rubric(contributor: int, ordinal: int, turn: int, swapped: bool, seed: int) -> None:
    plan = Plan("p", parse_strengths(["old=0", "new=0.4", "new.security=-2"]), seed=seed, taste=0.5, item=0.5, tie=0.3)
    arms = ("new", "old") if swapped else ("old", "new")
    given_answers = Answers.model_validate(answers(plan, Occasion(contributor, ordinal, turn, *arms, "item")))
    assert check(default_rubric(), complete(given_answers)) == []


def test_the_same_occasion_gives_the_same_vote_and_an_item_is_the_same_for_all() -> None:
    plan = Plan("p", parse_strengths(["old=0", "new=0.4"]), seed=3, item=0.8, taste=0.3)
    occasion = Occasion(2, 5, 1, "old", "new", "an-item")
    assert (vote(plan, occasion).axes == vote(plan, occasion).axes).all()
    assert plan.item_effect("an-item", "old", "new") == -plan.item_effect("an-item", "new", "old")
    assert plan.item_effect("an-item", "old", "new") != plan.item_effect("another", "old", "new")
    assert plan.truth()["overall"]["new"] == pytest.approx(0.4)


def test_a_plan_is_found_again_and_may_grow_but_not_change() -> None:
    plan = Plan("p", parse_strengths(["old=0", "new=0.4"]), collude=parse_collusion(["new=2"]))
    stored = plan.stored()
    assert same_plan(stored, Plan("p", parse_strengths(["old=0", "new=0.4"]), collude={"new": 2}, comparisons=99))
    assert not same_plan(stored, Plan("p", parse_strengths(["old=0", "new=0.5"]), collude={"new": 2}))


@pytest.mark.parametrize(
    ("strengths", "collude", "says"),
    [
        (["old=0"], [], "needs two arms"),
        (["old", "new=1"], [], "says no value"),
        (["old=0", "new=much"], [], "no strength"),
        (["old=0", "new=nan"], [], "no strength"),
        (["old=0", "new=1", "new.securty=2"], [], "no axis 'securty'"),
        (["old=0", "Grüße=1"], [], "can't be an arm's name"),
        (["old=0", "new=1"], ["third=1"], "no arm 'third'"),
        (["old=0", "new=1"], ["new=few"], "no number of contributors"),
        (["old=0", "new=1"], ["new=9"], "more contributors collude"),
    ],
)
def test_options_that_cannot_be_meant_say_so(strengths: list[str], collude: list[str], says: str) -> None:
    with pytest.raises(PlanError, match=says) as refused:
        Plan("p", parse_strengths(strengths), contributors=8, collude=parse_collusion(collude))
    assert refused.value.hint
