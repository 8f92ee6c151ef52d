"""Contributors: how accurate they are, whether sides sway them, and what is worth judging next."""

from __future__ import annotations

import numpy as np
import pytest
from tests.factories.votes import drawn_votes, votes_of

from marlin.statistics import (
    InvalidQuestionError,
    InvalidVotesError,
    NotEnoughVotesError,
    Votes,
    aa_controls,
    controlled,
    controlled_mean,
    davidson,
    dawid_skene,
    drift,
    items_to_judge,
    pairs_to_buy,
    self_consistency,
    side_bias,
)


def _judged(seed: int = 0, items: int = 400, people: int = 12) -> tuple[np.ndarray, ...]:
    generator = np.random.default_rng(seed)
    truth = generator.choice([-1, 1], items)
    skill = np.linspace(0.55, 0.95, people)
    item = np.repeat(np.arange(items), 3)
    who = np.concatenate([generator.choice(people, 3, replace=False) for _ in range(items)])
    right = generator.random(len(item)) < skill[who]
    return truth, skill, item, who, np.where(right, truth[item], -truth[item])


def test_the_skilled_are_told_from_the_careless() -> None:
    truth, skill, item, who, said = _judged()
    found = dawid_skene(item, who, said, gold={str(index): int(truth[index]) for index in range(20)})
    estimated = np.array([found.accuracy[str(index)].value for index in range(len(skill))])
    assert np.corrcoef(estimated, skill)[0, 1] > 0.8
    inside = [found.accuracy[str(k)].low <= skill[k] <= found.accuracy[str(k)].high for k in range(len(skill))]
    assert np.mean(inside) >= 0.75
    place = np.array([int(name) for name in found.items])
    model = (found.truth[:, 2] > found.truth[:, 0]) * 2 - 1
    majority = np.sign(np.bincount(item, said))
    assert (model == truth[place]).mean() >= (majority == truth).mean() - 0.01
    assert found.provenance.counts["gold"] == 20


def test_one_answer_to_each_item_tells_nothing() -> None:
    with pytest.raises(NotEnoughVotesError, match="no item was judged twice"):
        dawid_skene([1, 2], ["a", "b"], [1, -1])
    with pytest.raises(InvalidVotesError, match="not −1, 0 or 1"):
        dawid_skene([1, 1], ["a", "b"], [3, -1])
    alone = dawid_skene([1, 2, 3], ["a", "a", "b"], [1, -1, 1], gold={"1": 1})
    assert alone.accuracy["b"].high - alone.accuracy["b"].low > 0.4


def test_a_contributor_who_always_clicks_left_is_found() -> None:
    fair = drawn_votes(1000, arms=3, contributors=20, seed=1)
    grade = np.where(fair.contributor == 7, -1, fair.grade)
    votes = Votes.from_columns(
        [fair.arms[code] for code in fair.arm_a],
        [fair.arms[code] for code in fair.arm_b],
        grade,
        contributor=fair.contributor,
    )
    found = side_bias(votes)
    assert found.suspects == ("7",)
    assert found.by_contributor["7"].value == 1
    assert side_bias(fair).suspects == ()
    assert side_bias(fair).overall.low < 0.5 < side_bias(fair).overall.high
    with pytest.raises(NotEnoughVotesError, match="no vote prefers a side"):
        side_bias(votes_of([("x", "y", 0)]))


def test_pairs_of_the_same_arm_show_what_people_make_up() -> None:
    found = aa_controls([0, 0, -1, -2, -3, 1, 0, 0])
    assert found.decisive.value == 0.5
    assert found.strong.value == 0.25
    assert found.for_a.value == 0.75
    assert found.for_a.low < 0.5 < found.for_a.high
    with pytest.raises(NotEnoughVotesError, match="no A/A pairs"):
        aa_controls([])


