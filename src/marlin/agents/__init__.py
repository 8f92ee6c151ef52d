"""Coding agents: data files that say how to run them, and one client that drives any of them over ACP.

``load_spec`` → ``install`` / ``find_installed`` → open a sandbox with ``InstalledAgent.mounts`` →
``AgentSession.start`` → ``prompt`` → ``close``.
"""

from .acp import RawSink, WireLimits
from .acp_trajectory import trajectory_from_acp
from .conversation import Message, ToolUse
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
    TrajectoryTooLongError,
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
from .sinks import JsonlSink, MemorySink, RawLine, read_jsonl, stream_jsonl
from .specs import AgentSpec, Install, OutcomeKind, Quirks, load_spec, parse_spec, shipped_specs
from .trajectories import Generation, ModelCall, Segment, Trajectory, Turn, build_trajectory
from .trajectory_formats import render_transcript, to_atif, to_messages, transcript_heading

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
    "Generation",
    "Install",
    "InstalledAgent",
    "JsonlSink",
    "Location",
    "MemorySink",
    "Message",
    "MessageChunk",
    "ModelCall",
    "Normaliser",
    "Notice",
    "OnEvent",
    "OutcomeKind",
    "Package",
    "Plan",
    "PlanEntry",
    "PromptOutcome",
    "Quirks",
    "RawLine",
    "RawSink",
    "Redactor",
    "Segment",
    "ThoughtChunk",
    "ToolCall",
    "ToolUpdate",
    "ToolUse",
    "Trajectory",
    "TrajectoryTooLongError",
    "Turn",
    "WireLimits",
    "build_trajectory",
    "find_installed",
    "install",
    "load_spec",
    "normalise",
    "parse_spec",
    "read_jsonl",
    "render_transcript",
    "shipped_specs",
    "stream_jsonl",
    "to_atif",
    "to_messages",
    "trajectory_from_acp",
    "transcript_heading",
]
