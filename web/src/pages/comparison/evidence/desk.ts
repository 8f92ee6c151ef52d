import { createContext, useContext } from "react";
import type { Side } from "../../../api/types";
import { type CitedAt, writeCitation } from "./citation";

/** Lines of a diff, or a step of a transcript: what a comment hangs on and a citation points to. */
export type EvidenceTarget =
  | {
      kind: "lines";
      side: Side;
      path: string;
      /** `result`: the side's new lines. `base` or `start`: lines it took away, as they were there. */
      at: CitedAt;
      from: number;
      to: number;
      /** The lines themselves, kept so that a comment can be read apart from the diff. */
      text: string;
    }
  | {
      kind: "step";
      side: Side;
      /** Position in the side's transcript, counted from 1. */
      step: number;
      /** What the step says in a line. */
      text: string;
    };

export function tokenOf(target: EvidenceTarget): string {
  if (target.kind === "step") return writeCitation(target);
  const { side, path, at, from, to } = target;
  return writeCitation({ kind: "file", side, path, lines: [from, to], at });
}

/**
 * Where evidence goes: the text field of the rating in which the cursor was last. While there is none (a closed panel,
 * a folded drawer) the tokens wait for the next one that appears.
 */
export class EvidenceDesk {
  private readonly fields = new Map<string, HTMLTextAreaElement>();
  private last: string | null = null;
  private waiting: string[] = [];
  private readonly whenMissing: () => void;

  constructor(whenMissing: () => void = () => {}) {
    this.whenMissing = whenMissing;
  }

  /** A field enters; the first one named `preferred` takes what waits. Returns how it leaves. */
  enter(name: string, node: HTMLTextAreaElement, preferred: boolean): () => void {
    this.fields.set(name, node);
    const onFocus = () => {
      this.last = name;
    };
    node.addEventListener("focus", onFocus);
    // A field that takes the cursor as it appears does so before anybody listens.
    if ((preferred && this.last === null) || document.activeElement === node) this.last = name;
    if (preferred && this.waiting.length > 0) {
      const tokens = this.waiting.join(" ");
      this.waiting = [];
      // After the form is on the page and has its saved text.
      requestAnimationFrame(() => this.insert(tokens));
    }
    return () => {
      node.removeEventListener("focus", onFocus);
      if (this.fields.get(name) === node) this.fields.delete(name);
    };
  }

  insert(text: string): void {
    const field = (this.last !== null && this.fields.get(this.last)) || this.fields.values().next().value;
    if (!field) {
      this.waiting.push(text);
      this.whenMissing();
      return;
    }
    insertAtCursor(field, text);
  }
}

/** Types `text` where the cursor is, with a blank around it where words would touch; Ctrl+Z takes it back. */
export function insertAtCursor(field: HTMLTextAreaElement, text: string): void {
  const { selectionStart, selectionEnd, value } = field;
  const before = value.slice(0, selectionStart);
  const after = value.slice(selectionEnd);
  const lead = before === "" || /[\s([{]$/.test(before) ? "" : " ";
  const tail = after === "" || /^[\s.,;:!?)\]}]/.test(after) ? "" : " ";
  field.focus();
  field.setSelectionRange(selectionStart, selectionEnd);
  // The one way that the browser's own undo knows about. Where it is missing, the text still gets there.
  if (document.execCommand("insertText", false, lead + text + tail)) return;
  field.setRangeText(lead + text + tail, selectionStart, selectionEnd, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
}

/** Where the next prompt is written, when it is: comments can be put into it. */
export type PromptSink = (text: string) => void;

export interface Evidence {
  /** Null: nothing can be cited here now (another's comparison, or a rating that is closed). */
  cite: ((target: EvidenceTarget) => void) | null;
  /** Null: nothing can be commented on here now. */
  comment: ((target: EvidenceTarget) => void) | null;
  desk: EvidenceDesk | null;
}

export const NO_EVIDENCE: Evidence = { cite: null, comment: null, desk: null };

export const EvidenceContext = createContext<Evidence>(NO_EVIDENCE);

/** Puts a citation of the target into the rating at the cursor; null where that can't be. For diff and transcript. */
export function useCite(): Evidence["cite"] {
  return useContext(EvidenceContext).cite;
}

/** Opens a comment on the target; null where that can't be. For diff and transcript. */
export function useComment(): Evidence["comment"] {
  return useContext(EvidenceContext).comment;
}
