"""Pinned base images: built from Debian packages by mmdebstrap, or imported from an archive."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from marlin.sandboxes import archives
from marlin.sandboxes.errors import LayerError, LayerExistsError, SandboxError, UnsupportedHostError
from marlin.sandboxes.images import etc_files
from marlin.sandboxes.keeper.identity import DISK_BASE, ROOT, USER
from marlin.sandboxes.keeper.kernel import open_in_root
from marlin.sandboxes.keeper.trees import walk
from marlin.sandboxes.layers import LayerStore, read_facts, remove_tree
from marlin.sandboxes.protocol import Layer
from marlin.sandboxes.recipes import Recipe, check_image_name
from marlin.sandboxes.registries import AptSource, apt_sources

_KEPT_APT_OPTIONS = re.compile(r'^Acquire::(Check-Valid-Until|Check-Date|Retries|https?::(Proxy|CaInfo)) "')
_SECONDS = 3600

Progress = Callable[[str], None]


def build_image(
    store: LayerStore,
    recipe: Recipe,
    *,
    name: str | None = None,
    progress: Progress | None = None,
) -> Layer:
    """The base image of a recipe, from this machine's own apt sources. Blocks for 1 to 5 minutes.

    Made once: an image of this name that was asked for with the same release and packages is returned as it is.

    :param name: what campaigns call it; the recipe's own name by default.
    :raises LayerError: a name that images can't have.
    :raises LayerExistsError: there is another image of this name.
    :raises UnsupportedHostError: mmdebstrap is missing.
    :raises SandboxError: it failed; the message says with what.
    """
    name = check_image_name(name or recipe.name)
    wanted = recipe.all_packages
    if store.exists(name):
        return _same_image(store.get(name), recipe.suite, wanted)
    sources = debian_sources(recipe.suite)
    scratch = store.stage()
    try:
        tree = scratch / "root"
        _mmdebstrap(tree, recipe.suite, wanted, sources, progress)
        _tidy_debian(tree)
        _add_accounts(tree)
        facts = {
            "kind": "debian",
            "recipe": recipe.name,
            "description": recipe.description,
            "smoke": recipe.smoke,
            "suite": recipe.suite,
            "asked": list(wanted),
            "sources": [source.plain for source in sources],
            **_contents(tree),
        }
        return store.adopt(name, tree, owner="shift", facts=facts)
    finally:
        remove_tree(scratch)


def _same_image(layer: Layer, suite: str, wanted: Sequence[str]) -> Layer:
    facts = read_facts(layer)
    if (facts.get("suite"), facts.get("asked")) != (suite, list(wanted)):
        raise LayerExistsError(
            f"There is another base image {layer.name!r} on this machine, and environments stand on it.",
            hint="Give the new one a name of its own (--name), and list that in the campaign. Images never change.",
        )
    return layer


def _contents(tree: Path) -> dict[str, Any]:
    """What is in a tree, and when it was looked at."""
    return {
        "packages": _manifest(tree),
        "digest": content_digest(tree),
        "bytes": sum(entry.info.st_blocks * 512 for entry in walk(str(tree))),
        "built": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def import_image(store: LayerStore, name: str, archive: BinaryIO, *, source: str) -> Layer:
    """A base image from a tar of a root tree, such as ``docker export`` writes; blocks.

    :param source: where it is from, in words; recorded.
    :raises LayerError: it is damaged, holds paths that lead out, or no system (neither /bin/sh nor /usr/bin/sh).
    :raises LayerExistsError: there is an image of this name.
    """
    if store.exists(check_image_name(name)):
        raise LayerExistsError(
            f"There is a base image {name!r} on this machine.",
            hint="Choose another name, and list that in the campaign. Images never change.",
        )
    staging = store.stage_tree()
    try:
        tree = staging / "tree"
        archives.unpack_image(archive, str(tree))
        root = os.open(tree, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.close(open_in_root(root, "/bin/sh", os.O_PATH))
        except OSError:
            raise LayerError(f"{source} holds no /bin/sh: not a system's root tree") from None
        finally:
            os.close(root)
        os.chown(tree, DISK_BASE + ROOT, DISK_BASE + ROOT)  # whose the account files then are, too
        _add_accounts(tree)
        facts = {"kind": "import", "source": source, **_contents(tree)}
        return store.commit(name, staging, facts=facts)
    except BaseException:
        remove_tree(staging)
        raise


def debian_sources(suite: str, etc: Path = Path("/etc")) -> list[AptSource]:
    """This machine's apt sources for a Debian release; its Debian mirrors, asked for that release; or Debian's own."""
    found = _of_release(apt_sources(etc), suite)
    if not any(source.suite == suite for source in found):
        own = _codename(etc)
        mirrors = (
            [source for source in _of_release(apt_sources(etc), own) if "main" in source.components] if own else []
        )
        found = [replace(source, suite=suite + source.suite.removeprefix(own)) for source in mirrors]
    if any(source.suite == suite for source in found):
        return found
    return [
        AptSource("http://deb.debian.org/debian", suite, ("main",)),
        AptSource("http://deb.debian.org/debian", f"{suite}-updates", ("main",)),
        AptSource("http://deb.debian.org/debian-security", f"{suite}-security", ("main",)),
    ]


def _of_release(sources: Sequence[AptSource], suite: str) -> list[AptSource]:
    wanted = {suite, f"{suite}-updates", f"{suite}-security"}
    return [source for source in sources if source.suite in wanted]


def _codename(etc: Path) -> str:
    """The machine's release, when it is a Debian; empty otherwise (an Ubuntu's mirror has no Debian)."""
    try:
        told = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', (etc / "os-release").read_text(), re.MULTILINE))
    except OSError:
        return ""
    return told.get("VERSION_CODENAME", "") if told.get("ID") == "debian" else ""


def _mmdebstrap(
    tree: Path, suite: str, packages: Sequence[str], sources: Sequence[AptSource], progress: Progress | None
) -> None:
    command = [
        *("mmdebstrap", "--mode=root", "--variant=minbase"),
        *([f"--include={','.join(packages)}"] if packages else []),
        *(f"--aptopt={option}" for option in _apt_options()),
        *(
            "--aptopt=Acquire::Languages none",
            '--dpkgopt=path-exclude="/usr/share/man/*/*"',  # its folders stay: a JDK's set-up links into them
            "--dpkgopt=force-unsafe-io",
            "--format=directory",
        ),
        *(suite, str(tree), *(source.line for source in sources)),
    ]
    proxies = {k: v for k, v in os.environ.items() if k.lower() in ("http_proxy", "https_proxy", "no_proxy")}
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", **proxies}
    said: list[str] = []
    try:
        with subprocess.Popen(
            command, env=env, stdout=-1, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as run:
            assert run.stdout is not None
            for line in run.stdout:
                said = [*said[-20:], line.rstrip()]
                if progress is not None and line.startswith("I: "):
                    progress(line[3:].strip())
    except FileNotFoundError as error:
        raise UnsupportedHostError("mmdebstrap is missing", hint="install the system package mmdebstrap") from error
    if run.returncode != 0:
        reasons = [line for line in said if line.startswith(("E: ", "W: "))] or said
        raise SandboxError(f"mmdebstrap failed: {' '.join(reasons[-3:])}", hint="are the apt mirrors reachable?")


def _apt_options() -> list[str]:
    """How this machine fetches packages: proxy, certificates, dates of a frozen mirror."""
    try:
        dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        return []
    return [line.rstrip(";") for line in dump.splitlines() if _KEPT_APT_OPTIONS.match(line)]


def _tidy_debian(tree: Path) -> None:
    """Leave out what a build left: devices, caches, logs, and the machine's proxy and passwords."""
    for folder in ("dev", "var/cache/apt", "var/lib/apt/lists", "var/log", "tmp"):
        for child in (tree / folder).iterdir():
            remove_tree(child)
    options = tree / "etc/apt/apt.conf.d/99mmdebstrap"
    if options.is_file():
        options.write_text("".join(line for line in options.open() if "::Proxy" not in line))
    for file in [tree / "etc/apt/sources.list", *(tree / "etc/apt/sources.list.d").glob("*")]:
        if file.is_file():
            file.write_text(re.sub(r"(https?://)[^/@\s]+@", r"\1", file.read_text()))


