"""Every example follows the format that ``marlin/examples/README.md`` describes."""

import json
import re
import tomllib
from pathlib import Path

import pytest

import marlin.agents
from marlin import examples
from marlin.examples.errors import BrokenExampleError, ExampleNotFoundError


@pytest.mark.parametrize("name", examples.list_briefs())
def test_brief_is_complete(name: str) -> None:
    brief = examples.load_brief(name)
    assert brief.title
    assert brief.summary
    assert len(brief.prompt) > 200
    assert brief.acceptance_criteria.startswith("- ")
    assert brief.follow_up
    assert brief.source.startswith(("example:", "pypi:"))
    assert 5 <= brief.effort_minutes <= 120
    assert len(brief.acceptance_checks) >= 2
    assert len({check.name for check in brief.acceptance_checks}) == len(brief.acceptance_checks)
    for check in brief.acceptance_checks:
        program = next(word for word in check.command.split() if word.startswith("/opt/marlin/checks/"))
        assert (brief.checks_dir / program.removeprefix("/opt/marlin/checks/")).is_file()
        assert 0 < check.time_limit_seconds <= 300


@pytest.mark.parametrize("name", examples.list_briefs())
def test_brief_reads_like_a_request_of_a_professional(name: str) -> None:
    """The lints of briefs warn about these; our own must not need them."""
    brief = examples.load_brief(name)
    for phrase in ("pull request", "you are a ", "act as", "/opt/marlin", "acceptance check"):
        assert phrase not in f"{brief.prompt} {brief.acceptance_criteria} {brief.follow_up}".lower()


@pytest.mark.parametrize("name", examples.list_briefs())
def test_expected_results_fit_the_checks(name: str) -> None:
    expected = examples.expected_results(name)
    families = examples.list_families(name)
    assert set(expected) == {"base", *families}
    assert len(families) >= 2
    checks = len(examples.load_brief(name).acceptance_checks)
    assert all(len(passes) == checks for passes in expected.values())
    assert not all(expected["base"])
    assert all(expected["careful"])
    assert not all(expected["hasty"])


@pytest.mark.parametrize("name", examples.list_briefs())
def test_scripts_parse_and_answer_a_follow_up(name: str) -> None:
    for family in examples.list_families(name):
        script = examples.load_script(examples.script_path(name, family))
        for turn in (1, 2, 9):
            steps = script.steps(turn, "", lambda path: None)
            assert steps
            assert "message" in steps[-1]


def test_scripts_do_not_name_their_family() -> None:
    """An arm's words must not tell which arm it is."""
    for name in examples.list_briefs():
        for family in examples.list_families(name):
            text = examples.script_path(name, family).read_text(encoding="utf-8").lower()
            assert "careful" not in text
            assert "hasty" not in text


def test_a_brief_without_script_gets_the_generic_one() -> None:
    path = examples.script_path(None, "careful")
    assert path == examples.script_path("no-such-brief", "hasty")
    steps = examples.load_script(path).steps(1, "", lambda _: None)
    assert steps is not None
    assert [next(iter(step)) for step in steps] == ["run", "message"]
    assert "No model is behind me" in steps[-1]["message"]


@pytest.mark.parametrize("name", examples.list_campaigns())
def test_campaign_names_briefs_and_families_that_exist(name: str) -> None:
    campaign = tomllib.loads(examples.load_campaign_text(name))
    assert campaign["slug"] == name
    assert campaign["min_turns"] == 2
    assert set(campaign["example_briefs"]) <= set(examples.list_briefs())
    assert len(campaign["arms"]) == 2
    for arm in campaign["arms"]:
        for brief in campaign["example_briefs"]:
            assert arm["settings"]["script"] in examples.list_families(brief)


def test_only_the_demo_looks_at_the_host() -> None:
    images = {n: tomllib.loads(examples.load_campaign_text(n))["base_images"] for n in examples.list_campaigns()}
    assert [name for name, image in images.items() if image == ["host-view"]] == ["demo"]


