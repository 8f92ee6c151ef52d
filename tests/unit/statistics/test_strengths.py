"""Strengths against an oracle, against published examples, and against what must hold for any votes."""

from __future__ import annotations

import evalica
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories.votes import drawn_votes, votes_of

from marlin.statistics import (
    InvalidQuestionError,
    NotEnoughVotesError,
    Scores,
    Votes,
    bootstrap,
    bradley_terry,
    davidson,
    graded,
)

FITS = [bradley_terry, davidson, graded]

BASEBALL = {
    "Milwaukee": [0, 7, 9, 7, 7, 9, 11],
    "Detroit": [6, 0, 7, 5, 11, 9, 9],
    "Toronto": [4, 6, 0, 7, 7, 8, 12],
    "New York": [6, 8, 6, 0, 6, 7, 10],
    "Boston": [6, 2, 6, 7, 0, 7, 12],
    "Cleveland": [4, 4, 5, 6, 6, 0, 6],
    "Baltimore": [2, 4, 1, 3, 1, 7, 0],
}
"""Games won in the American League East of 1987, row over column (Agresti, Categorical Data Analysis)."""


PUDDINGS = [
    (1, 2, 19, 22, 16),
    (1, 3, 16, 19, 12),
    (2, 3, 19, 19, 10),
    (1, 4, 18, 23, 13),
    (2, 4, 23, 19, 9),
    (3, 4, 19, 20, 15),
    (1, 5, 13, 19, 18),
    (2, 5, 16, 20, 12),
    (3, 5, 16, 15, 17),
    (4, 5, 17, 14, 16),
    (1, 6, 18, 21, 12),
    (2, 6, 22, 20, 12),
    (3, 6, 13, 18, 10),
    (4, 6, 14, 19, 18),
    (5, 6, 11, 21, 12),
]
"""Chocolate puddings tasted in pairs: two brands, preferred the first, the second, neither (Davidson 1970, table 1)."""


def _oracle(votes: Votes, ties: str) -> np.ndarray:
    """Evalica's scores as centred log-odds."""
    draw, first, second = evalica.Winner.Draw, evalica.Winner.X, evalica.Winner.Y
    winners = [draw if grade == 0 else first if grade < 0 else second for grade in votes.grade]
    names = [[votes.arms[code] for code in side] for side in (votes.arm_a, votes.arm_b)]
    fit = evalica.bradley_terry if ties == "half" else evalica.newman
    scores = np.log(fit(*names, winners, tolerance=1e-13, limit=100_000).scores.loc[list(votes.arms)].to_numpy())
    return scores - scores.mean()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("ties", "fit"), [("half", bradley_terry), ("davidson", davidson)])
def test_evalica_finds_the_same_strengths(seed: int, ties: str, fit: object) -> None:
    votes = drawn_votes(800, arms=6, seed=seed)
    assert callable(fit)
    assert fit(votes).strengths == pytest.approx(_oracle(votes, ties), abs=1e-6)


def test_the_baseball_teams_of_agresti() -> None:
    teams = list(BASEBALL)
    rows = [(team, teams[j], -1) for team in teams for j, won in enumerate(BASEBALL[team]) for _ in range(won)]
    votes = votes_of(rows, arms=teams)
    found = bradley_terry(votes)
    against_baltimore = [found.difference(team, "Baltimore").value for team in teams]
    assert against_baltimore == pytest.approx([1.5814, 1.4364, 1.2945, 1.2476, 1.1077, 0.6839, 0], abs=6e-5)


def test_the_chocolate_puddings_of_davidson() -> None:
    rows = [
        (str(i), str(j), grade)
        for i, j, *counts in PUDDINGS
        for grade, count in zip((-1, 1, 0), counts, strict=True)
        for _ in range(count)
    ]
    found = davidson(votes_of(rows))
    worth = np.exp(found.strengths)
    published = [0.1388005, 0.1729985, 0.1617420, 0.1653930, 0.1586805, 0.2023855]
    assert worth / worth.sum() == pytest.approx(published, abs=5e-5)  # the paper stops after seven rounds
    assert np.exp(-found.fit.parameters[-1]) == pytest.approx(0.7468147, abs=5e-5)


def test_a_tie_counted_as_half_a_win_pulls_arms_together() -> None:
    votes = drawn_votes(3000, arms=3, equal=0.4, seed=1)
    half, own = bradley_terry(votes), davidson(votes)
    assert abs(half.difference("arm-2", "arm-0").value) < abs(own.difference("arm-2", "arm-0").value)
    assert "half a win" in half.provenance.ties
    assert "probability of their own" in own.provenance.ties
    assert half.preferred("arm-2", "arm-0").value == pytest.approx(own.preferred("arm-2", "arm-0").value, abs=0.01)


