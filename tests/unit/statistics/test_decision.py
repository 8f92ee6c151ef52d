"""A registered question: its plan, its looks, its words; and the evidence anyone may watch."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from marlin.statistics import (
    ControlSignal,
    InvalidQuestionError,
    InvalidVotesError,
    NotEnoughVotesError,
    Plan,
    Question,
    Verdict,
    Votes,
    anytime,
    assessed,
    betting,
    clustered_mean,
    controlled_mean,
    detectable,
    looked,
    planned,
)
from marlin.statistics.control_variate import corrected
from marlin.statistics.e_process import log_e_value

QUESTION = Question("new", "old")
PLAN = planned(QUESTION)
SMALL: dict[int, Plan] = {
    1: planned(Question("new", "old", effect=0.1, cap=300, looks=4)),
    2: planned(Question("new", "old", sides=2, effect=0.1, cap=300, looks=4)),
}


def _votes(size: int, share: float, *, seed: int = 0, contributors: int = 60) -> Votes:
    generator = np.random.default_rng(seed)
    preferred, on_a = generator.random(size) < share, generator.random(size) < 0.5
    return Votes.from_columns(
        np.where(on_a, "new", "old"),
        np.where(on_a, "old", "new"),
        np.where(preferred == on_a, -1, 1),
        contributor=generator.integers(0, contributors, size),
    )


def test_the_plan_costs_on_average_about_half_of_a_fixed_design() -> None:
    assert PLAN.fixed == 619
    assert PLAN.cap == 830
    assert PLAN.power == pytest.approx(0.8, abs=0.005)
    assert PLAN.outlook(0.5).shown < 0.05
    mean = np.mean([PLAN.outlook(share).mean_votes for share in (0.5, 0.55, 0.6, 0.65)])
    assert mean < 0.55 * PLAN.fixed
    assert PLAN.outlook(0.55).mean_dollars == pytest.approx(280 * PLAN.outlook(0.55).mean_votes)


def test_clusters_raise_the_price_and_too_few_contributors_are_told() -> None:
    clustered = planned(Question("new", "old", icc=0.05, contributors=100))
    assert clustered.cap > 1.4 * PLAN.cap
    assert clustered.power >= 0.8
    with pytest.raises(InvalidQuestionError, match="5 contributors can't show an effect") as refused:
        planned(Question("new", "old", icc=0.1, contributors=5))
    assert "more than 86 contributors" in str(refused.value.hint)
    assert planned(Question("new", "old", icc=0.1, contributors=90)).power > 0.79


def test_a_cap_says_what_power_is_left() -> None:
    capped = planned(Question("new", "old", cap=300))
    assert capped.cap == 300
    assert 0.3 < capped.power < 0.6
    assert detectable(QUESTION, 300) == pytest.approx(0.0718, abs=0.001)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"baseline": "new"}, "its own baseline"),
        ({"effect": 0}, "effect of 0"),
        ({"alpha": 0.7}, "α of 0.7"),
        ({"power": 0.01}, "power of 0.01"),
        ({"looks": 11}, "11 looks"),
        ({"cap": 3}, "cap of 3"),
        ({"icc": 0.1}, "how many contributors"),
        ({"equal": 1.0}, "equal verdicts of 1"),
    ],
)
def test_a_question_that_can_not_be_meant_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidQuestionError, match=said):
        Question(**{"candidate": "new", "baseline": "old", **changed})


def test_a_better_arm_is_found_and_said_in_words() -> None:
    state = assessed(PLAN, _votes(830, 0.62))
    assert state.verdict is Verdict.BETTER
    assert state.decided
    assert state.more_votes == 0
    assert state.words.startswith("new is preferred, ")
    assert "% interval [" in state.words
    assert "decided by the registered rule at look" in state.words
    assert state.evidence.e_value > 20
    assert state.looks[-1].votes in PLAN.at
    assert f"Hash of the registered question: {QUESTION.registration}." in state.provenance.notes


def test_a_state_under_way_tells_what_the_next_dollar_buys() -> None:
    votes = _votes(200, 0.55, seed=3)
    state = assessed(PLAN, votes)
    assert state.verdict is Verdict.RUNNING
    assert state.more_votes > 0
    assert state.more_dollars == 280 * state.more_votes
    assert f"about {state.more_votes:,} more, ${state.more_dollars:,.0f}" in state.words
    assert [look.votes for look in state.looks] == [83, 166]
    later = assessed(PLAN, _votes(830, 0.55, seed=3))
    assert later.looks[0].upper == state.looks[0].upper


def test_strength_decides_where_the_question_says_so() -> None:
    """Most prefer the old one slightly, some the new one much: which arm that speaks for is what the question says."""
    size = 600
    strong = np.arange(size) % 10 < 4
    votes = Votes.from_columns(["new"] * size, ["old"] * size, np.where(strong, -3, 1), contributor=np.arange(size))
    asked = Question("new", "old", effect=0.1, sides=2, cap=600)
    by_side, by_strength = (assessed(planned(replace(asked, graded=graded)), votes) for graded in (False, True))
    assert (by_side.verdict, by_strength.verdict) == (Verdict.WORSE, Verdict.BETTER)
    assert by_strength.share == pytest.approx(0.5 + 0.6 / 6, abs=0.001)
    assert by_strength.words.startswith("new is preferred, by +")
    assert " of 3 grades, 95 % interval [+0." in by_strength.words
    assert "votes count by their strength" in by_strength.provenance.ties
    assert by_strength.path[-1] == by_strength.evidence


def test_a_plan_by_strength_needs_fewer_and_an_older_question_keeps_its_registration() -> None:
    asked = Question("new", "old")
    assert planned(replace(asked, graded=True)).cap == pytest.approx(0.85 * planned(asked).cap, abs=1)
    assert asked.registration == "60d80328337e31b8"
    assert replace(asked, graded=True).registration != asked.registration


def test_before_the_first_look_nothing_is_claimed() -> None:
    for size in (1, 82):
        state = assessed(PLAN, _votes(size, 0.9))
        assert state.verdict is Verdict.WAITING
        assert (state.evidence.low, state.evidence.high) == (0, 1)
        assert state.words.startswith("Too early to tell")


def test_no_difference_ends_early() -> None:
    verdicts = [assessed(PLAN, _votes(830, 0.5, seed=seed)).verdict for seed in range(40)]
    assert verdicts.count(Verdict.FUTILE) > 30
    assert verdicts.count(Verdict.BETTER) <= 5


def test_which_of_two_is_better_can_be_asked_too() -> None:
    plan = planned(Question("new", "old", sides=2))
    state = assessed(plan, _votes(plan.cap, 0.38))
    assert state.verdict is Verdict.WORSE
    assert state.words.startswith("old is preferred, 6")


_SAID = re.compile(r"\[([\d.]+), ([\d.]+)\]")


@settings(max_examples=40, deadline=None)
@given(
    share=st.floats(0.2, 0.8),
    size=st.integers(1, 330),
    contributors=st.integers(1, 80),
    sides=st.sampled_from([1, 2]),
    seed=st.integers(0, 10_000),
)
def test_words_never_claim_a_preference_that_the_interval_beside_them_leaves_open(
    share: float, size: int, contributors: int, sides: Literal[1, 2], seed: int
) -> None:
    plan = SMALL[sides]
    state = assessed(plan, _votes(size, share, seed=seed, contributors=contributors))
    claim, _, rest = state.words.partition(": stop.")
    shown = _SAID.search(claim)
    if not state.looks:
        assert shown is None
        assert "preferred" not in claim
        return
    assert shown is not None
    low, high = (float(end) for end in shown.groups())
    if "is preferred" in claim:
        assert low > 50, state.words
    elif sides == 2:
        assert low <= 50 <= high, state.words
    decided = state.verdict in (Verdict.BETTER, Verdict.WORSE)
    assert decided == ("is preferred" in claim)
    # What the e-process says otherwise is told in the same breath, with the reason; and nothing where they agree.
    settled = state.evidence.low > 0.5 or state.evidence.high < 0.5
    assert ("anyone may watch" in rest + claim) == (decided != settled), state.words


def test_each_looks_interval_is_what_its_boundary_leaves() -> None:
    for seed in range(20):
        for look in assessed(PLAN, _votes(830, 0.53, seed=seed, contributors=12)).looks:
            assert (look.low > 0.5) == (look.z >= look.upper)
            assert (look.high < 0.5) == (-look.z >= look.upper)
            assert look.low <= look.share <= look.high


def test_intervals_of_all_looks_hold_the_truth_together() -> None:
    generator, wrong = np.random.default_rng(7), 0
    plan = SMALL[2]
    for _ in range(150):
        votes = _votes(plan.cap, 0.6, seed=int(generator.integers(1 << 30)), contributors=20)
        wrong += any(not look.low <= 0.6 <= look.high for look in assessed(plan, votes).looks)
    assert wrong <= 15  # 5 % of 150, and three standard deviations


def test_five_contributors_can_not_settle_what_they_disagree_about() -> None:
    generator = np.random.default_rng(1)
    person = np.arange(830) % 5
    preferred = generator.random(830) < np.array([0.95, 0.9, 0.5, 0.4, 0.25])[person]
    votes = Votes.from_columns(["new"] * 830, ["old"] * 830, np.where(preferred, -1, 1), contributor=person)
    assert float(preferred.mean()) > 0.57
    state = assessed(PLAN, votes)
    assert state.verdict is not Verdict.BETTER
    assert state.evidence.high - state.evidence.low > 0.5


def test_many_judges_of_the_same_tasks_are_no_independent_evidence() -> None:
    generator = np.random.default_rng(2)
    task = np.arange(840) % 42  # forty-two tasks, judged by twenty people each
    person = (np.arange(840) // 42 + np.arange(840)) % 20
    easy = generator.random(42) < 0.57
    preferred = np.where(generator.random(840) < 0.1, ~easy[task], easy[task])
    columns = (["new"] * 840, ["old"] * 840, np.where(preferred, -1, 1))
    alone = assessed(PLAN, Votes.from_columns(*columns, contributor=person))
    honest = assessed(PLAN, Votes.from_columns(*columns, contributor=person, task=task))
    last = min(len(alone.looks), len(honest.looks)) - 1
    assert alone.looks[last].z > 1
    assert honest.looks[last].z < 0.7 * alone.looks[last].z
    assert "798 further judgements" in " ".join(honest.provenance.notes)


def test_unknown_arms_and_unfit_signals_are_refused() -> None:
    votes = _votes(100, 0.5)
    with pytest.raises(InvalidQuestionError, match="no arm is called other"):
        assessed(planned(Question("other", "old")), votes)
    with pytest.raises(InvalidVotesError, match="3 signals for 100 votes"):
        assessed(PLAN, votes, control=ControlSignal(np.zeros(3), np.zeros(3)))


def test_the_clustered_mean_of_equal_clusters_is_students_t() -> None:
    sums = np.array([[3.0, 4, 6, 2, 5]])
    found = clustered_mean(sums, np.full(5, 8.0))
    means = sums[0] / 8
    assert found.standard_error[0] == pytest.approx(means.std(ddof=1) / np.sqrt(5))
    assert found.df[0] == pytest.approx(4)


def test_z_values_are_as_extreme_as_their_t() -> None:
    found = clustered_mean(np.array([5.0, 7, 6, 8]), np.full(4, 10.0))
    t = (float(found.mean) - 0.5) / float(found.standard_error)
    assert 0 < float(found.z()) < t


def test_agreement_of_all_is_no_certainty() -> None:
    found = clustered_mean(np.ones(3), np.ones(3))
    assert float(found.standard_error) > 0.1
    assert np.isfinite(found.z())


def test_bets_gain_nothing_on_average_under_the_null() -> None:
    generator = np.random.default_rng(0)
    leaning = np.clip(generator.normal(0.5, 0.2, (40_000, 8)), 0, 1)
    sizes = np.array([1, 2, 5, 5, 10, 20, 20, 40])
    sums = generator.binomial(sizes, leaning)
    value = np.exp(log_e_value(sums.astype(float), sizes.astype(float)))
    assert value.mean() < 1 + 4 * value.std() / 200
    assert (value >= 20).mean() <= 0.05


def test_the_interval_holds_at_all_looks_at_once() -> None:
    looks, missed = [40, 80, 120, 160], 0
    for seed in range(200):
        generator = np.random.default_rng(seed)
        person = np.arange(160) % 20
        taste = np.clip(generator.normal(0.6, 0.15, 20), 0, 1)
        values = (generator.random(160) < taste[person]).astype(float)
        found = [anytime(values, person, looks[: done + 1], planned=4) for done in range(4)]
        missed += any(not state.low <= 0.6 <= state.high for state in found)
        assert found[-1].high - found[-1].low <= found[0].high - found[0].low
    assert missed <= 10


def test_betting_on_independent_values_keeps_its_promise() -> None:
    values = (np.random.default_rng(0).random((4000, 500)) < 0.5).astype(float)
    assert (betting(values).max(axis=1) >= 20).mean() < 0.05
    better = (np.random.default_rng(1).random((200, 500)) < 0.65).astype(float)
    assert (betting(better).max(axis=1) >= 20).mean() > 0.95


def test_looks_are_checked() -> None:
    values = np.ones(10)
    for looks, said in (([5, 5], "not in order"), ([20], "but there are 10")):
        with pytest.raises(InvalidQuestionError, match=said):
            anytime(values, None, looks)
    with pytest.raises(InvalidQuestionError, match="2 looks, but 1 were planned"):
        anytime(values, None, [5, 10], planned=1)
    with pytest.raises(InvalidQuestionError, match="outside 0 to 1"):
        anytime(values * 2, None, [5])


def _with_signal(correlation: float, seed: int, size: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    latent = generator.normal(size=size + 4000)
    noise = generator.normal(size=size + 4000)
    strength = min(correlation / 0.798, 1.0)  # a sign keeps that much of a normal's correlation
    signal = strength * latent + np.sqrt(1 - strength**2) * noise
    return (latent[:size] > 0).astype(float), signal[:size], signal[size:]


def test_a_good_signal_saves_votes_and_a_useless_one_harms_nothing() -> None:
    for correlation, least, most in ((0.5, 0.15, 0.35), (0.0, 0.0, 0.02)):
        found = [controlled_mean(*_with_signal(correlation, seed)) for seed in range(60)]
        assert least <= np.mean([one.saved for one in found]) <= most
        errors = np.array([one.estimate.value - 0.5 for one in found])
        plain = np.array([one.plain.value - 0.5 for one in found])
        assert errors.std() < plain.std() * 1.05
        covered = np.mean([one.estimate.low <= 0.5 <= one.estimate.high for one in found])
        assert covered > 0.85


def test_a_lying_signal_can_not_bias_the_answer() -> None:
    values, signal, unrated = _with_signal(0.0, 1)
    found = controlled_mean(values, signal + 5, unrated + 7)
    assert abs(found.estimate.value - found.plain.value) < 0.2
    steady = controlled_mean(values, np.ones(400), np.ones(50))
    assert steady.weight == 0
    assert steady.estimate == steady.plain


def test_signals_are_checked() -> None:
    with pytest.raises(NotEnoughVotesError):
        controlled_mean(np.array([]), np.array([]), np.array([1.0]))
    with pytest.raises(InvalidVotesError, match="a vote or a signal is missing"):
        controlled_mean(np.ones(3), np.array([1, np.nan, 2]), np.ones(3))


def test_a_control_variate_enters_the_looks() -> None:
    generator = np.random.default_rng(5)
    votes = _votes(830, 0.56, seed=5)
    towards_a = np.where(votes.grade < 0, 1.0, -1.0) + generator.normal(0, 1.5, 830)
    unrated = np.where(generator.random(5000) < 0.56, 1.0, -1.0) + generator.normal(0, 1.5, 5000)
    state = assessed(PLAN, votes, control=ControlSignal(towards_a, unrated))
    assert state.looks[0].control_weight > 0.05
    assert "PPI++" in state.provenance.method
    assert ndtr(state.looks[-1].z) <= 1


def test_a_control_variate_that_is_none_changes_nothing() -> None:
    votes = _votes(830, 0.56, seed=5)
    still, there = np.zeros(830), np.ones(200)
    plain = looked(PLAN, votes)
    assert looked(PLAN, votes, control=ControlSignal(still, there)) == tuple(
        replace(look, control_pool=200) for look in plain
    )
    noise = np.random.default_rng(1).normal(size=830)
    assert looked(PLAN, votes, control=ControlSignal(noise, np.array([]))) == plain


def test_a_look_in_the_past_sees_the_pairs_of_its_time_and_comes_out_alike_for_ever() -> None:
    generator = np.random.default_rng(5)
    votes = _votes(400, 0.53, seed=7)
    towards_a = np.where(votes.grade < 0, 1.0, -1.0) + generator.normal(0, 1, 400)
    unrated = np.where(generator.random(900) < 0.53, 1.0, -1.0) + generator.normal(0, 1, 900)
    since = np.sort(generator.integers(0, 400, 900))
    full = looked(PLAN, votes, control=ControlSignal(towards_a, unrated, since, since + 60))
    assert full[0].control_weight > 0.05
    early = since <= 180
    then = ControlSignal(towards_a[:180], unrated[early], since[early], since[early] + 60)
    assert looked(PLAN, votes.select(np.arange(180)), control=then) == full[:2]
    assert full[0].control_pool == np.count_nonzero((since <= 83) & (since + 60 > 83))


def test_both_bad_verdicts_that_a_signal_foretells_do_not_move_the_share() -> None:
    generator = np.random.default_rng(3)
    size = 20_000
    signal = generator.normal(0.5, 1, size)
    liking = 0.6 * (signal - 0.5) + 0.8 * generator.normal(size=size)
    bad = generator.random(size) < np.where(signal > 0.5, 0.5, 0.0)
    values = np.where(bad, np.nan, (liking > 0).astype(float))
    found = corrected(values, signal, generator.normal(0.5, 1, 50_000), generator.integers(0, 50, size))
    assert found is not None
    assert found.weight > 0.05
    assert float(found.values.mean()) == pytest.approx(float(np.nanmean(values)), abs=0.012)


@pytest.mark.parametrize("grade", [-3, 0, 3])
def test_votes_that_all_agree_claim_no_certainty_with_a_control_variate_either(grade: int) -> None:
    size, generator = 24, np.random.default_rng(5)
    votes = Votes.from_columns(["old"] * size, ["new"] * size, [grade] * size, contributor=np.arange(size) % 12)
    plan = planned(Question("new", "old", sides=2, effect=0.125, cap=60, contributors=12))
    signal = ControlSignal(generator.random(size), generator.random(40))
    for look in looked(plan, votes, control=signal):
        assert look.high - look.low > 0.01
    assert looked(plan, votes, control=signal)[0].low < 0.95


def test_a_first_look_at_six_votes_is_six_coins() -> None:
    """One chance in 64 that all fall to one side is more than a first look may spend."""
    plan = planned(Question("new", "old", sides=2, effect=0.125, cap=60))
    for grade, sign in ((3, 1), (-3, -1)):
        votes = Votes.from_columns(["old"] * 6, ["new"] * 6, [grade] * 6, contributor=np.arange(6))
        (look,) = looked(plan, votes)
        assert look.verdict is Verdict.RUNNING
        assert ndtr(-sign * look.z) == pytest.approx(1 / 64)
        assert look.low <= 0.5 <= look.high
    ties = Votes.from_columns(["old"] * 6, ["new"] * 6, [0] * 6, contributor=np.arange(6))
    assert looked(plan, ties)[0].z == 0


def test_one_comparison_is_one() -> None:
    one = Votes.from_columns(["old"], ["new"], [1], contributor=["ada"])
    assert assessed(PLAN, one).words.startswith("Too early to tell, 1 comparison: ")
