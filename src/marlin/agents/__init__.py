"""Coding agents: data files that say how to run them, and one client that drives any of them over ACP.

``load_spec`` → ``install`` / ``find_installed`` → open a sandbox with ``InstalledAgent.mounts`` →
``AgentSession.start`` → ``prompt`` → ``close``.
"""

from .acp import RawSink, WireLimits
from .errors import (
    AgentCrashedError,
    AgentError,
    AgentFloodError,
    AgentGarbageError,
    AgentInstallError,
    AgentNotInstalledError,
    AgentNotReadyError,
    AgentRequestError,
    AgentResumeError,
    AgentSessionClosedError,
    AgentSpecError,
)
from .events import (
    AgentEvent,
    Location,
    MessageChunk,
    Notice,
    Plan,
    PlanEntry,
    ThoughtChunk,
    ToolCall,
    ToolUpdate,
)
from .installing import SCRIPT_MOUNT, InstalledAgent, Package, find_installed, install
from .normalise import Normaliser, normalise
from .outcomes import PromptOutcome
from .redaction import PLACEHOLDER, Redactor
from .session import AGENT_MOUNT, AgentSession, OnEvent
from .sinks import JsonlSink, MemorySink, read_jsonl
from .specs import AgentSpec, Install, OutcomeKind, Quirks, load_spec, parse_spec, shipped_specs

__all__ = [
    "AGENT_MOUNT",
    "PLACEHOLDER",
    "SCRIPT_MOUNT",
    "AgentCrashedError",
    "AgentError",
    "AgentEvent",
    "AgentFloodError",
    "AgentGarbageError",
    "AgentInstallError",
    "AgentNotInstalledError",
    "AgentNotReadyError",
    "AgentRequestError",
    "AgentResumeError",
    "AgentSession",
    "AgentSessionClosedError",
    "AgentSpec",
    "AgentSpecError",
    "Install",
    "InstalledAgent",
    "JsonlSink",
    "Location",
    "MemorySink",
    "MessageChunk",
    "Normaliser",
    "Notice",
    "OnEvent",
    "OutcomeKind",
    "Package",
    "Plan",
    "PlanEntry",
    "PromptOutcome",
    "Quirks",
    "RawSink",
    "Redactor",
    "ThoughtChunk",
    "ToolCall",
    "ToolUpdate",
    "WireLimits",
    "find_installed",
    "install",
    "load_spec",
    "normalise",
    "parse_spec",
    "read_jsonl",
    "shipped_specs",
]
