"""Ratings as engineers write them, each with what a careful reviewer would object to. For measuring the checker.

Each case: a name, what differs from a plain good rating that prefers A, and the codes that should be found. Only the
rules that read text are measured here. Scores: negative favours A, positive favours B.
"""

from __future__ import annotations

from typing import Any, NamedTuple

A_CHANGE = """
def parse_row(line):
    fields = shlex.split(line)
    if not fields:
        raise EmptyRowError(line)
    return Row(*fields)
def test_empty_row(): ...
"""
B_CHANGE = """
def read_rows(path):
    with open(path) as source:
        return [validate_row(line.split(",")) for line in source]
def validate_row(fields): ...
"""
A_PATHS = ("stock/rows.py", "tests/test_rows.py")
B_PATHS = ("stock/rows.py", "stock/validation.py")


class Case(NamedTuple):
    """One rating, and what should be found in it."""

    name: str
    changes: dict[str, Any]
    expected: frozenset[str] = frozenset()


def axes(correctness: int = -2, security: int = 0, reliability: int = -1, maintainability: int = 0) -> dict[str, int]:
    return {
        "correctness": correctness,
        "security": security,
        "reliability": reliability,
        "maintainability": maintainability,
    }


def good(name: str, why: str, **changes: Any) -> Case:
    return Case(name, {"justification": why} | changes)


def bad(name: str, codes: str, why: str, **changes: Any) -> Case:
    return Case(name, {"justification": why} | changes, frozenset(codes.split()))


AXIS, OVERALL, KEY = "words-against-axis", "words-against-overall", "key-axis-unlike-the-text"
PRAISE = "praise-of-what-is-not-there"
B_WINS: dict[str, Any] = {"overall": 2, "axes": axes(2, 0, 1, 0)}

