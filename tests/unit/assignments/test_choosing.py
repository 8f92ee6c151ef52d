"""What somebody does next, from counts and a lot."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marlin.assignments.choosing import Standing, choose, lot, refusal
from marlin.campaigns import AssignmentPolicy, draw_pair
from marlin.errors import MarlinError


def test_overlap_comes_whenever_the_campaign_has_less_of_it_than_it_wants() -> None:
    policy = AssignmentPolicy(overlap_rate=0.25)
    originals = repeats = 0
    for _ in range(200):
        kind = choose(policy, Standing(originals=originals, repeats=repeats), 0.5, gold=False, overlap=originals > 0)
        originals, repeats = originals + (kind == "own"), repeats + (kind == "overlap")
    assert repeats == pytest.approx(0.25 * originals, abs=1)


def test_three_people_an_item_take_twice_the_repeats() -> None:
    policy = AssignmentPolicy(overlap_rate=0.1, overlap_people=3)
    assert choose(policy, Standing(originals=10, repeats=1), 0.5, gold=False, overlap=True) == "overlap"
    assert choose(policy, Standing(originals=10, repeats=2), 0.5, gold=False, overlap=True) == "own"


def test_gold_comes_by_lot_and_at_its_rate() -> None:
    policy = AssignmentPolicy(gold_rate=0.2, overlap_rate=0)
    kinds = [choose(policy, Standing(), lot(str(n)), gold=True, overlap=True) for n in range(4000)]
    assert set(kinds) == {"gold", "own"}
    assert kinds.count("gold") / len(kinds) == pytest.approx(0.2, abs=0.025)
    assert choose(policy, Standing(), 0.0, gold=False, overlap=False) == "own", "none is left for this person"


def test_judging_once_more_comes_by_the_other_end_of_the_lot() -> None:
    policy = AssignmentPolicy(gold_rate=0.5, again_rate=0.5, overlap_rate=0)
    drawn = [lot(str(n)) for n in range(4000)]
    kinds = [choose(policy, Standing(), one, gold=True, overlap=True, again=True) for one in drawn]
    assert set(kinds) == {"gold", "again"}, "at the highest rates neither takes from the other"
    few = AssignmentPolicy(again_rate=0.1)
    kinds = [choose(few, Standing(), one, gold=False, overlap=False, again=True) for one in drawn]
    assert kinds.count("again") / len(kinds) == pytest.approx(0.1, abs=0.02)
    assert choose(few, Standing(), 0.999, gold=False, overlap=False) == "own", "there is nothing of theirs yet"


def test_gold_comes_first_where_a_campaign_qualifies_people() -> None:
    policy = AssignmentPolicy(gold_to_qualify=2, qualify_share=0.5)
    assert choose(policy, Standing(gold_judged=1), 0.99, gold=True, overlap=True) == "gold"
    without = choose(policy, Standing(gold_judged=1), 0.99, gold=False, overlap=True)
    assert isinstance(without, MarlinError)
    assert without.code == "nothing-to-qualify"
    assert refusal(policy, Standing(gold_judged=1, gold_agreed=0)) is None, "not before all of them are judged"
    assert refusal(policy, Standing(gold_judged=2, gold_agreed=1)) is None
    failed = refusal(policy, Standing(gold_judged=2, gold_agreed=0))
    assert failed is not None
    assert failed.code == "not-qualified"


@given(total=st.integers(0, 300), mine=st.integers(0, 300), share=st.floats(0.01, 1.0))
def test_nobody_gets_past_their_share_once_it_counts(total: int, mine: int, share: float) -> None:
    policy = AssignmentPolicy(contributor_share=share, share_from=20)
    refused = refusal(policy, Standing(total=total, mine=min(mine, total)))
    if total < 20:
        assert refused is None
    elif refused is None:
        assert min(mine, total) + 1 <= share * (total + 1)
    else:
        assert refused.code == "share-reached"
        assert refused.hint


def test_a_full_or_paused_campaign_says_so() -> None:
    full = refusal(AssignmentPolicy(max_comparisons=3), Standing(total=3))
    assert full is not None
    assert (full.code, "3 comparisons" in full.message) == ("campaign-full", True)
    paused = refusal(AssignmentPolicy(paused=True, pause_reason="We look at the first results."), Standing())
    assert paused is not None
    assert "We look at the first results." in paused.message
    with pytest.raises(ValueError, match="pause_reason"):
        AssignmentPolicy(paused=True)


def test_a_draw_of_arms_can_be_repeated_and_an_arm_meets_itself_at_the_rate() -> None:
    arms = [uuid4() for _ in range(3)]
    drawn = [draw_pair(arms, aa_rate=0.1) for _ in range(3000)]
    same = [pair for pair, _ in drawn if pair[0] == pair[1]]
    assert len(same) / len(drawn) == pytest.approx(0.1, abs=0.025)
    assert {pair[0] for pair in same} == set(arms)
    for pair, record in drawn[:200]:
        assert record["aa"] == (pair[0] == pair[1])
        again, _ = draw_pair(list(reversed(arms)), seed=record["seed"], aa_rate=record["aa_rate"])
        assert again == pair
    assert all(first != second for (first, second), _ in (draw_pair(arms) for _ in range(500)))


def test_without_controls_the_pairs_are_those_of_earlier_records() -> None:
    """``sha256-pair-1`` is on record in comparisons that were made before there were controls."""
    arms = [uuid4() for _ in range(4)]
    for number in range(200):
        old, _ = draw_pair(arms, seed=str(number))
        new, record = draw_pair(arms, seed=str(number), aa_rate=0.5)
        assert record["aa"] or new == old
