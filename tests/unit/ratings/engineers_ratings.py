"""Justifications in the styles that engineers write in: terse, chatty, in lists, with slips that people make.

Two halves. The rules were tuned on the first; the second was written beside it and looked at only to be measured. A
half is not moved into the other, and a rule is not mended by what it does to the second: then new texts are written.
"""

from __future__ import annotations

from typing import Any

from labelled_ratings import AXIS, B_WINS, KEY, OVERALL, PRAISE, Case, axes, bad, good

EQUAL: dict[str, Any] = {"verdict": "equal", "overall": 0, "key_axis": None, "axes": axes(0, 0, 0, 0)}
BOTH_BAD: dict[str, Any] = {"verdict": "both_bad", "overall": 0, "key_axis": None}
PLAIN = "A keeps all rows of the three samples. B loses the last one of each, so its output is wrong."

TUNING: list[Case] = [
    good("terse", "A. Passes all 14 tests incl. the new ones, B breaks test_roundtrip. Style is a wash."),
    good(
        "back and forth",
        "I went back and forth. B's diff is half the size and honestly nicer, but it silently swallows the "
        "UnicodeDecodeError, so A.",
        axes=axes(maintainability=1),
    ),
    good("dump", "Ran both against the 2 GB dump: A streams, B loads it all and gets OOM-killed. Nothing else counts."),
    good(
        "hair",
        "B reads better line by line (smaller functions, good names) - maintainability goes to B by a hair. "
        "Correctness is what counts: A handles CRLF, B doesn't.",
        axes=axes(maintainability=1),
    ),
    good(
        "hoped",
        "Had hoped B would be more robust given the retries it adds. It isn't: the retry loop never re-raises, "
        "A's simple version does.",
    ),
    good(
        "tl;dr",
        "tl;dr A works, B doesn't. B throws KeyError on rows w/o a sku (see step 12 of its own transcript, it saw "
        "that and moved on).",
    ),
    good(
        "prefer",
        "Much prefer B. A hardcodes the delimiter, B sniffs it like the brief asked; also B's error messages say "
        "which line.",
        **B_WINS,
    ),
    good(
        "greater than",
        "Security: no difference, neither touches input that comes from outside. On correctness A > B, since B "
        "drops duplicates.",
    ),
    good(
        "not as clean",
        "A is not as clean as B, I'd want a follow-up to break up load(). But it is right and B is not.",
        axes=axes(maintainability=2),
    ),
    good(
        "neither great",
        "Neither is great. A at least has the regression test; B changes behaviour for empty strings, which three "
        "callers rely on.",
    ),
    good("coin", "Functionally the same patch; B renamed a helper, A kept it. I could flip a coin.", **EQUAL),
    good(
        "first reaction",
        "My first reaction was that B is cleaner because the diff is tiny; after checking the callers it's tiny as "
        "it missed two of them.",
        axes=axes(maintainability=-1),
    ),
    good(
        "while",
        "While B is safer against path traversal, A is what I'd ship: B's normalisation breaks symlinked dirs, "
        "which the test fixture uses.",
        axes=axes(security=2),
    ),
    good(
        "numbers",
        "Rows in > rows out for B on two of five samples, A > 99.9 % on all. The brief asks for every row.",
    ),
    good(
        "code of the base",
        "The code of the base was cleaner than what A leaves behind, and B's code is no cleaner. A passes, B fails.",
    ),
    bad("for me", OVERALL, "B for me. Handles the quoted commas, has tests, and I could follow it without a debugger."),
    bad(
        "clear winner",
        OVERALL,
        "Option B is the clear winner here, it is the only one that passes the sample with the missing newline.",
    ),
    bad(
        "their approach",
        OVERALL,
        "Much prefer B's approach: one pass over the file, errors collected and reported with line numbers.",
    ),
    bad("sign", AXIS, "B > A on correctness: it keeps the last row of each sample file and A does not."),
    bad(
        "code easier",
        AXIS,
        "Correct output from both on the samples. A's code is easier to follow, small functions that do one thing.",
        axes=axes(maintainability=2),
    ),
    bad(
        "better job",
        AXIS,
        "B does a better job at error handling, every failure names the file. Output of A is right on the samples.",
    ),
    bad(
        "in terms of",
        AXIS,
        "In terms of security B is clearly ahead of A, it never builds a shell string. Output of A is right.",
        axes=axes(security=-2),
    ),
    bad(
        "key",
        KEY,
        "A has the smaller diff, better names, no duplication and a docstring that helps. B is verbose and convoluted.",
        key_axis="security",
        axes=axes(security=-1, maintainability=-2),
    ),
    bad("praise", PRAISE, PLAIN, strengths_a="`validate_row` keeps the checks in one place."),
    bad("went with", OVERALL, "Went with B in the end. The tests in A assert nothing; B's fail without the fix."),
    bad(
        "compared to",
        AXIS,
        "Compared to A, B is more robust: it closes the file on errors. The rows that A prints are the right ones.",
    ),
    bad(
        "weaker",
        AXIS,
        "A's error handling is weaker than B's, it returns None on failure. Still A gives the right rows.",
        axes=axes(reliability=-2),
    ),
    bad("like more", OVERALL, "I like B better. Less magic, and both samples from the issue come out whole."),
    bad(
        "less than sign",
        AXIS,
        "Maintainability: A < B, no doubt, with all those copies. Output of A is right, which decides.",
        axes=axes(maintainability=-2),
    ),
    bad(
        "praise new name",
        PRAISE,
        "A adds a `LineBuffer` so that the last row is not lost, which is what was asked for in the brief.",
    ),
]