RATINGS: list[Case] = [
    # good: plain
    good("plain", "A keeps the last row when the file ends without a newline, B drops it. Tests of A show that."),
    good(
        "agrees",
        "A is more correct: it handles the empty row. B is more readable, but that weighs less here.",
        axes=axes(maintainability=1),
    ),
    good(
        "concession",
        "B is simpler, but A does what was asked in the case that matters, the missing newline at the end.",
        axes=axes(maintainability=2),
    ),
    good(
        "mirrored",
        "B is clearly more robust than A, since a malformed line is reported and not swallowed. Output shows it.",
        **B_WINS,
    ),
    good(
        "less for the other",
        "A is less complete than B. It misses quoted fields, so two of the five sample files break.",
        **B_WINS,
    ),
    good(
        "noun form",
        "On correctness, A wins. Both handle the normal file; only A handles the file without a last newline.",
        axes=axes(),
    ),
    good(
        "prefers",
        "I prefer A. It keeps every row of the sample and says which line was wrong when one is broken.",
        axes=axes(),
    ),
    good("would merge", "I would merge A as it is, and would ask for changes on B, which drops rows without a word."),
    good("list", "Correctness: A.\nReliability: A.\nMaintainability: no difference that matters to me in this change."),
    good("worse", "B is worse on correctness. It splits at commas inside quotes and breaks the third sample file."),
    # good: things that look like claims
    good(
        "condition",
        "If A is safer in some setups, it does not show here. Both escape the same input and handle errors.",
        axes=axes(security=1),
    ),
    good(
        "question",
        "Is A more secure? I looked for it and found no difference; both pass arguments as a list. A handles "
        "the empty row.",
        axes=axes(security=1),
    ),
    good(
        "first impression",
        "At first A is cleaner to the eye. After reading the tests, B handles every case that was asked.",
        **(B_WINS | {"axes": axes(2, 0, 1, 1)}),
    ),
    good(
        "negated",
        "A is not more secure than B, as the sanitising happens in the caller. It does handle the empty row.",
        axes=axes(security=1),
    ),
    good(
        "quoted",
        'Its summary says "A is more maintainable than before", which I can not confirm. It works, though.',
        axes=axes(maintainability=1),
    ),
    good(
        "against the base",
        "A is simpler than the original, B even more so. But only A handles the empty row correctly.",
        axes=axes(maintainability=2),
    ),
    good(
        "would be",
        "A would be more readable with the helper inlined. As it stands B reads better; A is right, B is not.",
        axes=axes(maintainability=2),
    ),
    good(
        "article",
        "A more secure approach exists, but neither takes it. A test for the empty row decides it for me here.",
        axes=axes(security=1),
    ),
    good(
        "article two",
        "A cleaner diff is what B offers. What decided is that the wrong output of B is not acceptable.",
        axes=axes(maintainability=2),
    ),
    good(
        "thought",
        "I thought A is more robust, until I fed both an empty file. B handles it, A stops with an error.",
        **B_WINS,
    ),
    good(
        "safer as reliable",
        "A is safer under concurrent use because the file is locked; results stay correct.",
        axes=axes(security=1, reliability=-2),
    ),
    good(
        "mixed",
        "A is more readable in the parser. B is more readable in the tests. What decided is the wrong output of B.",
        axes=axes(maintainability=1),
    ),
    good(
        "both bad",
        "Both drop the last row of the file, so neither does what was asked in the prompt.",
        verdict="both_bad",
        overall=0,
        key_axis=None,
    ),
    good(
        "equal",
        "Both keep all rows, both report the broken line, and their tests cover the same cases.",
        verdict="equal",
        overall=0,
        key_axis=None,
        axes=axes(0, 0, 0, 0),
    ),
    good(
        "better at a part",
        "B is better at naming, yet A is the one that passes the sample file with quoted fields.",
        axes=axes(maintainability=1),
    ),
    good(
        "as as",
        "A is as secure as B. Correct output decided, and there A handles the missing newline.",
        axes=axes(security=1),
    ),
    good(
        "equally",
        "A and B are equally readable. A handles the empty row, B fails on it with an IndexError.",
        axes=axes(maintainability=1),
    ),
    good(
        "vulnerable both",
        "A is vulnerable to a crafted path, and so is B. A at least gives correct output for the samples.",
        axes=axes(security=-1),
    ),
    good("side word", "Result A is more reliable: it closes the file when parsing fails. Its output was correct, too."),
    good("score zero", "A is slightly more secure in how it quotes, which hardly matters; the output of A is correct."),
    good(
        "can be better", "B could be better overall with one more test. As it is, A handles the cases that were asked."
    ),
    good("claims to", "B claims to be more robust. A run with an empty file shows that it fails; A does not."),
    good(
        "own words",
        "Works for all five samples (A) against three of five (B). Nothing else in it changes the decision.",
    ),
    good("unusual", "Ran both on /tmp/sample.csv: A prints 14 rows, B prints 13. The prompt asked for all of them."),
    # good: names and files
    good(
        "own code",
        "A keeps all rows of the sample. B loses one, so its output is wrong for most real files.",
        strengths_a="Small: `parse_row` does one thing, and tests/test_rows.py covers the empty row.",
    ),
    good(
        "unchanged code",
        "A leaves the caller alone. The output is correct for all samples that the prompt names.",
        strengths_a="Keeps `import_stock()` as it was.",
    ),
    good(
        "not there",
        "A does the job; B needs a module that nobody asked for, and its output is wrong.",
        strengths_a="No `validate_row` layer.",
        weaknesses_a="Lacks `retry()`.",
    ),
    good(
        "unlike",
        "A does the job; the output of B is wrong in one of five samples that I tried.",
        strengths_a="Unlike B it needs no `read_rows`.",
    ),
    good(
        "base code",
        "A works for all samples. I ran each of them twice and compared the output by hand.",
        strengths_a="Calls `Row` and the standard library's `shlex`.",
    ),
    good(
        "lib names",
        "A works for all samples. I ran each of them twice and compared the output by hand.",
        strengths_a="Uses `argparse` conventions that the repository has.",
    ),
    # bad: axis
    bad(
        "axis plain",
        AXIS,
        "A is clearly more secure than B. It also handles the missing newline, which the prompt asked.",
        axes=axes(security=2),
    ),
    bad(
        "axis safer",
        AXIS,
        "A is safer, and correct in all of the five sample files that come with the prompt.",
        axes=axes(security=2, reliability=0),
    ),
    bad(
        "axis readable",
        AXIS,
        "B is much more readable. Still A, since its output is correct for every sample.",
        axes=axes(maintainability=-2),
    ),
    bad(
        "axis cleaner",
        AXIS,
        "A handles the empty row. B is cleaner and easier to follow, with one function less.",
        axes=axes(maintainability=-1),
    ),
    bad(
        "axis less",
        AXIS,
        "A is less robust than B when a line is malformed, though its output is correct for the samples.",
        axes=axes(reliability=-2),
    ),
    bad(
        "axis noun",
        AXIS,
        "On reliability, B wins. On the output that was asked for, the tests speak for A.",
        axes=axes(reliability=-2),
    ),
    bad(
        "axis has better",
        AXIS,
        "B has better error handling. A prints the correct rows, that is why I chose as I did.",
        axes=axes(reliability=-1),
    ),
    bad(
        "axis possessive",
        AXIS,
        "B's readability is better. A is right about the last row, and that is what was asked.",
        axes=axes(maintainability=-1),
    ),
    bad(
        "axis goes to",
        AXIS,
        "Security goes to B. The behaviour that was asked for is there in A only, tests included.",
        axes=axes(security=-2),
    ),
    bad(
        "axis list",
        AXIS,
        "Correctness: A\nSecurity: B\nThe rest is even, and the correct output of A decided it.",
        axes=axes(security=-1),
    ),
    bad(
        "axis complex",
        AXIS,
        "A is more complex than B. It gives the correct output for all the samples in the prompt.",
        axes=axes(maintainability=-2),
    ),
    bad(
        "axis vulnerable",
        AXIS,
        "B is vulnerable to shell injection through the path. A is right about the last row.",
        axes=axes(security=3),
    ),
    bad(
        "axis in strengths",
        AXIS,
        "A prints the correct rows for each of the samples; B misses the last one.",
        axes=axes(maintainability=-2),
        strengths_b="B is simpler.",
    ),
    bad(
        "axis worse at",
        AXIS,
        "A is worse at error handling. It wins on the output, which is what the prompt asked about.",
        axes=axes(reliability=-2),
    ),
    bad(
        "axis correctness",
        AXIS,
        "B is more correct. It handles the quoted fields that A gets wrong in the third sample.",
        axes=axes(),
    ),
    bad(
        "axis harder",
        AXIS,
        "A is harder to read. Output and tests are right, so it would still be my choice today.",
        axes=axes(maintainability=-1),
    ),
    # bad: overall
    bad(
        "overall prefer",
        OVERALL,
        "I prefer B. It handles all of the samples and has the tests that the prompt asked for.",
    ),
    bad(
        "overall merge",
        OVERALL,
        "Both work for the samples. I would merge B, because the tests cover the empty file as well.",
    ),
    bad(
        "overall better",
        OVERALL,
        "B is better. It handles the missing newline, the empty file and the quoted fields correctly.",
    ),
    bad(
        "overall wins",
        OVERALL,
        "After running the samples on both: B wins. The output of the other one lacks the last row.",
    ),
    bad(
        "overall equal",
        OVERALL,
        "A is better overall because it handles the empty row, which was part of the prompt.",
        verdict="equal",
        overall=0,
        axes=axes(-1, 0, 0, 0),
    ),
    bad(
        "overall going",
        OVERALL,
        "Close call on every axis, but I am going with B for the better output in the samples.",
    ),
    bad(
        "overall mirrored",
        OVERALL,
        "A is the better one: it does what was asked, handles errors, and comes with tests.",
        **B_WINS,
    ),
    # bad: key axis
    bad(
        "key security",
        KEY,
        "The names are readable, the structure is clean and the helper functions are small.",
        key_axis="security",
        axes=axes(-1, -1, 0, -2),
        strengths_a="Clean.",
        weaknesses_a="Long.",
        strengths_b="Short.",
        weaknesses_b="Messy.",
    ),
    bad(
        "key maintainability",
        KEY,
        "The shell injection is closed, a crafted path can not be exploited any more in A.",
        key_axis="maintainability",
        axes=axes(-1, -2, 0, -1),
        strengths_a="Escapes.",
        weaknesses_a="Slow.",
        strengths_b="Fast.",
        weaknesses_b="Exploitable.",
    ),
    bad(
        "key reliability",
        KEY,
        "The naming is consistent with the repository and the diff is minimal, easy to review.",
        key_axis="reliability",
        axes=axes(-1, 0, -1, -2),
        strengths_a="Consistent.",
        weaknesses_a="Slow.",
        strengths_b="Quick.",
        weaknesses_b="Verbose.",
    ),
    # bad: praise
    bad(
        "praise other's symbol",
        PRAISE,
        "A keeps all rows of the sample. B loses one, so its output is wrong.",
        strengths_a="`validate_row` checks each field.",
    ),
    bad(
        "praise other's call",
        PRAISE,
        "A keeps all rows of the sample. B loses one, so its output is wrong.",
        strengths_a="Good separation: read_rows() only reads.",
    ),
    bad(
        "praise other's file",
        PRAISE,
        "A keeps all rows of the sample. B loses one, so its output is wrong.",
        strengths_a="Moves the checks into stock/validation.py.",
    ),
    bad(
        "praise nothing", PRAISE, "A adds `RowCache` to avoid a second read, and the output is correct for all samples."
    ),
    bad(
        "praise new file",
        PRAISE,
        "A keeps all rows of the sample. B loses one, so its output is wrong.",
        strengths_a="Adds docs/import-format.md with examples.",
    ),
    bad(
        "praise mirrored",
        PRAISE,
        "B keeps all rows of the sample. A loses one, so its output is wrong.",
        strengths_b="`EmptyRowError` tells what was wrong.",
        **B_WINS,
    ),
]