def test_unknown_names_say_what_there_is() -> None:
    with pytest.raises(ExampleNotFoundError) as brief:
        examples.load_brief("../briefs/stockroom-import")
    assert "stockroom-import" in (brief.value.hint or "")
    with pytest.raises(ExampleNotFoundError) as campaign:
        examples.load_campaign_text("nope")
    assert "demo" in (campaign.value.hint or "")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ({"turns": [{"steps": [{"run": "a", "sleep": 1}]}]}, "run needs"),
        ({"turns": [{"steps": [{"fly": "a"}]}]}, "none of the format"),
        ({"turns": [{"steps": [{"edit": "a", "old": "b"}]}]}, "edit needs"),
        ({"turns": [{"steps": [{"edit": {"path": "a"}, "old": "b", "new": "c"}]}]}, "none of the format"),
        ({"turns": [{"when_start_has": {"path": "a"}, "steps": []}]}, "needs path and text"),
        ({"turns": [], "other": 1}, "unknown keys"),
    ],
)
def test_broken_scripts_are_refused(tmp_path, script, message) -> None:
    path = tmp_path / "script.json"
    path.write_text(json.dumps(script))
    with pytest.raises(BrokenExampleError, match=message):
        examples.load_script(path)


TURNS = [
    {"steps": [{"message": "one"}]},
    {"when_start_has": {"path": "a", "text": "x"}, "steps": [{"message": "two, with x"}]},
    {"turn": 2, "steps": [{"message": "two"}]},
    {"match": "dry.run", "when_start_has": {"path": "a", "text": "y"}, "steps": [{"message": "dry, with y"}]},
    {"match": "dry.run", "turn": 4, "steps": [{"message": "dry"}]},
]
CHOICES = [
    (1, "", None, "one"),
    (2, "", "wxy", "two, with x"),
    (2, "", "wy", "two"),
    (2, "", None, "two"),
    (3, "", None, "later"),
    (1, "a dry run", "xy", "dry, with y"),
    (1, "a dry run", None, "dry"),
    (4, "", "y", "dry"),
    (5, "", "y", "later"),
]


@pytest.mark.parametrize(("turn", "prompt", "file", "said"), CHOICES)
def test_a_turn_is_chosen_by_prompt_number_and_start(tmp_path, turn, prompt, file, said) -> None:
    path = tmp_path / "script.json"
    path.write_text(json.dumps({"turns": TURNS, "default": {"steps": [{"message": "later"}]}}))
    assert examples.load_script(path).steps(turn, prompt, {"a": file}.get) == ({"message": said},)


@pytest.mark.parametrize(("turn", "prompt", "file", "said"), CHOICES)
def test_the_scripted_agent_chooses_the_same_turn(tmp_path, monkeypatch, turn, prompt, file, said) -> None:
    monkeypatch.syspath_prepend(str(Path(marlin.agents.__file__).parent / "programs"))
    from scripted_agent import Player

    class Session:
        def absolute(self, path: str) -> Path:
            return tmp_path / path

    if file is not None:
        (tmp_path / "a").write_text(file)
    player = Player({"turns": TURNS, "default": {"steps": [{"message": "later"}]}})
    chosen = player.choose(Session(), turn - 1, prompt)
    assert chosen["steps"] == [{"message": said}]


@pytest.mark.parametrize("name", examples.list_briefs())
def test_text_is_not_broken_where_its_file_is(name: str) -> None:
    brief = examples.load_brief(name)
    for text in (brief.prompt, brief.acceptance_criteria, brief.follow_up):
        assert all(line.strip() == line for line in text.splitlines()), "a continued list item keeps no indentation"
        assert re.search(r"[a-z,]\n[a-z]", text) is None
    assert brief.acceptance_criteria.count("\n- ") >= 3, "list items stay lines of their own"
