"""Campaign files that Marlin writes: plain text, to be read and changed before `marlin campaign create`. Pure."""

from __future__ import annotations

import json

_FILE = """\
# Tuned against parent. Written by `marlin tune campaign`; read it, change it, then:
#   marlin campaign create THIS_FILE
#   marlin tune register RUN {slug} --url …        enters the tuned model, if it can call tools
# Parent {parent_hash} (SHA-256), dataset {dataset}.
# Briefs on repositories of the training split are never given to the tuned arm: choose others.
# Two arms that never meet a third need no ranking; what is asked is whether the tuned one is preferred.
slug = {slug_text}
title = "Two versions of one agent"
guidelines = \"\"\"
You review two results for the same request as you would review two pull requests: blinded, on evidence.
Prefer the one that you would rather merge and own: it does what was asked, breaks nothing, and is simple.
\"\"\"
price_cents = 28000
continuation = "session"
reveal = "together"          # speed must not sway the choice
min_turns = 1
max_turns = 3
base_images = ["debian"]
synthetic = {synthetic}

[assignment]
overlap_rate = 0.2           # a second person judges this share: how much people agree bounds what can be found
aa_rate = 0.05               # an arm meets itself: what bias looks like

[[arms]]
name = "parent"
agent = {agent_text}
model = {parent_text}
upstream = {url_text}
api = "openai-chat"
outputs_may_train = false
"""


def tuned_against_parent(
    *, slug: str, parent: str, parent_hash: str, url: str, agent: str, dataset: str, synthetic: bool
) -> str:
    """A campaign in which a tuned model is to meet its parent; the tuned arm is entered by its registration."""
    texts = {"slug_text": slug, "agent_text": agent, "parent_text": parent, "url_text": url}
    quoted = {name: json.dumps(value, ensure_ascii=False) for name, value in texts.items()}  # a TOML string as well
    return _FILE.format(
        slug=slug, parent_hash=parent_hash, dataset=dataset, synthetic="true" if synthetic else "false", **quoted
    )
