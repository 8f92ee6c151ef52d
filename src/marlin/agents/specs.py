"""Agent specs: an agent is data. What to install, how to start it, which files it needs, how it misbehaves.

A spec is a TOML file. Marlin ships a few; a user's own file is a new ACP agent without code
(``docs/how-to/add-an-agent.md``). Strings may hold ``${name}`` placeholders, filled in when the agent starts.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from .errors import AgentSpecError

SHIPPED = Path(__file__).parent / "specs"
"""The specs that come with Marlin."""

PLACEHOLDERS: Mapping[str, str] = {
    "gateway_url": "address of the model gateway inside the sandbox, without a trailing slash",
    "gateway_port": "its port",
    "token": "this run's token (never in `files`: HOME is archived)",
    "model": "the neutral model id that the agent asks for",
    "home": "HOME of the agent",
    "workspace": "the repository",
    "agent": "where the installed agent is mounted",
    "arch": "x64 or arm64, as npm names processors",
}
"""Names that may stand in ``${…}``."""

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_EXACT_NPM = re.compile(r"^(@[a-z0-9][\w.-]*/)?[a-z0-9][\w.-]*@\d+\.\d+\.\d+(-[\w.]+)?$")
_EXACT_PIP = re.compile(r"^[A-Za-z0-9][\w.-]*(\[[\w,-]+\])?==\d[\w.!+]*$")
_EXACT_VERSION = re.compile(r"^\d+\.\d+\.\d+$")

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Api = Literal["anthropic", "openai-chat", "openai-responses"]
OutcomeKind = Literal[
    "completed",
    "cancelled",
    "refused",
    "context_limit",
    "max_turns",
    "budget",
    "timed_out",
    "crashed",
    "protocol_error",
    "upstream_error",
]
"""How a prompt ended."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Install(_Part):
    """What to put into Marlin's folder for this agent. All versions are exact, so that arms stay comparable."""

    npm: list[str] = Field(default_factory=list)
    """npm packages, ``name@1.2.3``; ``${arch}`` allowed."""
    node: str | None = None
    """Version of Node.js that runs them, from the npm packages ``node-linux-*``."""
    lock: str | None = None
    """File beside the spec with the npm lock (versions and hashes of everything); without it npm resolves anew."""
    pip: list[str] = Field(default_factory=list)
    """Python packages, ``name==1.2.3``, installed with ``pip install --target``."""
    prune: list[str] = Field(default_factory=list)
    """Paths removed after installing, relative to the folder (binaries for other processors)."""

    @field_validator("npm")
    @classmethod
    def _npm_is_exact(cls, packages: list[str]) -> list[str]:
        for package in packages:
            if not _EXACT_NPM.match(package.replace("${arch}", "x64")):
                raise ValueError(f"{package!r} is not pinned: write it as name@1.2.3")
        return packages

    @field_validator("pip")
    @classmethod
    def _pip_is_exact(cls, packages: list[str]) -> list[str]:
        for package in packages:
            if not _EXACT_PIP.match(package):
                raise ValueError(f"{package!r} is not pinned: write it as name==1.2.3")
        return packages

    @field_validator("node")
    @classmethod
    def _node_is_exact(cls, version: str | None) -> str | None:
        if version is not None and not _EXACT_VERSION.match(version):
            raise ValueError(f"{version!r} is not a whole version: write it as 24.21.0")
        return version

    @field_validator("prune")
    @classmethod
    def _prune_stays_inside(cls, paths: list[str]) -> list[str]:
        for path in paths:
            if path.startswith("/") or ".." in Path(path).parts or not Path(path).parts:
                raise ValueError(f"{path!r} must be a path inside the folder of the agent")
        return paths


class Quirks(_Part):
    """How this agent differs from the protocol's letter."""

    sigterm_on_close: bool = False
    """It ignores the end of its stdin: stop it with SIGTERM at once."""
    resume_with: Literal["auto", "load", "resume"] = "auto"
    """Which call takes up a session; ``auto`` prefers ``session/resume``, which replays nothing."""
    tail_output: str | None = None
    """Shell glob in the sandbox of files that hold a running command's output, when ACP carries it at the end only."""


class FailureText(_Part):
    """An agent that reports a failure as an ordinary last message: what it looks like and what it means."""

    pattern: str
    kind: OutcomeKind

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
        return pattern


class TimeLimits(_Part):
    """Seconds."""

    ready: float = Field(default=60.0, gt=0)
    """From start to an open session."""
    prompt: float = Field(default=1800.0, gt=0)
    """One prompt, unless the caller says otherwise."""
    cancel: float = Field(default=5.0, gt=0)
    """How long a cancelled agent may take to say so before it is killed."""


