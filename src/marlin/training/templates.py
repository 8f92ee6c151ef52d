"""What a model's chat template does to agent trajectories, found out by rendering a probe with it.

Templates fail silently: of the 31 that TRL knows 6 drop tool calls, and most have no generation markers. Each finding
here is one that would have spoilt a run without a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from marlin.training.deadlines import EndlessError, limited
from marlin.training.encoding import Tokenizer, encode_messages
from marlin.training.errors import ModelNotFoundError

CALL, KEY, VALUE = "probe_call_a8f3", "probe_key_b9d4", "probe_value_d6e7"
OUTPUT, TOOL, SAID, ASKED = "probe_output_c4f9", "probe_tool_e1a2", "probe_said_f7b3", "probe_asked_a5c1"
_TOOLS = [
    {
        "type": "function",
        "function": {
            "name": CALL,
            "description": TOOL,
            "parameters": {"type": "object", "properties": {KEY: {"type": "string"}}, "required": [KEY]},
        },
    }
]

_MOST_SECONDS = 20.0
"""Of processor time, for a probe of four messages: a template is a program, and may never end."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a template, in words.

    :ivar code: for programs.
    """

    code: str
    message: str
    hint: str


def load_tokenizer(model: str) -> Tokenizer:
    """The tokenizer of a model: a folder, or a name that the Hugging Face cache or Hub knows.

    :raises ModelNotFoundError: there is none.
    """
    from transformers import AutoTokenizer

    if model.startswith((".", "/", "~")) and not Path(model).expanduser().is_dir():
        raise ModelNotFoundError(f"There is no folder {model}.", hint="Name a model's folder, or a name on the Hub.")
    try:
        found = AutoTokenizer.from_pretrained(str(Path(model).expanduser()), trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise ModelNotFoundError(
            f"The tokenizer of {model} can't be loaded: {str(error).splitlines()[0]}",
            hint="Name a folder with config.json, weights and tokenizer, or a model that is in the Hugging Face cache.",
        ) from error
    return cast("Tokenizer", found)


def prepare(tokenizer: Tokenizer, *, tools: bool = True) -> list[Finding]:
    """Swap in the template's training variant where TRL has one, then say all that is still wrong with it.

    DPO of TRL doesn't swap by itself, and then trains on whatever the template renders.

    :param tools: whether there are tool calls to render.
    """
    if not tokenizer.chat_template:
        return [Finding("no-template", "The tokenizer has no chat template.", "Use the instruction-tuned variant.")]
    if _has_powers(str(tokenizer.chat_template)):
        return [
            Finding(
                "endless-template",
                "The chat template has the operator **, which no conversation needs: a power may be "
                "computed for ever, and can't be stopped.",
                "Use another model, or take the operator out in a copy of the model's folder.",
            )
        ]
    try:
        with limited(_MOST_SECONDS):
            return _prepared(tokenizer, tools=tools)
    except EndlessError:
        said = f"The chat template took more than {_MOST_SECONDS:g} seconds of the processor for four short messages."
        return [Finding("endless-template", said, "Don't trust where the model came from; use another one.")]


def _has_powers(template: str) -> bool:
    from jinja2 import Environment, TemplateSyntaxError

    try:
        return any((kind, text) == ("operator", "**") for _, kind, text in Environment().lex(template))  # noqa: S701
    except TemplateSyntaxError:
        return False  # which rendering will tell


def _prepared(tokenizer: Tokenizer, *, tools: bool) -> list[Finding]:
    findings: list[Finding] = []
    from trl.chat_template_utils import get_training_chat_template

    try:
        patched = get_training_chat_template(tokenizer)
    except Exception as error:  # a template is a program: it may raise anything
        if "generation" not in str(tokenizer.chat_template):
            findings.append(
                Finding(
                    "no-generation-mask",
                    "The chat template has no {% generation %} markers, and TRL has no training variant of it: "
                    "what the model wrote can't be told from what tools answered.",
                    "Put {% generation %} … {% endgeneration %} around what the assistant says, in a copy of the "
                    "model's folder.",
                )
            )
        else:
            findings.append(
                Finding(
                    "unknown-template",
                    f"The chat template renders earlier messages otherwise once later ones follow: "
                    f"{str(error).splitlines()[0]}",
                    "Make it render a message alike whatever follows, in a copy of the model's folder.",
                )
            )
    else:
        if patched is not None:
            tokenizer.chat_template = patched
    return findings + (examined(tokenizer, tools=tools) if not findings else _dropped(tokenizer, tools=tools))


def examined(tokenizer: Tokenizer, *, tools: bool = True) -> list[Finding]:
    """What the template drops, and whether its markers are where they should be."""
    findings = _dropped(tokenizer, tools=tools)
    if not any(found.code in ("broken-template", "dict-arguments") for found in findings):
        findings += _markers(tokenizer, tools=tools)
    return findings


def _probe(tools: bool) -> list[dict[str, Any]]:
    if not tools:
        return [{"role": "user", "content": ASKED}, {"role": "assistant", "content": SAID}]
    call = {"id": "call_1", "type": "function", "function": {"name": CALL, "arguments": {KEY: VALUE}}}
    return [
        {"role": "user", "content": ASKED},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "name": CALL, "tool_call_id": "call_1", "content": OUTPUT},
        {"role": "assistant", "content": SAID},
    ]


def _dropped(tokenizer: Tokenizer, *, tools: bool) -> list[Finding]:
    hint = "Use a model whose template knows tools, or train on the patches alone: --view patch_pref."
    try:
        text = cast(
            "str", tokenizer.apply_chat_template(_probe(tools), tools=_TOOLS if tools else None, tokenize=False)
        )
    except TypeError as error:
        return [
            Finding(
                "dict-arguments",
                f"The template fails on tool calls whose arguments are objects, as datasets have them: {error}",
                "Use a newer revision of the model's template.",
            )
        ]
    except Exception as error:  # a template is a program: it may raise anything
        return [
            Finding("broken-template", f"The template fails on a tool call: {str(error).splitlines()[0]}", hint),
        ]
    if not tools:
        return []
    findings = []
    if any(word not in text for word in (CALL, KEY, VALUE)):
        findings.append(Finding("drops-tool-calls", "The template drops tool calls or their arguments.", hint))
    elif f"'{KEY}':" in text:
        findings.append(
            Finding(
                "dict-arguments",
                "The template writes the arguments of tool calls as Python, not as JSON.",
                "Use a template that renders arguments with tojson.",
            )
        )
    if OUTPUT not in text:
        findings.append(Finding("drops-tool-output", "The template drops what tools answered.", hint))
    if TOOL not in text:
        findings.append(Finding("drops-tool-schemas", "The template drops the list of tools.", hint))
    return findings


def _markers(tokenizer: Tokenizer, *, tools: bool) -> list[Finding]:
    try:
        ids, mask = encode_messages(tokenizer, _probe(tools), _TOOLS if tools else [])
    except Exception as error:  # a template is a program: it may raise anything
        return [
            Finding(
                "no-generation-mask",
                f"The tokenizer can't say which tokens lie between the markers: {str(error).splitlines()[0]}",
                "Use the model's fast tokenizer.",
            )
        ]
    written = tokenizer.decode([token for token, own in zip(ids, mask, strict=True) if own])
    rest = tokenizer.decode([token for token, own in zip(ids, mask, strict=True) if not own])
    hint = "Put the markers around all that the assistant says, and nothing else."
    if not any(mask):
        return [Finding("no-generation-mask", "The template's generation markers cover nothing.", hint)]
    findings = []
    if OUTPUT in written or ASKED in written or TOOL in written:
        findings.append(
            Finding("mask-covers-environment", "The template marks what tools or users said as the model's own.", hint)
        )
    if VALUE in rest.replace(TOOL, "") or SAID in rest:
        findings.append(Finding("mask-misses-model", "The template's markers leave out what the model wrote.", hint))
    return findings
