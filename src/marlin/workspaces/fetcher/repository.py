"""One commit of a git repository, without its history, as a bundle."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from .failures import Failure

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHORT = re.compile(r"[0-9a-f]{7,39}")


class _Git:
    """git in a bare repository of its own, with nobody's configuration."""

    def __init__(self, url: str, token: str | None, progress: Callable[[str], None]) -> None:
        self.folder = tempfile.mkdtemp(dir=os.environ["HOME"], suffix=".git")
        self._progress = progress
        config = [("protocol.allow", "never"), ("protocol.https.allow", "always"), ("core.hooksPath", "/dev/null")]
        config += [("credential.helper", ""), ("gc.auto", "0"), ("pack.threads", "2"), ("core.fsmonitor", "false")]
        if token:
            parts = urlsplit(url)
            basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
            config.append((f"http.{parts.scheme}://{parts.netloc}/.extraHeader", f"Authorization: Basic {basic}"))
            config.append(("http.followRedirects", "false"))
        self._env = dict(os.environ)
        self._env.update(
            GIT_DIR=self.folder,
            GIT_CONFIG_NOSYSTEM="1",
            GIT_CONFIG_GLOBAL="/dev/null",
            GIT_TERMINAL_PROMPT="0",
            GIT_HTTP_LOW_SPEED_LIMIT="1000",
            GIT_HTTP_LOW_SPEED_TIME="60",
            LC_ALL="C",
            GIT_CONFIG_COUNT=str(len(config)),
        )
        for number, (key, value) in enumerate(config):
            self._env[f"GIT_CONFIG_KEY_{number}"] = key
            self._env[f"GIT_CONFIG_VALUE_{number}"] = value
        self.run("init", "-q", "--bare", "--template=", self.folder)

    def run(self, *args: str, stdin: bytes = b"", check: bool = True) -> str:
        done = subprocess.run(["git", *args], input=stdin, capture_output=True, env=self._env, check=False)
        if check and done.returncode != 0:
            raise _Refused(done.stderr.decode("utf-8", "replace"))
        return done.stdout.decode("utf-8", "replace").strip()

    def fetch(self, *args: str) -> None:
        """``git fetch`` with its progress passed on."""
        command = ["git", "fetch", "--progress", "--no-write-fetch-head", "--no-recurse-submodules", *args]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=self._env)
        assert process.stderr is not None
        text, last = "", 0.0
        while True:
            data = os.read(process.stderr.fileno(), 4096)
            if not data:
                break
            text = (text + data.decode("utf-8", "replace"))[-20000:]
            if time.monotonic() - last > 0.5:
                lines = [line.strip() for line in re.split(r"[\r\n]", text) if line.strip()]
                self._progress(lines[-1][:200] if lines else "")
                last = time.monotonic()
        if process.wait() != 0:
            raise _Refused(text)

    def holds(self, commit: str) -> bool:
        return self.run("cat-file", "-t", commit, check=False) == "commit"

    def write_pack(self, commit: str, target: Any) -> None:
        done = subprocess.run(
            ["git", "pack-objects", "--revs", "--stdout", "-q", "--threads=1"],
            input=f"{commit}\n".encode(),
            stdout=target,
            stderr=subprocess.PIPE,
            env=self._env,
            check=False,
        )
        if done.returncode != 0:
            raise _Refused(done.stderr.decode("utf-8", "replace"))


class _Refused(Exception):
    """git's own words."""


def fetch(
    url: str, revision: str | None, out: str, token: str | None, progress: Callable[[str], None]
) -> dict[str, Any]:
    """Fetch ``revision`` (default: the default branch) of ``url`` into the bundle ``out``.

    :raises Failure: no such repository or revision, it is empty, or the host refuses.
    """
    git = _Git(url, token, progress)
    try:
        progress("asking for the commit")
        commit = _find(git, url, revision)
        progress(f"fetching {commit[:12]}")
        commit = _fetch_commit(git, url, commit)
        bundle(git.folder, git.run, git.write_pack, commit, out)
    except _Refused as error:
        raise _explain(str(error), url) from error
    return {"commit": commit, "warnings": []}


