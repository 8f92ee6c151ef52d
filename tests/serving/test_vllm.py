"""A run's model behind vLLM, on a CPU: registered by the commands, and each mistake told (`scripts/verify-serving`)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.training import served
from tests.training.served import listening
from tests.training.test_tool_calls import shops, tuned

from marlin.db import EmbeddedPostgres
from marlin.settings import get_settings
from marlin.training import serving
from marlin.training.dataset import Pair
from marlin.training.errors import RoundTripError, ServedModelError
from marlin.training.plan import RunFolder

__all__ = ["shops"]


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MARLIN_HOME", str(tmp_path_factory.mktemp("home")))
        get_settings.cache_clear()
        yield


@pytest.fixture(scope="module")
def run(shops: Path, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A tiny model that calls tools, tuned by DPO."""
    assert served.VLLM, "run it by scripts/verify-serving"
    return tuned(shops, tmp_path_factory.mktemp("tuned"))


@pytest.fixture
def pair(run: RunFolder) -> Pair:
    return next(run.plan().folder.pairs("test"))


def test_the_printed_command_serves_a_model_that_can_be_registered(run: RunFolder, pair: Pair) -> None:
    model = serving.served(run)
    with listening(model) as url:
        ask = serving.asking(url, None)
        said = serving.round_trip(model, pair, ask)
        assert said["tool_calls"][0]["function"]["name"] == "read"
        with pytest.raises(ServedModelError, match="does not exist"):
            serving.round_trip(replace(model, name="marlin-other"), pair, ask)
        with database() as marlin:
            file = run.path / "next.toml"
            file.write_text(marlin("tune", "campaign", str(run.path), "--slug", "next", "--parent-url", url))
            marlin("campaign", "create", str(file))
            assert "calls read" in marlin("tune", "register", str(run.path), "next", "--url", url, "--name", "tuned")
            _, arm = json.loads(marlin("arm", "list", "next", "--json"))
            assert arm["model"] == model.name


def test_a_parser_of_another_family_is_told(run: RunFolder, pair: Pair) -> None:
    model = serving.served(run)
    with listening(model, "--enforce-eager", parser="pythonic") as url, pytest.raises(RoundTripError) as told:
        serving.round_trip(model, pair, serving.asking(url, None))
    print(told.value.message, told.value.hint)
    assert "calls no tool" in told.value.message
    assert "--parser" in str(told.value.hint)


def test_too_short_a_context_is_told(run: RunFolder, pair: Pair) -> None:
    model = serving.served(run)
    with listening(model, "--enforce-eager", "--max-model-len", "64") as url, pytest.raises(ServedModelError) as told:
        serving.round_trip(model, pair, serving.asking(url, None))
    print(told.value.message, told.value.hint)
    assert "--max-model-len" in str(told.value.hint)


@pytest.mark.parametrize(
    ("parser", "says"), [("hermez", "hermes"), ("llama3_json", "cannot be used with the tokenizer")]
)
def test_a_parser_that_is_unknown_or_needs_other_tokens_ends_vllm_with_words(
    run: RunFolder, parser: str, says: str
) -> None:
    words = served.command(serving.served(run), served.free_port(), parser=parser)
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert says in done.stdout + done.stderr


@contextmanager
def database() -> Iterator[Callable[..., str]]:
    """The commands on a database of their own."""
    home = Path(tempfile.mkdtemp(prefix="marlin-serving-"))  # pytest's own folders are closed to PostgreSQL's user
    home.chmod(0o711)
    postgres = EmbeddedPostgres(home / "postgres", options={"fsync": "off"})
    environment = os.environ | {"MARLIN_HOME": str(home), "DATABASE_URL": str(postgres.start())}

    def marlin(*words: str) -> str:
        command = [sys.executable, "-m", "marlin", *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    try:
        marlin("db", "upgrade")
        yield marlin
    finally:
        postgres.stop()
        shutil.rmtree(home)
