"""Serving a run's model, and proving that what answers is that model and can call tools.

The merged model lies in a folder that is named by its own hash, and is served under that name: an arm that asks for
the name can't be answered by another run's model without the server refusing, or saying so.
"""

from __future__ import annotations

import json
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marlin.training import record
from marlin.training.dataset import Message, Pair
from marlin.training.disks import telling_full
from marlin.training.errors import RoundTripError, RunStateError, ServedModelError
from marlin.training.plan import RunFolder
from marlin.training.saying import Say, silently

PATIENCE = 300.0
"""Seconds for one answer: a large model may be loaded first."""
LONGEST_SHOWN = 2000
MOST_TOKENS = 512


@dataclass(frozen=True, slots=True)
class Served:
    """A merged model. :ivar name: under which it is served; it holds the first 12 digits of ``hash``."""

    folder: Path
    name: str
    hash: str


def served(run: RunFolder, say: Say = silently) -> Served:
    """The run's merged model in ``RUN/served/``, made if it is not there.

    :raises RunStateError: the run is not trained, is a reward model, or its merged files have changed.
    """
    from marlin.training.merge import merged

    kept = record.read(run).get("served") or {}
    folder = run.path / "served" / str(kept.get("name") or "none")
    if folder.is_dir():
        if record.folder_hash(folder, record.WEIGHTS, say) != kept["hash"]:
            raise RunStateError(f"{folder} is not what was merged: its files have changed.", hint=f"Remove {folder}.")
        return Served(folder, kept["name"], kept["hash"])
    fresh = run.path / "served" / ".merging"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.parent.mkdir(parents=True, exist_ok=True)
    found = merged(run, fresh, say)
    name = f"marlin-{found['hash'][:12]}"
    # a kill after the move and before the record leaves a folder that nobody knows: it is made once more
    shutil.rmtree(run.path / "served" / name, ignore_errors=True)
    fresh.replace(run.path / "served" / name)
    with telling_full(run.path, "Free some space, then serve it again."):
        record.update(run, served={"name": name, "hash": found["hash"]}, merged=None)
    return Served(run.path / "served" / name, name, found["hash"])


def development_command(model: Served, host: str, port: int) -> list[str]:
    """`transformers serve`, to be run in the folder above the model: it takes the name it is given for the model's."""
    serve = [sys.executable, "-m", "transformers.cli.transformers", "serve", model.name]
    return [*serve, "--host", host, "--port", str(port)]


def production_command(model: Served, parser: str, host: str, port: int) -> list[str]:
    """vLLM, in an environment of its own."""
    return [
        *["vllm", "serve", str(model.folder.resolve()), "--served-model-name", model.name],
        *["--host", host, "--port", str(port), "--enable-auto-tool-choice", "--tool-call-parser", parser],
    ]


Ask = Callable[[dict[str, Any]], dict[str, Any]]