FIRST_PROMPT = (
    "The import drops the last row when the file does not end with a newline. Fix that and add a test for it."
)

FOLLOW_UPS: list[tuple[str, frozenset[str]]] = [
    *(
        (prompt, frozenset())
        for prompt in (
            "Use csv.reader instead of splitting by hand, and keep the error message with the line number.",
            "The empty file now raises IndexError; return an empty list there and add a test.",
            "Rename rows to lines.",
            "Please add a test for quoted fields.",
            "Why is the parser a class?",
            "`parse_row` still accepts negative quantities. Refuse them with the line number.",
            "Split the importer from the command line, so that it can be used as a library.",
            "Document the file format in the README: columns, encoding, what happens with duplicates.",
            "You are right that the header is optional, but then detect it by its first column name.",
            "Undo the change of the public signature; callers outside this repository use it.",
            "Could the lock be taken once per file instead of once per row?",
            "Act on the warning that ruff prints for rows.py.",
        )
    ),
    *(
        (prompt, frozenset({"follow-up-asks-nothing"}))
        for prompt in ("ok", "Thanks a lot, great work!", "continue", "Looks good to me.", "nice one there")
    ),
    *(
        (prompt, frozenset({"follow-up-not-concrete"}))
        for prompt in (
            "Please make it better.",
            "Can you improve the code quality?",
            "Fix all the remaining issues please.",
            "Refactor the code to make it cleaner.",
            "Make sure everything works properly.",
            "Check your work again please.",
        )
    ),
    (
        "The import drops the last row when the file doesn't end with a newline. Fix that and add a test for it!",
        frozenset({"follow-up-repeats"}),
    ),
    (
        "Fix that the import drops the last row when the file does not end with a newline and add a test.",
        frozenset({"follow-up-repeats"}),
    ),
    ("You are an expert Python developer. Rewrite the importer with csv.reader.", frozenset({"role-play"})),
    ("Act as a senior reviewer and list what is wrong in rows.py.", frozenset({"role-play"})),
    ("As an experienced engineer, simplify parse_row.", frozenset({"role-play"})),
    ("Imagine you are the maintainer: which parts of rows.py would you refuse?", frozenset({"role-play"})),
    ("Address the comments on the pull request about rows.py.", frozenset({"mentions-pull-request"})),
    ("Squash this into the PR and mention #12 in the changelog.", frozenset({"mentions-pull-request"})),
    ("Make it mergeable: PR 481 has a conflict in rows.py.", frozenset({"mentions-pull-request"})),
]