def bundle(
    folder: str,
    run: Callable[..., str],
    write_pack: Callable[[str, Any], None],
    commit: str,
    out: str,
) -> None:
    """Write the one commit with its files to ``out``; its parents become prerequisites."""
    header = run("cat-file", "commit", commit).split("\n\n", 1)[0]
    parents = [line[7:] for line in header.splitlines() if line.startswith("parent ")]
    if parents:
        with open(os.path.join(folder, "shallow"), "w") as shallow:
            shallow.write(f"{commit}\n")
    with open(out, "wb") as target:
        lines = ["# v2 git bundle\n", *(f"-{parent}\n" for parent in parents), f"{commit} refs/heads/marlin\n", "\n"]
        target.write("".join(lines).encode())
        target.flush()
        write_pack(commit, target)


def _find(git: _Git, url: str, revision: str | None) -> str:
    """The commit (or an annotated tag's commit) that ``revision`` names on the other side."""
    if revision and _COMMIT.fullmatch(revision.lower()):
        return revision.lower()
    names = [f"refs/heads/{revision}", f"refs/tags/{revision}^{{}}", f"refs/tags/{revision}"] if revision else ["HEAD"]
    listed = git.run("ls-remote", url, *names)
    refs = {name: object_id for object_id, name in (line.split("\t") for line in listed.splitlines())}
    for name in names:
        if name in refs:
            return refs[name]
    if revision and _SHORT.fullmatch(revision.lower()):
        return _complete(git, url, revision.lower())
    if not revision and not git.run("ls-remote", url):
        raise Failure("empty", f"{url} is empty: it has no commit yet.", "Push a commit, or bring another repository.")
    if not revision:
        raise Failure("no-commit", f"{url} has no default branch.", "Name a branch, tag or commit after #.")
    raise _no_commit(url, revision)


def _complete(git: _Git, url: str, short: str) -> str:
    """A full commit id from its beginning: needs the history, but not its files."""
    git.fetch("--filter=tree:0", url, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
    found = [line for line in git.run("rev-list", "--all").splitlines() if line.startswith(short)]
    if len(found) != 1:
        raise _no_commit(url, short)
    return found[0]


def _fetch_commit(git: _Git, url: str, commit: str) -> str:
    try:
        git.fetch("--depth=1", "--no-tags", url, commit)
    except _Refused as error:
        if not re.search(r"not our ref|unadvertised object|couldn't find remote ref", str(error)):
            raise
        # This server gives branches and tags only (or has no such commit): look through all of them.
        git.fetch(url, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
    peeled = git.run("rev-parse", "--quiet", "--verify", f"{commit}^{{commit}}", check=False)
    if not _COMMIT.fullmatch(peeled) or not git.holds(peeled):
        raise _no_commit(url, commit)
    return peeled


def _no_commit(url: str, revision: str) -> Failure:
    return Failure(
        "no-commit",
        f"{url} has no commit, branch or tag {revision}.",
        "Check the spelling; a commit must be pushed and on a branch or tag of this repository, not of a fork.",
    )


def _explain(text: str, url: str) -> Failure:
    """What git's last words mean for the person who gave the address."""
    host = urlsplit(url).netloc
    lines = [line for line in text.replace("\r", "\n").splitlines() if line.startswith(("fatal:", "error:", "remote:"))]
    last = lines[-1] if lines else text.strip()[-200:]
    if re.search(r"response 403|CONNECT tunnel failed|after CONNECT", text):
        return Failure(
            "refused",
            f"Marlin does not connect to {host}: it is unknown, or its address is private.",
            "Check the address; an operator can list a host of their own in MARLIN_TRUSTED_SOURCE_HOSTS.",
        )
    if re.search(r"not found|returned error: 40[134]|could not read Username|Authentication failed|410", text):
        return Failure(
            "not-found",
            f"There is no repository at {url}, or it is private.",
            "Check the address; for private repositories the operator sets a token for this host (MARLIN_GIT_TOKENS).",
        )
    if re.search(r"not valid: is this a git repository|unable to update url base|invalid.*format", text):
        return Failure("not-found", f"{url} is no git repository.", "Give the address you would clone from.")
    if "No space left" in text or "quota" in text:
        return Failure("too-large", f"{url} does not fit into the fetch sandbox.", "Bring a smaller repository.")
    if "object format" in text:
        return Failure("unsafe", f"{url} uses git's SHA-256 format.", "Only SHA-1 repositories are supported.")
    return Failure("unavailable", f"Fetching {url} failed: {last[:300]}", "Check the address, then try again.")