def asking(url: str, key: str | None) -> Ask:
    """Calls of one OpenAI-compatible endpoint; ``url`` ends in ``/v1``.

    :raises ServedModelError: nobody answers, or with an error; it shows what was said.
    """

    if not url.startswith(("http://", "https://")):
        raise ServedModelError(f"{url!r} is no address of a server.", hint="Give one such as http://127.0.0.1:8000/v1")

    def ask(body: dict[str, Any]) -> dict[str, Any]:
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {key}"} if key else {})
        whole = f"{url.rstrip('/')}/chat/completions"
        request = urllib.request.Request(whole, json.dumps(body).encode(), headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
                found: dict[str, Any] = json.loads(answer.read())
        except urllib.error.HTTPError as error:
            said = error.read(LONGEST_SHOWN).decode("utf-8", "replace")
            hint = _LONGER if error.code == 400 and any(sign in said for sign in _SHORT) else _SERVE
            if error.code == 404 and not url.rstrip("/").endswith("/v1"):
                hint = f"Most servers want /v1 at the end: {url.rstrip('/')}/v1"
            raise ServedModelError(f"{whole} answers with HTTP {error.code}: {said}", hint=hint) from error
        except urllib.error.URLError as error:
            hint = _LOADING if isinstance(error.reason, ConnectionRefusedError) else _SERVE
            raise ServedModelError(f"{whole} gives no answer: {error.reason}", hint=hint) from error
        except (OSError, ValueError) as error:
            raise ServedModelError(f"{whole} gives no answer: {error}", hint=_SERVE) from error
        return found

    return ask


_SERVE = "Serve this run's model there: `marlin tune serve RUN` starts a server, and prints the command for vLLM."

_LOADING = f"{_SERVE} If it was started just now it may still be loading: vLLM listens once the model can answer."
_SHORT = ("context length", "max_model_len")
"""What vLLM says when a request is too long."""
_LONGER = (
    f"The server holds fewer tokens than the prompt and the {MOST_TOKENS} that may follow it: start it with more, for "
    "vLLM by --max-model-len, or without that option, when it holds what the model does."
)


def require_identity(model: Served, answer: dict[str, Any]) -> None:
    """See that an answer says it is of this model; some servers add a revision after an @.

    :raises ServedModelError: it is another's.
    """
    name = str(answer.get("model") or "").partition("@")[0].rpartition("/")[2]
    if name != model.name:
        raise ServedModelError(
            f"The server answers as {answer.get('model')!r}; the run's model is {model.name!r}.", hint=_SERVE
        )


def round_trip(model: Served, pair: Pair, ask: Ask) -> Message:
    """Let the model call a tool on a prompt of its dataset, answer the call, and let it go on; its call.

    :raises RoundTripError: it calls none, or the call can't be read; shows what it said instead.
    :raises ServedModelError: another model answers, or nobody does.
    """
    if not pair.tools:
        raise RoundTripError(
            "The dataset's prompts declare no tools, so nobody knows which the agent has.",
            hint="Use a dataset of trajectories (the view trl_pref) to tune an agent's model.",
        )
    body = {"model": model.name, "tools": pair.tools, "temperature": 0, "max_tokens": MOST_TOKENS, "stream": False}
    messages = [_plain(message) for message in pair.prompt]
    message = _answer(model, ask({**body, "messages": messages}))
    calls = message.get("tool_calls") or []
    if not calls:
        raise _unreadable("calls no tool", message)
    results = []
    for number, call in enumerate(calls):
        _require_call(call, pair.tools, message)
        results.append({"role": "tool", "tool_call_id": call.get("id") or f"call_{number}", "content": "ok"})
    going_on = {"role": "assistant", "content": message.get("content") or "", "tool_calls": calls}
    _answer(model, ask({**body, "messages": [*messages, going_on, *results]}))
    return message


def _answer(model: Served, answer: dict[str, Any]) -> Message:
    require_identity(model, answer)
    try:
        message = answer["choices"][0]["message"]
        if not isinstance(message, dict):
            raise TypeError(message)
    except (KeyError, IndexError, TypeError) as error:
        said = json.dumps(answer)[:LONGEST_SHOWN]
        raise RoundTripError(f"The server's answer has no message: {said}", hint=_SERVE) from error
    return message


def _require_call(call: dict[str, Any], tools: list[dict[str, Any]], message: Message) -> None:
    function = call.get("function") or {}
    declared = {tool["function"]["name"]: tool["function"].get("parameters") or {} for tool in tools}
    if function.get("name") not in declared:
        raise _unreadable(f"calls {function.get('name')!r}, which is no tool of it", message)
    try:
        arguments = json.loads(function.get("arguments") or "")
    except ValueError:
        raise _unreadable("calls a tool with arguments that are no JSON", message) from None
    if not isinstance(arguments, dict):
        raise _unreadable("calls a tool with arguments that are no object", message)
    lacking = [name for name in declared[function["name"]].get("required") or () if name not in arguments]
    if lacking:
        raise _unreadable(f"calls {function['name']} without {', '.join(lacking)}", message)


def _unreadable(what: str, message: Message) -> RoundTripError:
    said = json.dumps({name: message.get(name) for name in ("content", "tool_calls")}, ensure_ascii=False)
    as_text = any(mark in str(message.get("content")) for mark in _MARKS)
    return RoundTripError(
        f"The model {what}, so it can be no agent. It said: {said[:LONGEST_SHOWN]}",
        hint=_PARSER if as_text and not message.get("tool_calls") else _TEACH,
    )


_MARKS = ("<tool_call>", "<function=", "[TOOL_CALLS]", "<|python_tag|>", '{"name":')
"""How families of models begin a call in text: if an answer's text has one, the server did not read it as a call."""
_PARSER = (
    "It calls a tool, but the server took that for text: serve it with its family's tool-call parser "
    "(`marlin tune serve RUN --parser NAME` prints vLLM's command)."
)
_TEACH = "Teach it the tools' format first (`marlin tune sft`), or serve it with its family's tool-call parser."


def _plain(message: Message) -> Message:
    """As the API wants it: arguments are JSON text."""
    plain = {name: value for name, value in message.items() if value is not None}
    if plain.get("tool_calls"):
        plain["tool_calls"] = [
            {**call, "function": {**call["function"], "arguments": json.dumps(call["function"]["arguments"])}}
            for call in plain["tool_calls"]
        ]
    return plain


def lineage(run: RunFolder, model: Served) -> dict[str, Any]:
    """What an arm keeps of where its model comes from.

    :raises RunStateError: the dataset is not the one that it was trained on.
    """
    kept, plan = record.read(run), run.plan()
    dataset = plan.folder
    dataset.check()
    inputs = kept.get("inputs") or {}
    if dataset.hashes() != (inputs.get("dataset") or {}).get("files"):
        raise RunStateError(
            f"{plan.dataset} is not what the run was trained on.", hint="Put the dataset of that id back."
        )
    seen = {str(pair.facts["repository"]) for pair in dataset.pairs("train") if pair.facts.get("repository")}
    seen |= {str(one.facts["repository"]) for one in dataset.single_results("train") if one.facts.get("repository")}
    return {
        "run": kept["adapter_hash"],
        "method": plan.method,
        "model": model.hash,
        "dataset": dataset.id,
        "split": dataset.split_hash,
        "synthetic": dataset.synthetic,
        "parent": inputs["model"]["name"],
        "parent_hash": inputs["model"]["hash"],
        "trained_on": sorted(seen),
    }