def test_saying_the_same_twice() -> None:
    found = self_consistency([1, -2, 0, 3], [2, -1, 0, -3])
    assert found.same_side.value == 0.75
    assert found.mean_move == 2
    with pytest.raises(NotEnoughVotesError):
        self_consistency([], [])


def test_nobody_is_certain_where_everybody_said_the_same_twice() -> None:
    alike = self_consistency([1, 2, -1, 3, 2, -2], [2, 1, -1, 1, 3, -1], ["a", "a", "b", "b", "c", "c"])
    assert (alike.same_side.value, alike.same_side.high) == (1, 1)
    assert alike.same_side.low == pytest.approx(0.025 ** (1 / 3)), "as of three people, not of six judgements"
    never = self_consistency([1, 1], [-1, -1], ["a", "b"])
    assert (never.same_side.low, never.same_side.value) == (0, 0)
    assert never.same_side.high == pytest.approx(1 - 0.025 ** (1 / 2))


def test_drift_is_seen_and_chance_is_not() -> None:
    generator = np.random.default_rng(0)
    time, person = np.arange(600.0), generator.integers(0, 20, 600)
    still = (generator.random(600) < 0.7).astype(float)
    moving = (generator.random(600) < 0.9 - 0.4 * time / 600).astype(float)
    assert drift(moving, time, person).slope.high < -0.15
    assert drift(moving, time, person).p_value < 0.001
    assert drift(still, time, person).p_value > 0.01
    assert sum(size for _, _, size in drift(still, time).by_window) == 600
    with pytest.raises(NotEnoughVotesError):
        drift([1, 2], [1, 2])


def _styled(seed: int = 0, size: int = 4000) -> Votes:
    generator = np.random.default_rng(seed)
    first = generator.integers(0, 2, size)
    lines = generator.normal(1.0, 1.0, size) * np.where(first == 1, 1, -1)  # arm-1 writes more …
    apart = 0.8 * lines + 0.3  # … which is all that people like about it, besides the left side
    grade = np.where(generator.random(size) < 1 / (1 + np.exp(-apart)), -1, 1)
    return Votes.from_columns(
        np.where(first == 1, "arm-1", "arm-0"),
        np.where(first == 1, "arm-0", "arm-1"),
        grade,
        contributor=generator.integers(0, 60, size),
        differences={"lines": lines},
        contexts={"category": generator.choice(["bug fix", "feature"], size)},
        turn=generator.integers(1, 4, size),
    )


def test_a_score_with_length_held_equal_drops_what_length_bought() -> None:
    votes = _styled()
    assert davidson(votes).difference("arm-1", "arm-0").low > 0.4
    found = controlled(votes, differences=["lines"])
    apart = found.difference("arm-1", "arm-0")
    assert apart.low < 0 < apart.high
    assert found.effects["lines"].value / found.scales["lines"] == pytest.approx(0.8, abs=0.1)
    assert found.effects["side"].low < 0.3 < found.effects["side"].high
    assert "lines: one unit is" in " ".join(found.provenance.notes)


def test_without_covariates_controlled_scores_are_davidsons() -> None:
    votes = drawn_votes(1500, arms=4, contributors=30, seed=3)
    plain, found = davidson(votes), controlled(votes, side=False)
    assert found.strengths == pytest.approx(plain.strengths, abs=1e-8)
    assert found.covariance == pytest.approx(plain.covariance, rel=1e-5, abs=1e-9)


def test_exchanging_the_sides_changes_no_controlled_score() -> None:
    votes = _styled(size=800)
    one, two = (
        controlled(each, differences=["lines"], contexts=["category", "turn"]) for each in (votes, votes.swapped())
    )
    assert two.strengths == pytest.approx(one.strengths, abs=1e-6)
    assert two.effects["side"].value == pytest.approx(-one.effects["side"].value, abs=1e-6)
    assert two.effects["lines"].value == pytest.approx(one.effects["lines"].value, abs=1e-6)


