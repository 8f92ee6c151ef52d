"""Text made to be slow to read: the readers of what agents, repositories and contributors write take linear time.

Nothing is timed here. Before their patterns were mended these cases took minutes, hours, or longer than anybody waited.
"""

from __future__ import annotations

import pytest
from identify.vendor.licenses import LICENSES

from marlin.agents.conversation import REMINDER
from marlin.agents.redaction import PLACEHOLDER, RedactedStream, Redactor
from marlin.agents.tool_calls import output_of
from marlin.campaigns import Answers
from marlin.comparisons.linters import LINTERS
from marlin.comparisons.size import measure
from marlin.datasets.licence_texts import licences_of
from marlin.ratings.checker import (
    MOST_OF_A_RULE,
    ResultFacts,
    TurnWork,
    check_answers,
    check_follow_up,
    check_submission,
)
from marlin.tasks.checks import summarise
from marlin.tasks.outcomes import read_outcomes
from marlin.tasks.prompting import style_slips
from marlin.toml_texts import read_toml

FIELD = 20_000
"""Characters that a contributor may write into one field."""
MEGABYTE = 1_000_000
TEXTS = ("strengths_a", "weaknesses_a", "strengths_b", "weaknesses_b", "justification")


def of_length(length: int, repeated: str, start: str = "") -> str:
    return (start + repeated * (length // len(repeated)))[:length]


@pytest.mark.parametrize("repeated", ["\n", " ", "-", "A > B\n", "A beats B overall here ", "“", "[A#", "." * 7])
def test_the_checker_comes_to_an_end(repeated: str) -> None:
    text = of_length(FIELD, repeated, "`a.py` ")
    answers = Answers.model_validate({"axes": {"correctness": -3}, "overall": -3} | dict.fromkeys(TEXTS, text))
    found = check_submission([TurnWork(1, "Fix the import.", "ready", answers)], min_turns=1)
    assert "strength-is-weakness" in {problem.code for problem in found}
    assert check_follow_up(of_length(60_000, repeated), ["Fix the import."]) is not None


def test_a_clause_without_an_end_is_looked_through_once() -> None:
    facts = ResultFacts(paths=frozenset(), words=frozenset())
    fields = dict.fromkeys(TEXTS, of_length(FIELD, "A adds `foo` "))
    answers = Answers.model_validate({"axes": {"correctness": -3}, "overall": -3} | fields)
    found = check_answers(TurnWork(1, "Fix the import.", "ready", answers, {"A": facts, "B": facts}))
    assert [problem.code for problem in found].count("praise-of-what-is-not-there") == MOST_OF_A_RULE


@pytest.mark.parametrize("repeated", ["\n", " ", "1", "- "])
def test_prompts_are_read_to_their_end(repeated: str) -> None:
    prompt = of_length(60_000, repeated) + "\n  You are a senior engineer."
    assert [slip.code for slip in style_slips(prompt)] == ["role-play"]


@pytest.mark.parametrize("repeated", ["`", "claude/", "gpt-", "a", "/a"])
def test_names_are_redacted_wherever_they_stand(repeated: str) -> None:
    text = of_length(100_000, repeated)
    assert Redactor(["zeta-nine"]).clean(f"{text} zeta-nine").endswith(PLACEHOLDER)


def test_a_word_that_does_not_end_is_not_held_back() -> None:
    stream = RedactedStream(Redactor())
    shown = [stream.feed("gpt-" if number == 0 else "0123456789abcdef") for number in range(5_000)]
    assert any(shown[:100])
    assert shown[-1]


@pytest.mark.parametrize("repeated", ["\n", "<system-reminder>", "<", "`"])
def test_reminders_are_taken_out_of_any_output(repeated: str) -> None:
    text = of_length(MEGABYTE, repeated)
    assert REMINDER.sub("", f"{text}<system-reminder>be kind</system-reminder>  ") == text.rstrip("\n")
    told = {"content": [{"type": "content", "content": {"type": "text", "text": f"{text}."}}]}
    assert output_of(told).endswith(".")


def test_reminders_beside_each_other_are_both_taken_out() -> None:
    reminder = "<system-reminder>a <b> c\n</system-reminder>"
    assert REMINDER.sub("", f"one\n{reminder}\n {reminder}\ntwo") == "onetwo"


@pytest.mark.parametrize("repeated", [" ", "\t", "0", "."])
def test_manifests_with_long_lines_are_measured(repeated: str) -> None:
    line = of_length(100_000, repeated)
    starts = {
        "pyproject.toml": '"a',
        "requirements.txt": "a",
        "setup.cfg": " a",
        "go.mod": "require a",
        "Cargo.toml": "a={",
    }
    after = {name: f"{start}{line}!\n".encode() for name, start in starts.items()}
    assert measure(dict.fromkeys(after), after, dict.fromkeys(after, (1, 0))).files == len(after)


@pytest.mark.parametrize(
    "head", ["Ran 1 test in 0.1s\nOK (", "Tests: ", " Tests ", "1..1\nok 1 - ", " FAIL |", "x.py::a ", "test "]
)
@pytest.mark.parametrize("repeated", [" ", "a", "1", "| "])
def test_outputs_of_tests_with_long_lines_are_read(head: str, repeated: str) -> None:
    output = of_length(200_000, repeated, head).encode()
    read_outcomes(output)
    assert len(summarise(output)) <= 200


@pytest.mark.parametrize(
    "output",
    [
        "Ran {} tests in 0.1s\n\nOK",
        "== {} passed in 0.1s ==",
        "1..{}\nok 1 - a",
        "Tests:       {} passed, 3 total",
        "ℹ pass {}",
    ],
)
def test_a_number_of_five_thousand_digits_is_no_number_of_tests(output: str) -> None:
    told = output.format("1" * 5_000).encode()
    read_outcomes(told)
    assert len(summarise(told)) <= 200


@pytest.mark.parametrize(
    "text",
    [
        "a." * 250_000 + "a = 1",
        '"a" . ' * 80_000 + "a = 1",
        "[" + "a." * 250_000 + "a]\nb = 1",
        "x = {" + "a." * 250_000 + "a = 1}",
        "[" + "'a'." * 1000 + "a]\n" + "".join(f"b{number}.c = 1\n" for number in range(40_000)),
    ],
)
def test_names_of_many_parts_in_a_repository_s_toml(text: str) -> None:
    with pytest.raises(ValueError, match="too many parts"):
        read_toml(text)


@pytest.mark.parametrize("blank", ["\n", "\r", "\r\n", " \n\t", "\n\x85\xa0", "\f"])
def test_a_licence_of_half_a_megabyte_of_nothing(blank: str) -> None:
    text = f"a{blank * (524_288 // len(blank.encode()) - 1)}b"
    assert licences_of({"LICENSE": text.encode()}) == ["unrecognised"]
    mit = dict(LICENSES)["MIT"].replace("\n", "\r\n") + blank * 10_000
    assert licences_of({"LICENSE": mit.encode()}) == ["MIT"]


@pytest.mark.parametrize("text", ["[tool.ruff]\nx = " + "[" * 5000, "[tool.ruff]\n" + "a." * 250_000 + "a = 1"])
def test_a_pyproject_that_can_not_be_read_may_say_anything_of_a_linter_s_rules(text: str) -> None:
    (ruff,) = (linter for linter in LINTERS if linter.name == "ruff")
    assert ruff.rules_in("pyproject.toml", text.encode()) == text.encode()


def test_toml_of_many_lines_with_what_looks_like_long_names_is_read() -> None:
    long, many = "a." * 500, '"x.py", ' * 500
    assert read_toml(f"a = '{long}'\nb = [{many}]\nc . d = 1.5")["c"] == {"d": 1.5}
    assert len(read_toml("[" + "a." * 60 + "a]\n" + "".join(f"b{number} = 1\n" for number in range(20_000)))) == 1
    for quotes in ('"', "'", "\"'"):
        with pytest.raises(ValueError, match="line"):
            read_toml(quotes * 250_001 + " " * 250_000)