HELD_OUT: list[Case] = [
    good(
        "narrowly",
        "A, narrowly. Both fix the bug; A also covers the case where the header is repeated, and that is in the issue.",
    ),
    good(
        "enjoy",
        "B is shorter and I'd enjoy maintaining it more, yet it answers a different question: the brief said keep "
        "the order, B sorts.",
        axes=axes(maintainability=1),
    ),
    good(
        "tried",
        "Tried `printf 'a,b' | ./import` on both. A prints one row, B prints none and exits 0. That's the bug from "
        "the brief, unfixed.",
    ),
    good(
        "api",
        "A regresses the public API (parse() now returns a tuple). B leaves it alone and fixes the bug at its root "
        "in the tokenizer.",
        **B_WINS,
    ),
    good(
        "its side's",
        "Reliability is A's: temp file + rename, so a crash can't leave half a file. B writes in place. Readability "
        "about equal.",
    ),
    good(
        "some would",
        "Some would say B is more maintainable thanks to the class. I don't see it, two of the three methods are "
        "called once.",
    ),
    good(
        "points",
        "I give B points for security (it drops the shell) but the feature doesn't work with spaces in names, and "
        "A's does.",
        axes=axes(security=1),
    ),
    good("ci", "Works on my machine for both; CI of B is red on 3.9 because of match statements. So A."),
    good("race", "Both leave the race in place: check, then open. I would not merge either.", **BOTH_BAD),
    good(
        "tests better",
        "B's tests are better than A's. Its code isn't: off by one in the last chunk, see the failing check.",
    ),
    good(
        "seemed worse",
        "A seemed worse at first glance, long and repetitive. Stepping through it with pdb changed my mind: every "
        "branch is needed.",
    ),
    good(
        "throwaway",
        "If this were a throwaway script I'd take B. It isn't, and A is the one with the locking done right.",
    ),
    good(
        "style",
        "A wins on the thing we asked for. On style B wins, but nobody asked for a rewrite of the CLI.",
        axes=axes(maintainability=1),
    ),
    good(
        "plus list",
        "+ A: keeps order, closes the file\n+ B: nicer names\n- B: drops the last row (sample 3)\nVerdict: A",
        axes=axes(maintainability=1),
    ),
    good(
        "colleague",
        "A colleague to whom I showed both liked B more for its brevity. I don't: sample 2 comes out wrong.",
        axes=axes(maintainability=1),
    ),
    bad("go for", OVERALL, "I'd go for B: it is the only one whose output matches the expected file byte for byte."),
    bad("takes it", OVERALL, "B takes it. A never closes the connection and falls over on the second run."),
    bad(
        "superior",
        OVERALL,
        "B is superior to A in nearly every way I checked, most of all in the handling of quoted fields.",
    ),
    bad(
        "of the two",
        AXIS,
        "B is the more secure of the two, as it passes a list to subprocess. A prints the right rows, which decides.",
        axes=axes(security=-1),
    ),
    bad(
        "harder",
        AXIS,
        "A is harder to maintain than B, with the regexes copied in four places. It is right, though.",
        axes=axes(maintainability=-2),
    ),
    bad("beats", AXIS, "When it comes to correctness, B beats A: the last row of each sample file is there."),
    bad(
        "handles errors",
        AXIS,
        "B handles errors better than A: it says which line is broken. The rows that A prints are right.",
    ),
    bad(
        "key",
        KEY,
        "I picked by reading: A has clear names, short functions, and no needless layers; B duplicates the parser.",
        key_axis="security",
        axes=axes(security=-1, maintainability=-2),
    ),
    bad("praise", PRAISE, PLAIN, strengths_b="`parse_row` splits like a shell would."),
    bad("vote", OVERALL, "My vote goes to B. It reads the whole file and the row count agrees with wc -l."),
    bad(
        "code of",
        AXIS,
        "The code of B is cleaner and simpler than what A leaves. A does what was asked, all of it.",
        axes=axes(maintainability=-2),
    ),
    bad(
        "better in",
        AXIS,
        "Readability is better in B, A nests five levels. But A is right about the empty file.",
        axes=axes(maintainability=-1),
    ),
    bad("like", OVERALL, "I like B more. Fewer surprises, and the sample from the issue passes with it."),
    bad(
        "stronger in",
        AXIS,
        "B is stronger in error handling since it names the broken line; A has the right output for all samples.",
    ),
    bad("ship", OVERALL, "Ship B. It is boring in the best way: one loop, one test, and the sample comes out whole."),
]

OTHER_LANGUAGES: tuple[str, ...] = (
    "A ist klar besser als B: die letzte Zeile bleibt erhalten, und die Fehlermeldung nennt die Datei und die Zeile.",
    "B est plus lisible que A, mais il perd la dernière ligne du fichier quand il n'y a pas de saut de ligne à la fin.",
    "A es más seguro que B porque no construye una cadena para el shell, y los errores dicen en qué línea están.",
    "B è più semplice di A, ma non gestisce le righe vuote e quindi il risultato non è quello che era stato chiesto.",
    "A é melhor do que B: mantém a última linha do arquivo e os erros dizem qual é a linha que está errada.",
    "Версия A сохраняет последнюю строку файла, а версия B её теряет; кроме того, ошибки в A понятнее.",
    "Aの方が安全で、最後の行も失われません。Bはテストが失敗し、エラーの内容も分かりません。",
    "A 更好：它保留了最后一行，而且错误信息会指出是哪一行。B 在空文件上会崩溃。",
    "A jest lepsze niż B, bo nie gubi ostatniego wiersza pliku i mówi, w którym wierszu jest błąd.",
)
"""The same judgements as people might write them in nine languages: nothing is to be found in them."""
