"""What waits for a person: enough of a value's surroundings to decide, never a value; and nobody's decision lost."""

from __future__ import annotations

import json
import multiprocessing
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marlin.datasets import note_dataset
from marlin.datasets.choosing import Gathered
from marlin.datasets.deciding import Said, prepare
from marlin.datasets.errors import HeldDecidedError, HeldFileError
from marlin.datasets.held import HeldStore, Values
from marlin.datasets.holding import campaigns_held, decisions_for, held_values
from marlin.datasets.making import _held
from marlin.datasets.places import _Patch, places_of
from marlin.datasets.schemas import HeldCampaignOut
from marlin.datasets.scrubbing import Scrubber
from marlin.datasets.suspicions import suspicion_id, suspicions_in
from marlin.datasets.wishes import Wish
from marlin.errors import NotFoundError

KEY, OTHER = "q8Zx72LmPp0aWe34Kd", "b7Tr51NnQq9sXc22Jf"
TOKEN = "ghp_" + "A1b2" * 9
PATCH = (
    "diff --git a/old.py b/old.py\n--- a/old.py\n+++ b/old.py\n@@ -1 +1 @@\n-a\n+b\n"
    "diff --git a/app/conf.py b/app/conf.py\n--- a/app/conf.py\n+++ b/app/conf.py\n@@ -7,3 +9,3 @@ def f():\n x = 1\n"
    f"-y = 2\n+API_KEY = '{KEY}'  # of the shop\n"
)


def row(**more: Any) -> dict[str, Any]:
    side: dict[str, Any] = {"patch": "", "messages": []}
    return {"id": "cmp-2", "request": "", "prompt": [], "a": dict(side), "b": dict(side), "ratings": []} | more


def held_in(*rows: dict[str, Any], **decisions: Any) -> dict[str, Any]:
    """What a build of these rows holds."""
    gathered = Gathered(Wish())
    for one in rows:
        scrubber = Scrubber(decisions=decisions)
        clean = scrubber.value(one)
        entry = {"held": _held(scrubber, clean)}
        for name, held in entry["held"].items():
            found = gathered.held.setdefault(name, {**held, "rows": [one["id"]], "count": 0})
            found["count"] += 1
    return gathered.held


def test_places_tell_file_line_and_speaker() -> None:
    messages = [{"role": "assistant", "content": "."}, {"role": "tool", "content": f"$ env\nAPI_KEY='{KEY}' # again\n"}]
    found = row(a={"patch": PATCH, "messages": []}, b={"patch": "", "messages": messages})
    (one,) = held_in(found).values()
    assert [(place["where"], place["before"], place["after"]) for place in one["places"]] == [
        ("side A’s change, app/conf.py, line 10", "+API_KEY = '", "'  # of the shop"),
        ("side B, tool output, message 2", "API_KEY='", "' # again"),
    ]
    told = [(place["side"], place["file"], place["line"], place["which"]) for place in one["places"]]
    assert told == [("A", "app/conf.py", 10, "new"), ("B", None, None, None)]


def test_a_row_without_suspicions_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marlin.datasets.making.places_of", pytest.fail)
    scrubber = Scrubber()
    assert _held(scrubber, scrubber.value(row(request="Nothing of that kind."))) == {}
    assert places_of(row(), []) == {}


VALUES = st.lists(
    st.text(string.ascii_letters + string.digits + "+/=_-.,;(", min_size=12, max_size=60), min_size=2, max_size=4
)
AROUND = st.text(string.ascii_letters + " \t\"'=;#/…\\", max_size=120)


