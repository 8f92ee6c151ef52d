"""Base images: the smoke script in a sandbox on one, the way from worker to worker, and what counts as one."""

from __future__ import annotations

import io
import re
import secrets
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from marlin.sandboxes import (
    BubblewrapBackend,
    Layer,
    LayerExistsError,
    LayerStore,
    SandboxError,
    build_image,
    can_fetch,
    import_image,
    pinned_image,
    pinned_images,
    read_facts,
    sandboxes_live,
    shipped_recipe,
    try_image,
)

PROGRAMS = ("/bin/sh", "/bin/cat", "/usr/bin/mktemp")


def small_system(folder: Path) -> io.BytesIO:
    """A root tree with a shell, two programs and their libraries, as ``docker export`` would write it."""
    files = set(PROGRAMS)
    for program in PROGRAMS:
        told = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
        files |= set(re.findall(r"(/\S+) \(0x", told))
    tree = folder / "system"
    for name in ("dev", "etc", "home", "proc", "run", "sys", "tmp", "workspace"):
        (tree / name).mkdir(parents=True)
    for file in files:
        target = tree / file[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(file).resolve(), target)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.add(tree, arcname=".")
    packed.seek(0)
    return packed


@pytest.fixture
def small(store: LayerStore, tmp_path: Path) -> Iterator[Layer]:
    name = f"small-{secrets.token_hex(4)}"
    yield import_image(store, name, small_system(tmp_path), source="a test")
    store.remove(name)


async def test_a_smoke_script_runs_in_a_sandbox_on_its_image(backend: BubblewrapBackend, small: Layer):
    script = "echo hello > made\ncat made\n[ ! -e /usr/bin/python3 ] && [ ! -e /usr/bin/git ]"
    assert await try_image(backend, small, script) == "hello\n"
    assert sandboxes_live(backend.home) == 0


async def test_a_smoke_script_that_fails_says_with_what(backend: BubblewrapBackend, small: Layer):
    with pytest.raises(SandboxError, match=r"exit code 127:\n(?s:.*)nodejs") as failed:
        await try_image(backend, small, "nodejs --version\necho never")
    assert "never" not in failed.value.message
    assert "packages" in (failed.value.hint or "")
    assert sandboxes_live(backend.home) == 0


def test_an_exported_image_is_the_same_elsewhere(store: LayerStore, small: Layer, tmp_path: Path):
    packed = io.BytesIO()
    store.pack(small, packed)
    packed.seek(0)
    other = LayerStore(tmp_path / "other")
    there = import_image(other, small.name, packed, source="a worker")
    assert read_facts(there)["digest"] == read_facts(small)["digest"]
    assert read_facts(there)["bytes"] > 100_000


def test_only_what_was_built_or_imported_is_a_pinned_image(store: LayerStore, base_image: Layer, small: Layer):
    layer = store.commit(f"plain-{secrets.token_hex(4)}", store.stage_tree())
    assert pinned_images(store) == {small.name: small}
    assert pinned_image(store, small.name) == small
    for other in (base_image.name, layer.name, "missing"):
        assert pinned_image(store, other) is None
    assert not can_fetch(small)
    store.remove(layer.name)


def test_an_image_never_changes(store: LayerStore, small: Layer, tmp_path: Path):
    before = read_facts(small)
    with pytest.raises(LayerExistsError) as imported:
        import_image(store, small.name, small_system(tmp_path / "again"), source="another")
    with pytest.raises(LayerExistsError) as built:
        build_image(store, shipped_recipe("debian"), name=small.name)
    assert "--name" in (built.value.hint or "")
    assert imported.value.hint
    assert read_facts(small) == before