def test_grades_of_one_step_are_davidsons_model() -> None:
    votes = drawn_votes(500, arms=4, strong=False, seed=2)
    assert graded(votes).strengths == pytest.approx(davidson(votes).strengths, abs=1e-8)


def test_grades_tell_more_than_signs() -> None:
    errors = {fit: [] for fit in (davidson, graded)}
    for seed in range(30):
        votes = drawn_votes(400, arms=2, strengths=[0.0, 0.6], seed=seed)
        for fit, found in errors.items():
            apart = fit(votes).difference("arm-1", "arm-0")
            found.append(apart.value / apart.standard_error)
    assert np.mean(errors[graded]) > np.mean(errors[davidson])


@st.composite
def few_votes(draw: st.DrawFn) -> Votes:
    arms = draw(st.integers(2, 4))
    size = draw(st.integers(1, 40))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    first = generator.integers(0, arms, size)
    second = (first + generator.integers(1, arms, size)) % arms
    outcome = generator.integers(0, 8, size).astype(np.int8)
    people = draw(st.integers(1, 6))
    return Votes.from_codes(
        [f"arm-{index}" for index in range(arms)],
        first,
        second,
        outcome,
        contributors=[str(person) for person in range(people)],
        contributor=generator.integers(0, people, size),
    )


def _fitted(fit: object, votes: Votes) -> Scores | None:
    assert callable(fit)
    try:
        return fit(votes)
    except NotEnoughVotesError:
        return None


@pytest.mark.parametrize("fit", FITS)
@given(votes=few_votes())
@settings(max_examples=60, deadline=None)
def test_whatever_the_votes_the_answer_is_finite_and_says_how_it_was_found(fit: object, votes: Votes) -> None:
    found = _fitted(fit, votes)
    if found is None:
        assert (votes.outcome == 7).all()
        return
    assert np.isfinite(found.strengths).all()
    assert found.strengths.sum() == pytest.approx(0, abs=1e-8)
    assert np.linalg.eigvalsh(found.covariance).min() > -1e-8
    assert found.fit.converged
    assert found.regularised == any("Regularised" in note for note in found.provenance.notes)
    assert found.provenance.data_hash == votes.data_hash


@pytest.mark.parametrize("fit", FITS)
@given(votes=few_votes(), seed=st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_neither_the_order_of_rows_nor_the_names_of_sides_matter(fit: object, votes: Votes, seed: int) -> None:
    found = _fitted(fit, votes)
    if found is None:
        return
    order = np.random.default_rng(seed).permutation(len(votes))
    for same in (votes.select(order), votes.swapped()):
        again = _fitted(fit, same)
        assert again is not None
        assert again.strengths == pytest.approx(found.strengths, abs=1e-6)
        assert again.covariance == pytest.approx(found.covariance, abs=1e-6)
    assert votes.select(order).data_hash == votes.data_hash


def test_the_side_effect_changes_its_sign_with_the_sides() -> None:
    votes = drawn_votes(3000, arms=3, side=0.4, seed=3)
    found, mirrored = davidson(votes, side_effect=True), davidson(votes.swapped(), side_effect=True)
    assert found.effects["side"].low < 0.4 < found.effects["side"].high
    assert mirrored.effects["side"].value == pytest.approx(-found.effects["side"].value, abs=1e-8)
    assert mirrored.strengths == pytest.approx(found.strengths, abs=1e-8)


def test_votes_twice_leave_strengths_and_lower_errors_by_the_root_of_two() -> None:
    votes = drawn_votes(600, arms=3, contributors=None, seed=4)
    twice = votes.select(np.concatenate([np.arange(600), np.arange(600)]))
    once, more = davidson(votes), davidson(twice)
    assert more.strengths == pytest.approx(once.strengths, abs=1e-8)
    assert more.covariance == pytest.approx(once.covariance / 2, rel=1e-6)


def test_a_taste_that_people_share_with_themselves_widens_the_interval() -> None:
    votes = drawn_votes(2000, arms=2, contributors=25, taste=0.8, seed=5)
    naive = davidson(votes, cluster="none").difference("arm-0", "arm-1")
    honest = davidson(votes).difference("arm-0", "arm-1")
    assert honest.standard_error > 1.5 * naive.standard_error
    assert honest.value == naive.value


def test_sandwich_and_bootstrap_agree() -> None:
    votes = drawn_votes(3000, arms=4, contributors=80, taste=0.5, seed=6)
    drawn = bootstrap(votes, repetitions=300)
    ratio = np.sqrt(np.diag(davidson(votes).covariance) / np.diag(drawn.covariance))
    assert ratio == pytest.approx(np.ones(4), abs=0.2)


def test_several_judges_of_one_task_are_clusters_too() -> None:
    generator = np.random.default_rng(7)
    size, tasks = 1200, 60
    task = np.arange(size) % tasks
    easy = generator.normal(0, 1.5, tasks)[task]
    grade = np.where(generator.random(size) < 1 / (1 + np.exp(-easy)), -1, 1)
    person = generator.integers(0, 40, size)
    votes = Votes.from_columns(["x"] * size, ["y"] * size, grade, contributor=person, task=task)
    both, people = bradley_terry(votes), bradley_terry(votes, cluster="contributor")
    assert "two-way" in both.provenance.clusters
    assert both.difference("x", "y").standard_error > 2 * people.difference("x", "y").standard_error


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("x", "y", -1)], "won or lost every decisive comparison"),
        ([("x", "y", -2)] * 30, "won or lost every decisive comparison"),
        ([("x", "y", -1), ("y", "x", -1), ("z", "w", 1), ("w", "z", 1)], "these groups rest on the prior"),
    ],
)
def test_what_votes_alone_cannot_tell_is_said(rows: list[tuple[str, str, int]], said: str) -> None:
    for fit in FITS:
        found = fit(votes_of(rows))
        assert found.regularised
        assert said in " ".join(found.provenance.notes)
        assert found.difference("x", "y").standard_error > 0.3