@settings(max_examples=25, deadline=None)
@given(VALUES, st.data())
def test_no_value_and_no_known_secret_is_ever_told(
    tmp_path_factory: pytest.TempPathFactory, values: list[str], data: st.DataObject
) -> None:
    rows = []
    for value in values:
        line = data.draw(AROUND) + "".join(
            data.draw(st.sampled_from([*values, f" {TOKEN}"])) + data.draw(AROUND) for _ in range(3)
        )
        text = f"first line\n{data.draw(AROUND)}{line} API_KEY = '{value}' {line}\nlast"
        head = f"diff --git a/{value}.py b/{value}.py\n--- a/{value}.py\n+++ b/{value}.py\n@@ -1 +1 @@\n"
        patch = f"{head}+{line} SECRET='{value}'\n"
        rows.append(row(request=text, a={"patch": patch, "messages": [{"role": "tool", "content": text}]}))
    folder = tmp_path_factory.mktemp("held")
    store = HeldStore(folder, "spring")
    for one in rows:  # builds of their own: what each holds, the others did not know
        store.note(held_in(one))
    told = store.read()
    known = [value for value in values if suspicion_id(value) in told] + [TOKEN]
    texts = [text for one in told.values() for text in _texts(one.model_dump(mode="json"))]
    assert [(value, text) for value in known for text in texts if value in text] == []
    assert all(len(place.before) <= 90 and len(place.after) <= 90 for one in told.values() for place in one.places)


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """KEY is held in the data folder and on a shelf, OTHER on the shelf alone."""
    both = held_in(row(request=f"API_KEY = '{KEY}' or API_KEY = '{OTHER}'"))
    HeldStore(tmp_path / "home" / "datasets", "spring").note({suspicion_id(KEY): both[suspicion_id(KEY)]})
    HeldStore(tmp_path / "shelf", "spring").note(both)
    note_dataset(tmp_path / "home", tmp_path / "shelf" / "spring-1")
    return tmp_path / "home"


def decide(home: Path, campaign: str, said: dict[str, Said], *, by: str) -> list[str]:
    """As when the transaction is committed that the audit entry is in."""
    prepared = prepare(home, campaign, said, by=by)
    if prepared is None:
        return []
    prepared.show()
    assert list((home / "datasets").glob(".deciding-*")) == []
    return list(prepared.changed)


def test_a_decision_holds_in_every_folder_and_can_be_taken_back(home: Path, tmp_path: Path) -> None:
    key, other = suspicion_id(KEY), suspicion_id(OTHER)
    assert campaigns_held(home) == {"spring"}
    with pytest.raises(NotFoundError):
        decide(home, "spring", {key: Said("keep"), "unheard-of": Said("keep")}, by="jo")
    assert decide(home, "spring", {key: Said("keep"), other: Said("redact")}, by="jo") == [key, other]
    assert decide(home, "spring", {key: Said("keep")}, by="al") == []
    for folder in (home / "datasets", tmp_path / "shelf", tmp_path / "new"):
        assert decisions_for(home, "spring", folder) == {key: "keep", other: "redact"}
    HeldStore(home / "datasets", "spring").note(held_in(row(request=f"API_KEY = '{KEY}'")))
    assert held_values(home, "spring")[0][key].by == "jo"
    decide(home, "spring", {key: Said(None)}, by="al")
    found: Values = held_values(home, "spring")[0]
    assert (found[key].decision, found[key].by) == (None, "al")
    assert decisions_for(home, "spring", home / "datasets") == {other: "redact"}