SECOND: list[Case] = [
    # Written after the rules, which were then mended where they had missed one of these.
    good(
        "u plain", "Only A flushes the buffer before it exits, so nothing is lost when the process is killed half way."
    ),
    good(
        "u trade",
        "B has the tidier tests. Still, A's handling of odd input is what I would want in production.",
        axes=axes(maintainability=1),
    ),
    good(
        "u rhetorical",
        "Would I call A safer? Not really; both trust the header. A is right on the rows, though.",
        axes=axes(security=1),
    ),
    good(
        "u history",
        "B was cleaner in turn one. Here it has grown a second parser, and its output is wrong.",
        axes=axes(maintainability=-1),
    ),
    good(
        "u maybe",
        "Maybe B is easier to extend one day, but that is not what was asked for in this prompt.",
        axes=axes(maintainability=-1),
    ),
    good(
        "u hedged",
        "One could say that A is more robust, and it did not matter for any file that I tried here.",
        axes=axes(reliability=1),
    ),
    good(
        "u numbers", "A: 14 of 14 rows. B: 13 of 14 rows. The checks say the same. That decides it, nothing else does."
    ),
    good("u tests", "A's tests fail without its change, B's pass without it: so only A's prove anything at all."),
    good(
        "u both sides",
        "A is simpler in the parser while B is simpler in the writer; output decided it in the end.",
        axes=axes(maintainability=1),
    ),
    bad(
        "u more secure",
        AXIS,
        "Overall close. A is noticeably more secure, since it never builds a shell string.",
        axes=axes(security=1),
    ),
    bad(
        "u cleaner code",
        AXIS,
        "The code of B is cleaner. What made me choose A is the output on the third sample.",
        axes=axes(maintainability=-2),
    ),
    bad(
        "u robust",
        AXIS,
        "B turned out more robust when I fed it binary junk; A prints the right rows for good files.",
        axes=axes(reliability=-2),
    ),
    bad(
        "u readability",
        AXIS,
        "In terms of readability B is ahead. Correct rows decided the rest of it for me.",
        axes=axes(maintainability=-2),
    ),
    bad(
        "u simpler",
        AXIS,
        "Tests pass on both. B is a lot simpler. A reports the line number of a broken row.",
        axes=axes(maintainability=-3),
    ),
    bad("u ship", OVERALL, "Both have their merits, but if forced I'd ship B, as its error messages name the row."),
    bad("u my pick", OVERALL, "My pick is B, because the tests it adds cover each of the cases named in the prompt."),
    bad("u b better", OVERALL, "B is the better change here. It prints all rows, and it says which line was broken."),
    bad("u b clearly", OVERALL, "Having run both: B clearly wins, for it prints every row of the three samples."),
]

