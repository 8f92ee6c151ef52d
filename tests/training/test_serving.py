"""A run's model goes back as an arm only if it is that model, and calls tools: against `transformers serve` itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.factories.preferences import TOOLS, folder
from tests.training import tiny
from tests.training.served import free_port, listening

from marlin.db import EmbeddedPostgres
from marlin.training import record, serving
from marlin.training.dataset import DatasetFolder, Pair
from marlin.training.errors import RoundTripError, RunStateError, ServedModelError
from marlin.training.launch import prepared, written
from marlin.training.plan import Plan, RunFolder
from marlin.training.serving import Served
from marlin.training.worker import train

PlanOf = Callable[..., Plan]
PROMPT = [{"role": "system", "content": "you are a coding agent"}, {"role": "user", "content": "fix the parser"}]


def trained(path: Path, plan: PlanOf) -> RunFolder:
    """A run of one step: its weights are as good as random, so it can't call tools."""
    data = folder(path / "data", train=8, test=2)
    base = tiny.model(path / "base", data)
    run = written(prepared(plan("sft", dataset=str(data), model=str(base), max_length=0, epochs=1.0), path / "run"))
    train(run)
    return run


def test_a_model_is_served_under_its_hash_and_one_that_calls_no_tool_is_refused(tmp_path: Path, plan: PlanOf) -> None:
    run = trained(tmp_path, plan)
    model = serving.served(run)
    assert model.name == f"marlin-{model.hash[:12]}"
    assert model.hash == record.folder_hash(model.folder, record.WEIGHTS)
    assert serving.served(run) == model
    pair = next(DatasetFolder(tmp_path / "data").pairs("test"))
    with listening(model) as url:
        ask = serving.asking(url, None)
        with pytest.raises(RoundTripError, match=r"It said: \{"):
            serving.round_trip(model, pair, ask)
        with pytest.raises(ServedModelError, match="pinned to"):
            serving.round_trip(Served(model.folder, "marlin-other", "0" * 64), pair, ask)
    _entered(run, model, tmp_path)
    origin = serving.lineage(run, model)
    assert origin["trained_on"] == ["train-repo-0"]
    assert origin["parent"] == str(tmp_path / "base")
    assert origin["run"] == record.read(run)["adapter_hash"]
    (model.folder / "config.json").write_text("{}")
    with pytest.raises(RunStateError, match="files have changed"):
        serving.served(run)


def _entered(run: RunFolder, model: Served, tmp_path: Path) -> None:
    """By the commands, on a database of their own; a stand-in answers as a model that can call tools."""
    message = using("run", '{"command": "ls"}') | {"role": "assistant"}

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            body = json.dumps({"model": model.name, "choices": [{"message": message}]}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def marlin(*words: str) -> str:
        environment = os.environ | {"MARLIN_HOME": str(home), "DATABASE_URL": database}
        command = [sys.executable, "-m", "marlin", *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    home = Path(tempfile.mkdtemp(prefix="marlin-tuned-"))  # pytest's own folders are closed to PostgreSQL's user
    home.chmod(0o711)
    postgres = EmbeddedPostgres(home / "postgres", options={"fsync": "off"})
    database = str(postgres.start())
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        marlin("db", "upgrade")
        file = tmp_path / "next.toml"
        file.write_text(marlin("tune", "campaign", str(run.path), "--slug", "next", "--parent-url", url))
        assert "It needs two arms" in marlin("campaign", "create", str(file))
        said = marlin("tune", "register", str(run.path), "next", "--url", url, "--name", "tuned")
        assert 'calls run {"command": "ls"}' in said
        parent, tuned = json.loads(marlin("arm", "list", "next", "--json"))
        assert (parent["name"], parent["lineage"]) == ("parent", None)
        assert (tuned["model"], tuned["lineage"]) == (model.name, serving.lineage(run, model))
    finally:
        server.shutdown()
        server.server_close()
        postgres.stop()
        shutil.rmtree(home)


def test_a_server_ends_with_the_command_that_started_it_though_that_was_killed(tmp_path: Path, plan: PlanOf) -> None:
    run, port = trained(tmp_path, plan), free_port()
    command = [sys.executable, "-m", "marlin", "tune", "serve", str(run.path), "--port", str(port)]
    serve = subprocess.Popen(command)
    children = Path(f"/proc/{serve.pid}/task/{serve.pid}/children")
    while not any(b"transformers" in Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children.read_text().split()):
        assert serve.poll() is None
        time.sleep(0.1)
    (server,) = (Path(f"/proc/{pid}") for pid in children.read_text().split())
    serve.kill()
    serve.wait()
    while server.exists() and (server / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.1)  # the limit of a test is what ends it where the server stays


def test_an_address_that_lacks_its_end_is_told_with_it() -> None:
    class Lost(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_error(404)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Lost)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        for given, told in ((f"{url}/", f"{url}/v1"), (f"{url}/v1", "marlin tune serve")):
            with pytest.raises(ServedModelError, match="HTTP 404") as refused:
                serving.asking(given, None)({})
            assert told in str(refused.value.hint)
    finally:
        server.shutdown()
        server.server_close()


MODEL = Served(Path("m"), "marlin-0123456789ab", "0123456789ab" + "0" * 52)


def answering(message: dict[str, Any], name: str = MODEL.name) -> serving.Ask:
    return lambda _body: {"model": name, "choices": [{"message": message}]}


def using(name: str, arguments: str) -> dict[str, Any]:
    return {"content": None, "tool_calls": [{"id": "c", "function": {"name": name, "arguments": arguments}}]}


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ({"content": 'run({"command": "ls"})'}, r"calls no tool.*run\(\{"),
        (using("fly", "{}"), "'fly', which is no tool"),
        (using("run", '{"command": '), "no JSON"),
        (using("run", "[]"), "no object"),
        (using("run", "{}"), "without command"),
    ],
)
def test_what_does_not_parse_is_refused_with_the_models_own_words(message: dict[str, Any], why: str) -> None:
    pair = Pair("p", PROMPT, [], [], TOOLS)
    with pytest.raises(RoundTripError, match=why):
        serving.round_trip(MODEL, pair, answering(message))


def test_another_models_answer_is_no_proof() -> None:
    pair = Pair("p", PROMPT, [], [], TOOLS)
    good = using("run", '{"command": "ls"}')
    assert serving.round_trip(MODEL, pair, answering(good, f"models/{MODEL.name}@main"))["tool_calls"]
    with pytest.raises(ServedModelError, match="marlin-ffffffffffff"):
        serving.round_trip(MODEL, pair, answering(good, "marlin-ffffffffffff"))
    with pytest.raises(ServedModelError, match="no answer"):
        serving.asking("http://127.0.0.1:1/v1", None)({})
    with pytest.raises(ServedModelError, match="no address"):
        serving.asking("file:///etc/passwd", None)