def test_what_somebody_else_decided_meanwhile_is_told_and_stays(home: Path) -> None:
    key, other = suspicion_id(KEY), suspicion_id(OTHER)
    decide(home, "spring", {key: Said("keep", None, sighted=True)}, by="jo")
    said = {other: Said("redact", None, sighted=True), key: Said("redact", None, sighted=True)}
    with pytest.raises(HeldDecidedError, match="jo has decided to keep") as refused:
        decide(home, "spring", said, by="al")
    (told,) = refused.value.details["held"]
    assert (told["id"], told["decision"], told["by"]) == (key, "keep", "jo")
    assert decisions_for(home, "spring", home / "datasets") == {key: "keep"}
    seen = held_values(home, "spring")[0][key].at
    assert decide(home, "spring", {key: Said("redact", seen, sighted=True)}, by="al") == [key]


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"a": 1}', '{"a": {"name": "K", "shown": "whole", "rows": [], "count": 1}}', "[" * 100_000, "\xff"],
)
def test_a_torn_or_hostile_file_is_named(home: Path, text: str) -> None:
    path = home / "datasets" / ".held-spring.json"
    path.write_bytes(text.encode("latin-1"))
    values, problems = held_values(home, "spring")
    assert (len(values), len(problems)) == (2, 1)  # the shelf's are there
    assert str(path) in problems[0].message
    for attempt in (
        lambda: decide(home, "spring", {suspicion_id(KEY): Said("keep")}, by="jo"),
        lambda: decisions_for(home, "spring", home / "datasets"),
    ):
        with pytest.raises(HeldFileError, match=r"\.held-spring\.json can't be read"):
            attempt()
    assert path.read_bytes() == text.encode("latin-1")


def _decide(home: Path, name: str) -> None:
    decide(home, "spring", {name: Said("keep")}, by=name)


def test_several_at_once_lose_nothing(tmp_path: Path) -> None:
    one = {"name": "KEY", "shown": "abc… (12 characters)", "rows": ["r-1"], "count": 1}
    names = [f"{number:012x}" for number in range(12)]
    store = HeldStore(tmp_path / "datasets", "spring")
    store.note(dict.fromkeys(names, one))
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_decide, args=(tmp_path, name)) for name in names]
    for process in processes:
        process.start()
    for number in range(12):
        store.note({f"{number + 100:012x}": one})
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * len(names)
    assert {name: value.by for name, value in store.read().items() if value.decision} == {name: name for name in names}
    assert len(json.loads(store.path.read_bytes())) == 24


def test_what_waits_comes_first_and_most_rows_before_fewer(home: Path) -> None:
    values = {f"{number:012x}": one for number, one in enumerate([*held_values(home, "spring")[0].values()] * 2)}
    values = {name: one.model_copy(update={"count": number}) for number, (name, one) in enumerate(values.items())}
    values["000000000003"].decision = "keep"
    campaign: Any = type("Row", (), {"id": "0" * 32, "slug": "spring", "title": "Spring"})()
    out = HeldCampaignOut.of(campaign, values, [])
    assert [int(one.id) for one in out.values] == [2, 1, 0, 3]
    assert (out.undecided, out.total, out.values[0].places[0].comparison_id, out.values[0].places[0].turn) == (
        3, 4, "cmp", 2,
    )  # fmt: skip


def test_each_line_of_a_patch_is_looked_at_once_however_many_values_it_holds() -> None:
    looked = 0

    class Counting(_Patch):
        def _look(self) -> None:
            nonlocal looked
            looked += 1
            super()._look()

    added = [f"+line {number}" if number % 3 else f" kept {number}" for number in range(3000)]
    text = "\n".join(["diff --git a/x.py b/x.py", "--- a/x.py", "+++ b/x.py", "@@ -5,1000 +5,3000 @@", *added])
    patch, at, numbers = Counting(text), text.index("@@\n") + 3, []
    for line in added:
        numbers.append(patch.at(at))
        at += len(line) + 1
    assert numbers == [("x.py", 5 + number, "new") for number in range(3000)]
    assert looked == len(text.split("\n"))


def test_values_of_one_long_line_are_shown_with_what_is_near_alone() -> None:
    line = " ".join(f"API_KEY='{KEY[:-4]}{number:04}'" for number in range(300))
    found = places_of(row(request=line), [one for one, _ in suspicions_in(line)])
    texts = [place[side] for places in found.values() for place in places for side in ("before", "after")]
    assert max(map(len, texts)) <= 82
    assert all(text.startswith("…") for text in texts[8::2])