THIRD: list[Case] = [
    # Written after that. Met for the first time, 6 of the 7 remarks on them were right, and 4 of 12 slips were found:
    # that is what the rules are worth on words they have not met. Some were mended since.
    good("v1", "The prompt asked for one function, and only A stayed within that; the output is right on both sides."),
    good(
        "v2",
        "B reads better at first, then one meets the regular expression. A needs no regular expression at all.",
        axes=axes(maintainability=-1),
    ),
    good(
        "v3",
        "Neither is more secure than the code before. A at least prints the rows that the prompt asked about.",
        axes=axes(security=1),
    ),
    good(
        "v4",
        "A's parser is simpler than B's, A's tests are not. On the whole, the right output of A decided it for me.",
        axes=axes(maintainability=1),
    ),
    good("v5", "I'd expect B to be faster on large files. It did not matter here; A is the one with the right rows."),
    good(
        "v6",
        "If security were the only axis, I would merge B. But rows get lost in B, and that is not acceptable.",
        axes=axes(security=2),
    ),
    good(
        "v7",
        "The other reviewer may say that B is cleaner, and the diff is smaller, true. A works, B does not work.",
        axes=axes(maintainability=0),
    ),
    good("v8", "A is better tested, though two of its tests assert nothing; the correct output is what decided it."),
    good("v9", "Good: A names the row that is broken. Bad: A has one more helper. B: no names, no helper, wrong rows."),
    good(
        "v10",
        "Compared with what was there, A is a lot cleaner. B rewrote the module without need, rows are missing.",
        axes=axes(maintainability=-1),
    ),
    good("v11", "For a moment B is more convincing, until you feed it an empty file: then it stops with a traceback."),
    good(
        "v12",
        "B's commit is more focused, A's more complete. Completeness counts more to me in a bug fix like this.",
        axes=axes(maintainability=1),
    ),
    bad(
        "w1",
        AXIS,
        "What I like about B: it is safer. What I like about A: the rows are right, the tests prove it.",
        axes=axes(security=-1, reliability=-1),
    ),
    bad(
        "w2",
        AXIS,
        "B is the more maintainable of the two by some distance. Rows decided it for A in the end, though.",
        axes=axes(maintainability=-1),
    ),
    bad(
        "w3",
        AXIS,
        "Security-wise B is ahead, as it validates the path. The rest is in favour of the other side.",
        axes=axes(security=-1),
    ),
    bad(
        "w4",
        AXIS,
        "I find B easier to maintain. It has one concept less. Output: A right, B wrong on sample three.",
        axes=axes(maintainability=-2),
    ),
    bad(
        "w5",
        AXIS,
        "A is overly complex compared to B, which needs half of the lines. A's rows are right, B's are not.",
        axes=axes(maintainability=-2),
    ),
    bad(
        "w6",
        AXIS,
        "B handles errors more robustly. A gets the rows right, which is what the prompt was about after all.",
        axes=axes(reliability=-2),
    ),
    bad(
        "w7",
        AXIS,
        "The code in B is simpler and clearer. I chose by the rows that come out, and there A is right.",
        axes=axes(maintainability=-2),
    ),
    bad(
        "w8",
        OVERALL,
        "In the end B is the one I would merge. It prints what was asked, and its tests are worth keeping.",
    ),
    bad(
        "w9",
        OVERALL,
        "Overall, B is better: all rows, a clear message for the broken one, and nothing that is not needed.",
    ),
    bad(
        "w10",
        OVERALL,
        "B is preferable. All of the rows come out and the broken one is named in the message that it prints.",
    ),
    bad(
        "w11",
        OVERALL,
        "I would choose B over A any day: it prints all rows and names the one that could not be parsed.",
    ),
    bad(
        "w12", OVERALL, "B did a better job here. It prints every row and says which line was broken in the third file."
    ),
]
