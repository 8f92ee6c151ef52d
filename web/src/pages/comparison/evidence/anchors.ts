import type { Anchor, Comment } from "../../../api/types";
import { changesLink } from "../links";
import { stepLink } from "../transcript-link";
import { type Citation, citationWords } from "./citation";
import type { EvidenceTarget } from "./desk";

/** Between what is clicked, what a comment hangs on, what a text cites, and where that is. Pure. */

export function anchorOf(target: EvidenceTarget): Anchor {
  const nothing = { path: null, at: "result", first_line: null, last_line: null, step: null } as const;
  if (target.kind === "step") return { ...nothing, side: target.side, step: target.step };
  const { side, path, at, from, to } = target;
  return { ...nothing, side, path, at, first_line: from, last_line: to };
}

export function citationOfAnchor(anchor: Anchor): Citation {
  if (anchor.step !== null) return { kind: "step", side: anchor.side, step: anchor.step };
  const first = anchor.first_line ?? 1;
  return {
    kind: "file",
    side: anchor.side,
    path: anchor.path ?? "",
    lines: [first, anchor.last_line ?? first],
    at: anchor.at,
  };
}

export function anchorWords(anchor: Anchor): string {
  return citationWords(citationOfAnchor(anchor));
}

export function isSamePlace(a: Anchor, b: Anchor): boolean {
  const names = ["side", "path", "at", "first_line", "last_line", "step"] as const;
  return names.every((name) => a[name] === b[name]);
}

/** Where a citation leads, as the router takes it. */
export function citationLink(comparison: string, turn: number, citation: Citation) {
  if (citation.kind === "file") {
    const [line, to] = citation.lines ?? [];
    const which = citation.at === "result" ? ("new" as const) : ("old" as const);
    return changesLink({ comparison, turn, path: citation.path, side: citation.side, which, line, to });
  }
  return stepLink({ comparison, turn, side: citation.side, step: citation.step });
}

/** A comment as it reads in the next prompt: the agents know files and lines, but neither sides nor steps. */
export function commentForPrompt(comment: Pick<Comment, "anchor" | "text" | "quote">): string {
  const { path, first_line, last_line } = comment.anchor;
  const text = comment.text.trim();
  if (path === null) return text;
  const lines = first_line === null ? "" : first_line === last_line ? `:${first_line}` : `:${first_line}-${last_line}`;
  return `${path}${lines}: ${text}`;
}

export function commentsForPrompt(comments: readonly Pick<Comment, "anchor" | "text" | "quote">[]): string {
  return comments.map((comment) => `- ${commentForPrompt(comment).replace(/\n/g, "\n  ")}`).join("\n");
}