class AgentSpec(_Part):
    """One way to run one agent."""

    name: Name
    version: str = Field(min_length=1)
    """The version of the harness."""
    description: str = ""
    argv: list[str] = Field(min_length=1)
    """Command that speaks ACP on stdin and stdout."""
    env: dict[str, str] = Field(default_factory=dict)
    files: dict[str, str] = Field(default_factory=dict)
    """Files to write before each start: path relative to HOME → content."""
    api: Api | None = None
    """Which model API it speaks to the gateway; None when it needs no model."""
    model: str = Field(default="none", pattern=r"^[\w./:@-]+$")
    """The neutral model id it asks for: one that it knows, the same for every arm; the token decides the real model."""
    mode: str | None = None
    """ACP session mode to set."""
    config_options: dict[str, str] = Field(default_factory=dict)
    """ACP session config options to set: id → value."""
    program: Literal["scripted_agent.py", "minimal_agent.py"] | None = None
    """Program that Marlin itself ships, mounted in place of an installed one."""
    install: Install | None = None
    quirks: Quirks = Field(default_factory=Quirks)
    failures: list[FailureText] = Field(default_factory=list)
    time_limits: TimeLimits = Field(default_factory=TimeLimits)
    source: Path | None = Field(default=None, exclude=True)
    """The file it was read from."""

    @model_validator(mode="after")
    def _placeholders_are_known(self) -> Self:
        texts: list[tuple[str, str]] = [(f"argv[{i}]", part) for i, part in enumerate(self.argv)]
        texts += [(f"env.{name}", value) for name, value in self.env.items()]
        texts += [(f"files.{name}", value) for name, value in self.files.items()]
        for where, text in texts:
            for name in _PLACEHOLDER.findall(text):
                if name not in PLACEHOLDERS:
                    raise ValueError(f"{where}: ${{{name}}} is unknown; use one of {', '.join(sorted(PLACEHOLDERS))}")
                if name == "token" and where.startswith("files."):
                    raise ValueError(f"{where}: ${{token}} must not be written to a file; pass it in `env`")
        for path in self.files:
            if path.startswith("/") or ".." in Path(path).parts:
                raise ValueError(f"files.{path}: must be a path relative to HOME")
        if self.program and self.install:
            raise ValueError("program and install exclude each other")
        return self

    @property
    def digest(self) -> str:
        """SHA-256 over everything that matters in the spec; part of a rollout's provenance."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def machine_arch() -> str:
    """This machine's processor, as npm names it; other processors keep their own name."""
    machine = platform.machine().lower()
    return {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(machine, machine)


def fill(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its ``${name}`` placeholders replaced."""
    return _PLACEHOLDER.sub(lambda match: values[match[1]], text)


def shipped_specs() -> list[AgentSpec]:
    """The specs that come with Marlin, by name."""
    return [_read(path) for path in sorted(SHIPPED.glob("*.toml"))]


def load_spec(name_or_path: str | Path, *, folders: Sequence[Path] = ()) -> AgentSpec:
    """Find and read a spec.

    :param name_or_path: a shipped spec's name, a name in one of ``folders``, or the path of a TOML file.
    :param folders: the operator's own spec folders, looked at first.
    :raises AgentSpecError: there is none, or it is wrong; the message names the field.
    """
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or "/" in text or text.endswith(".toml"):
        return _read(Path(text).expanduser())
    for folder in (*folders, SHIPPED):
        path = folder / f"{text}.toml"
        if path.is_file():
            return _read(path)
    known = ", ".join(path.stem for path in sorted(SHIPPED.glob("*.toml")))
    raise AgentSpecError(
        f"There is no agent spec named {text!r}.", hint=f"Use one of {known}, or the path of your own TOML file."
    )


def parse_spec(text: str, *, source: Path | None = None) -> AgentSpec:
    """Read a spec from TOML.

    :raises AgentSpecError: not TOML, or a field is wrong.
    """
    where = str(source) if source else "agent spec"
    try:
        data: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AgentSpecError(f"{where} is not TOML: {error}", hint="Correct the syntax at that line.") from None
    try:
        return AgentSpec.model_validate({**data, "source": source})
    except ValidationError as error:
        raise AgentSpecError(f"{where}: {_explain(error)}", hint=_fix(error)) from None


def _read(path: Path) -> AgentSpec:
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise AgentSpecError(f"There is no agent spec at {path}.", hint="Check the path.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise AgentSpecError(f"{path} can't be read: {error}", hint="It must be a UTF-8 text file.") from None
    return parse_spec(text, source=path)


def _explain(error: ValidationError) -> str:
    parts = []
    for item in error.errors():
        field = ".".join(str(part) for part in item["loc"])
        message = item["msg"].removeprefix("Value error, ")
        parts.append(f"field `{field}`: {message}" if field else message)
    return "; ".join(parts)


def _fix(error: ValidationError) -> str:
    kinds = {item["type"] for item in error.errors()}
    if "extra_forbidden" in kinds:
        return "Remove or rename that field; docs/reference/agent-specs.md lists all of them."
    if "missing" in kinds:
        return "Add that field; docs/reference/agent-specs.md says what goes in it."
    return "Change that field; docs/reference/agent-specs.md says what it may hold."