def test_contexts_are_averaged_by_stated_shares() -> None:
    generator = np.random.default_rng(4)
    category = np.where(np.arange(4000) < 3600, "bug fix", "feature")
    likes = np.where(category == "bug fix", 0.0, 2.0)
    grade = np.where(generator.random(4000) < 1 / (1 + np.exp(-likes)), -1, 1)
    votes = Votes.from_columns(["x"] * 4000, ["y"] * 4000, grade, contexts={"category": category})
    observed = controlled(votes, contexts=["category"], side=False).difference("x", "y").value
    equal = controlled(votes, contexts=["category"], side=False, shares="equal").difference("x", "y").value
    assert observed == pytest.approx(0.2, abs=0.12)
    assert equal == pytest.approx(1.0, abs=0.2)


def test_few_and_separable_votes_with_covariates_do_not_crash() -> None:
    votes = Votes.from_columns(["x", "x"], ["y", "y"], [-1, -1], differences={"lines": [1.0, 2.0]})
    found = controlled(votes, differences=["lines"])
    assert found.difference("x", "y").standard_error > 0.5
    with pytest.raises(InvalidQuestionError, match="no difference files"):
        controlled(votes, differences=["files"])
    with pytest.raises(InvalidQuestionError, match="no context client"):
        controlled(votes, contexts=["client"])


def test_money_goes_where_arms_are_close() -> None:
    scores = davidson(drawn_votes(400, arms=4, strengths=[-2.0, 0.0, 0.1, 2.0], seed=5))
    found = pairs_to_buy(scores, 28_000)
    assert {found.pairs[0].first, found.pairs[0].second} == {"arm-1", "arm-2"}
    assert sum(pair.votes for pair in found.pairs) == 100
    assert found.dollars == 28_000
    assert found.misordered_after < found.misordered_if_equal < found.misordered_now
    cheap = pairs_to_buy(scores, 28_000, prices={frozenset(("arm-1", "arm-2")): 2800})
    assert cheap.misordered_after > found.misordered_after
    with pytest.raises(InvalidQuestionError, match="buys no comparison"):
        pairs_to_buy(scores, 100)


def test_the_undecided_item_is_worth_judging_again() -> None:
    truth = np.array([[0.5, 0.0, 0.5], [0.02, 0.0, 0.98], [1.0, 0.0, 0.0]])
    bits = items_to_judge(truth, 0.8, 1.0)
    assert bits[0] > bits[1] > bits[2]
    assert bits[2] == pytest.approx(0, abs=1e-12)
    assert items_to_judge(truth, 1 / 3)[0] == pytest.approx(0, abs=1e-12)
    with pytest.raises(InvalidQuestionError):
        items_to_judge(truth, 0.0)


def test_every_result_says_where_it_comes_from() -> None:
    values = np.arange(12.0) / 12
    told = [
        aa_controls([0, 1, -1]),
        self_consistency([1, 0], [1, 1]),
        drift(values, values, np.arange(12) % 3),
        controlled_mean(values, values, values),
        side_bias(drawn_votes(50, arms=2, seed=0)),
    ]
    for result in told:
        provenance = result.provenance.as_dict()
        assert provenance["method"]
        assert len(str(provenance["data_hash"])) >= 32
        assert set(result.provenance.versions) == {"marlin", "numpy", "scipy"}
    shuffled = aa_controls([-1, 0, 1])
    assert shuffled.provenance.data_hash == told[0].provenance.data_hash


@pytest.mark.parametrize("people", [["a"], ["a", "a", "a"], ["a", "b"], ["a", "b", "c", "a"]])
def test_a_share_of_sides_is_between_none_and_all(people: list[str]) -> None:
    size = len(people)
    votes = Votes.from_columns(["x"] * size, ["y"] * size, [-2] * size, contributor=people)
    overall = side_bias(votes).overall
    assert (overall.value, overall.high) == (1.0, 1.0)
    assert 0.0 <= overall.low <= 1.0