def _add_accounts(tree: Path) -> None:
    """Make sure that the agent has an account and a loopback name, in a tree that may hold any links."""
    root = os.open(tree, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name, text in etc_files().items():
            old = _read_in(root, f"/etc/{name}")
            if name in ("passwd", "group"):
                if re.search(rf"^[^:]*:[^:]*:{USER}:", old, re.MULTILINE):
                    continue
                line = next(part for part in text.splitlines() if part.startswith("agent:"))
                text = old if not old or old.endswith("\n") else old + "\n"
                text += line + "\n"
            elif old and name == "nsswitch.conf":
                continue
            _write_in(root, f"/etc/{name}", text)
    finally:
        os.close(root)


def _read_in(root: int, path: str) -> str:
    try:
        with os.fdopen(open_in_root(root, path, os.O_RDONLY | os.O_NONBLOCK)) as file:
            return file.read(1 << 20)
    except OSError:
        return ""


def _write_in(root: int, path: str, text: str) -> None:
    try:
        file = open_in_root(root, path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK, 0o644)
    except OSError as error:
        raise LayerError(f"the image's {path} can't be written: {error}") from error
    with os.fdopen(file, "w") as opened:
        opened.write(text)
        info = os.fstat(root)
        os.fchown(opened.fileno(), info.st_uid, info.st_gid)


def _manifest(tree: Path) -> dict[str, str]:
    """Installed Debian packages and their versions; empty for other systems."""
    root = os.open(tree, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with os.fdopen(open_in_root(root, "/var/lib/dpkg/status", os.O_RDONLY), errors="replace") as file:
            entries = file.read().split("\n\n")
    except OSError:
        return {}
    finally:
        os.close(root)
    found = {}
    for entry in entries:
        fields = dict(re.findall(r"^(Package|Version|Status): (.*)$", entry, re.MULTILINE))
        if fields.get("Status", "").endswith(" installed"):
            found[fields["Package"]] = fields.get("Version", "")
    return found


def content_digest(tree: Path) -> str:
    """What identifies a tree: names, kinds, modes, owners, links and contents; not times."""
    whole = hashlib.sha256()
    for entry in walk(str(tree)):
        info = entry.info
        owner = (info.st_uid % 65536, info.st_gid % 65536)
        whole.update(b"%s\0%o %d %d " % (entry.path, info.st_mode, *owner))
        if stat.S_ISLNK(info.st_mode):
            whole.update(os.fsencode(os.readlink(entry.name, dir_fd=entry.folder)))
        elif stat.S_ISREG(info.st_mode):
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(entry.name, flags, dir_fd=entry.folder), "rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
        whole.update(b"\0")
    return f"sha256:{whole.hexdigest()}"
