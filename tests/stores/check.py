"""Runs in an environment with the stores' own libraries: ``python -m tests.stores.check STORE FOLDER``.

Each check ends in a line ``STORE <store> | <library version> | <what was done> | ok``; anything else is a failure.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import fsspec
from tests.unit.dataset_files.test_dataset_folder import make

from marlin.dataset_files import MANIFEST, read_manifest
from marlin.dataset_files.manifest import ManifestFile

NOT_FOUND, UNAVAILABLE = 3, 6
"""Exit statuses."""
LARGE = 60 * 2**20
"""Bytes: more than a store takes in one request."""
AZURE = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6"
    "IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;BlobEndpoint=http://127.0.0.1:{port}/devstoreaccount1;"
)
"""The emulator's published key."""


@dataclass
class Store:
    """A server on loopback. :ivar bucket: its address, which the check makes. :ivar nowhere: one that nobody made."""

    name: str
    library: str
    bucket: str
    nowhere: str
    server: list[str]
    environment: dict[str, str]
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        self.process = subprocess.Popen(self.server)
        for _ in range(300):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError(f"{self.server[0]} does not listen")

    def stop(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def s3(_work: Path) -> Store:
    port = free_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    server = ["moto_server", "-H", "127.0.0.1", "-p", str(port)]
    return Store("s3", "s3fs", "s3://models", "s3://modles", server, environment, port)


def azure(work: Path) -> Store:
    port = free_port()
    environment = {"AZURE_STORAGE_CONNECTION_STRING": AZURE.format(port=port)}
    server = ["azurite-blob", "--silent", "--skipApiVersionCheck", "--blobHost", "127.0.0.1", "--blobPort", str(port)]
    server += ["--location", str(work / "azurite")]
    return Store("azure", "adlfs", "abfs://models", "abfs://modles", server, environment, port)


def hub(_work: Path) -> Store:
    port = free_port()
    environment = {"HF_ENDPOINT": f"http://127.0.0.1:{port}", "HF_TOKEN": "hf_testing", "HF_HUB_DISABLE_XET": "1"}
    server = [sys.executable, "-m", "tests.stores.hub", str(port)]
    address = "hf://datasets/marlin/spring"
    return Store("hub", "huggingface_hub", address, "hf://datasets/marlin/sprnig", server, environment, port)


def large(root: Path) -> Path:
    """A dataset with a file that travels in several requests; what is in it is as good as random."""
    made = make(root)
    data = random.Random(5).randbytes(LARGE // 2).hex().encode()
    (made / "rows" / "large.txt").write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    found = read_manifest(made)
    more = ManifestFile(path="rows/large.txt", sha256=digest, bytes=len(data), rows=0)
    whole = found.model_copy(update={"files": [*found.files, more]})
    (made / MANIFEST).write_bytes(whole.sealed().to_bytes())
    return made


def marlin(*words: str) -> list[str]:
    return [sys.executable, "-m", "marlin", "dataset", *words]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(marlin(*words), capture_output=True, text=True, timeout=300, check=False)
    print("$", *words, "→", done.returncode, done.stdout, done.stderr, flush=True)
    return done


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def there(store: Store) -> set[str]:
    fs, path = fsspec.core.url_to_fs(store.bucket, skip_instance_cache=True)
    fs.invalidate_cache()
    return set(fs.find(path))


def passed(store: Store, what: str) -> None:
    version = importlib.metadata.version(store.library)
    print(f"STORE {store.name} | {store.library} {version} | {what} | ok", flush=True)


def refused(status: int, words: str, *command: str) -> None:
    done = run(*command)
    assert done.returncode == status, done
    assert words in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


def check_keys(store: Store, work: Path) -> None:
    """A store of keys: a dataset gets a folder of its own, its manifest last."""
    made = large(work / "made")
    fsspec.core.url_to_fs(store.bucket)[0].mkdir(store.bucket)

    _killed(store, made)
    assert not any(name.endswith(MANIFEST) for name in there(store)), "a torn copy is no dataset"
    refused(NOT_FOUND, "holds no dataset", "pull", f"{store.bucket}/sets/{made.name}", "--to", str(work / "torn"))
    passed(store, "a push that was killed (signal 9) left no dataset")

    done = run("push", str(made), f"{store.bucket}/sets")
    assert done.returncode == 0, done
    _comes_back(done.stdout.split()[-1], made, work / "back")
    passed(store, f"the next one went on, and came back to the byte, a file of {LARGE // 2**20} MiB among them")

    before = there(store)
    assert run("push", str(made), f"{store.bucket}/sets").returncode == 0
    assert there(store) == before
    passed(store, "pushed once more, nothing changed")

    refused(UNAVAILABLE, store.nowhere, "push", str(made), f"{store.nowhere}/sets")
    assert not fsspec.core.url_to_fs(store.nowhere, skip_instance_cache=True)[0].exists(store.nowhere)
    passed(store, "a bucket that nobody made is refused, and not made")

    none = f"{store.bucket}/sets/none-{'0' * 12}"
    refused(NOT_FOUND, "holds no dataset", "pull", none, "--to", str(work / "none"))
    passed(store, "that no dataset is there is said")

    _lost(store, made)
    passed(store, "a lost network is said, and the next try goes on")


def check_hub(store: Store, work: Path) -> None:
    """A repository of the Hub: a dataset is one commit, and a tag."""
    first, second = make(work / "first"), large(work / "second")

    process = subprocess.Popen(marlin("push", str(second), store.bucket))
    while not sent(store):
        assert process.poll() is None, "it was through before it could be killed"
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    refused(NOT_FOUND, "holds no dataset", "pull", store.bucket, "--to", str(work / "torn"))
    passed(store, "a push that was killed (signal 9) left no dataset")

    done = run("push", str(first), store.bucket)
    assert done.returncode == 0, done
    tagged = done.stdout.split()[-1]
    assert tagged == f"{store.bucket}@{read_manifest(first).id[:12]}"
    _comes_back(store.bucket, first, work / "back")
    passed(store, "a dataset is one commit and one tag, and comes back to the byte")

    assert run("push", str(second), store.bucket).returncode == 0
    assert sent(store) == 1, "the large file of the killed push was there already"
    _comes_back(store.bucket, second, work / "back2")
    assert run("push", str(first), store.bucket).returncode == 0
    assert not any("large" in name for name in there(store)), "what only the second one had"
    _comes_back(f"{store.bucket}@{read_manifest(second).id[:12]}", second, work / "back3")
    passed(store, "the next dataset takes the place of the first, which its tag keeps; known files travel once")

    done = run("push", str(first), f"{store.bucket}/kept")
    assert done.returncode == 0, done
    _comes_back(done.stdout.split()[-1], first, work / "back4")
    passed(store, "a folder of a repository takes one, too")

    both = [subprocess.Popen(marlin("push", str(made), store.bucket)) for made in (first, second)]
    ended = {made.name: process.wait() for made, process in zip((first, second), both, strict=True)}
    assert sorted(ended.values()) == [0, UNAVAILABLE], ended
    _comes_back(store.bucket, first if ended[first.name] == 0 else second, work / "back5")
    assert any("large" in name for name in there(store)) == (ended[second.name] == 0), "files of both"
    passed(store, "of two at once one is there, alone, and the other is told")

    refused(UNAVAILABLE, store.nowhere, "push", str(first), store.nowhere)
    refused(UNAVAILABLE, "datasets/OWNER/NAME", "push", str(first), "hf://marlin/spring")
    passed(store, "a repository that nobody made, and one of a model, are refused")

    store.stop()
    refused(UNAVAILABLE, store.bucket, "push", str(first), store.bucket)
    store.start()
    passed(store, "a lost network is said")


def sent(store: Store) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{store.port}/sent", timeout=10) as answer:
        return int(answer.read())


def _comes_back(address: str, made: Path, to: Path) -> None:
    assert run("pull", address, "--to", str(to)).returncode == 0
    (back,) = to.iterdir()
    assert contents(back) == contents(made)


def _killed(store: Store, made: Path) -> None:
    """Kill a push once its first file is there."""
    process = subprocess.Popen(marlin("push", str(made), f"{store.bucket}/sets"))
    while not there(store):
        assert process.poll() is None, "it was through before it could be killed"
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def _lost(store: Store, made: Path) -> None:
    """End the server once a push has begun; then bring it back."""
    process = subprocess.Popen(marlin("push", str(made), f"{store.bucket}/lost"), stderr=subprocess.PIPE, text=True)
    while not any("/lost/" in name for name in there(store)):
        assert process.poll() is None, "it was through before the server could be ended"
        time.sleep(0.05)
    store.stop()
    begun = time.monotonic()
    _, said = process.communicate(timeout=240)
    print("lost:", process.returncode, f"{time.monotonic() - begun:.0f} s", said, flush=True)
    assert process.returncode == UNAVAILABLE, said
    assert "Traceback" not in said
    store.start()
    if store.name == "s3":  # it holds everything in memory
        fsspec.core.url_to_fs(store.bucket, skip_instance_cache=True)[0].mkdir(store.bucket)
    assert run("push", str(made), f"{store.bucket}/lost").returncode == 0


STORES: dict[str, Callable[[Path], Store]] = {"s3": s3, "azure": azure, "hub": hub}


def main() -> None:
    name, work = sys.argv[1], Path(sys.argv[2])
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    store = STORES[name](work)
    os.environ |= store.environment
    store.start()
    try:
        (check_hub if name == "hub" else check_keys)(store, work)
    finally:
        store.stop()


if __name__ == "__main__":
    main()