def test_separation_leaves_the_interval_wide() -> None:
    found = bradley_terry(votes_of([("x", "y", -1)] * 8))
    apart = found.difference("x", "y")
    assert 0 < apart.value < 6
    assert apart.high - apart.low > 2


def test_all_equal_is_no_difference() -> None:
    for fit in FITS:
        apart = fit(votes_of([("x", "y", 0)] * 50)).difference("x", "y")
        assert apart.value == pytest.approx(0, abs=1e-9)
    found = davidson(votes_of([("x", "y", 0)] * 50, contributor=["a", "b", "c", "d", "e"] * 10))
    assert "All verdicts are equal" in found.provenance.notes[0]
    share = found.preferred("x", "y")
    assert share.value == 0.5
    assert share.low == pytest.approx(0.025 ** (1 / 5) / 2), "five people can't exclude more"
    assert share.high == pytest.approx(1 - share.low)


def test_both_bad_alone_is_no_ranking() -> None:
    with pytest.raises(NotEnoughVotesError, match="no vote tells the arms apart"):
        davidson(votes_of([("x", "y", None)] * 5))


def test_one_contributor_speaks_for_themself_alone() -> None:
    found = davidson(votes_of([("x", "y", -1), ("y", "x", -1), ("x", "y", 0)] * 5, contributor=["me"] * 15))
    assert "one contributor's" in " ".join(found.provenance.notes)


def test_a_contributor_with_half_of_the_votes_is_pointed_out_and_counts_for_little() -> None:
    rows = [("x", "y", -1), ("x", "y", 1), ("x", "y", -1), ("y", "x", 1)] * 30
    people = ["busy"] * 60 + [f"p{index}" for index in range(60)]
    found = davidson(votes_of(rows, contributor=people))
    assert "One contributor gave 50 %" in " ".join(found.provenance.notes).replace("50%", "50 %")
    assert found.df < 10


def test_an_unknown_arm_is_named() -> None:
    found = davidson(drawn_votes(50, arms=2, seed=8))
    with pytest.raises(InvalidQuestionError, match="no arm is called other"):
        found.score("other")


def test_what_is_read_off_scores() -> None:
    found = davidson(drawn_votes(4000, arms=3, strengths=[-1, 0, 1], seed=9))
    assert [row["arm"] for row in found.table()] == ["arm-2", "arm-1", "arm-0"]
    assert found.ranks() == {"arm-0": (3, 3), "arm-1": (2, 2), "arm-2": (1, 1)}
    share = found.preferred("arm-2", "arm-0")
    assert share.low < share.value < share.high
    assert share.value == pytest.approx(1 - found.preferred("arm-0", "arm-2").value)
    assert found.elo("arm-1").value == pytest.approx(1000 + 173.7 * found.score("arm-1").value, abs=0.1)
