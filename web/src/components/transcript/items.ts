import type { AgentEventData, ComparisonEvent, PlanEntry, ToolKind } from "../../api/types";

/** What a transcript shows, folded from the events of one side. */

interface Numbered {
  key: string;
  /** Its number in its attempt, from 1, as the server counts (`count_steps`). The line above a new attempt has none. */
  step: number | null;
}
export interface TextItem extends Numbered {
  type: "message" | "thought";
  text: string;
  /** Who says it, where that is not the agent whose transcript it is. */
  speaker?: string;
}
export interface ToolItem extends Numbered {
  type: "tool";
  title: string;
  tool: ToolKind;
  input: string;
  locations: { path: string; line?: number | null }[];
  status: "running" | "completed" | "failed" | "cancelled";
  output: string;
  /** Characters of output that came beyond what is kept here. */
  dropped: number;
  patch: string;
}
export interface NoticeItem extends Numbered {
  type: "notice" | "attempt";
  text: string;
}
export type TranscriptItem = TextItem | ToolItem | NoticeItem;

const AGENT_KINDS = new Set(["message", "thought", "tool_call", "tool_update", "plan", "notice"]);

/** Characters of one call's output that are kept in memory. The server keeps them all. */
export const OUTPUT_LIMIT = 1_000_000;

export function isAgentEvent(event: ComparisonEvent): boolean {
  return AGENT_KINDS.has(event.kind);
}

/**
 * A transcript that grows: `items` changes in place, an item never does, so that a row is drawn anew only when its item is
 * another one. A piece finds its item by key at once, however long the transcript is.
 */
export class Fold {
  readonly items: TranscriptItem[] = [];
  plan: PlanEntry[] = [];
  attempt = 0;
  lastId = 0;
  /** Number of the last step of this attempt. */
  steps = 0;
  /** Index of the first item of this attempt. */
  begin = 0;
  private readonly index = new Map<string, number>();

  /** Adds events, oldest first. One already seen (a stream that resumed too early) changes nothing. True if any was new. */
  append(events: readonly ComparisonEvent[]): boolean {
    let changed = false;
    for (const event of events) {
      if (event.id <= this.lastId || !isAgentEvent(event)) continue;
      this.lastId = event.id;
      this.enterAttempt(event);
      this.apply(event);
      changed = true;
    }
    return changed;
  }

  /** Where the item with a key stands; -1 if there is none. */
  find(key: string): number {
    return this.index.get(key) ?? -1;
  }

  /** Where a step of the present attempt stands; -1 if there is none. */
  indexOfStep(step: number): number {
    const at = this.begin + step - 1;
    return step > 0 && this.items[at]?.step === step ? at : -1;
  }

  private enterAttempt(event: ComparisonEvent): void {
    const attempt = event.attempt ?? this.attempt;
    if (attempt <= this.attempt) return;
    if (this.attempt > 0) {
      const text = `Attempt ${attempt}: started again from the turn’s start.`;
      this.push({ type: "attempt", key: `attempt-${attempt}`, step: null, text });
      this.plan = [];
      this.steps = 0;
      this.begin = this.items.length;
    }
    this.attempt = attempt;
  }

  private apply(event: ComparisonEvent): void {
    const data = { ...event.data, kind: event.kind } as AgentEventData;
    const scope = this.attempt;
    switch (data.kind) {
      case "message":
      case "thought":
        this.addText(data, `${scope}/${data.kind}/${data.message_id}`);
        break;
      case "tool_call":
        this.addCall(`${scope}/${data.call_id}`, data);
        break;
      case "tool_update":
        this.updateCall(`${scope}/${data.call_id}`, data);
        break;
      case "plan":
        this.plan = data.entries;
        break;
      case "notice":
        this.push({ type: "notice", key: `notice-${event.id}`, step: ++this.steps, text: data.text });
        break;
    }
  }

  private addText(data: Extract<AgentEventData, { kind: "message" | "thought" }>, key: string): void {
    const { kind: type, text } = data;
    const at = this.index.get(key);
    const known = at === undefined ? undefined : this.items[at];
    if (at !== undefined && (known?.type === "message" || known?.type === "thought")) {
      this.items[at] = { ...known, text: known.text + text };
    } else {
      const said = "speaker" in data && data.speaker !== undefined ? { speaker: data.speaker } : {};
      this.push({ type, key, step: ++this.steps, text, ...said });
    }
  }

  private addCall(key: string, data: Extract<AgentEventData, { kind: "tool_call" }>): void {
    const at = this.index.get(key);
    const known = at === undefined ? undefined : this.items[at];
    const described = {
      title: data.title,
      tool: data.tool,
      input: data.input ?? "",
      locations: data.locations ?? [],
    };
    if (at !== undefined && known?.type === "tool") {
      // Described anew, once the agent knows more about it: what it has printed by then stays.
      this.items[at] = { ...known, ...described };
      return;
    }
    this.push({
      type: "tool",
      key,
      step: ++this.steps,
      ...described,
      status: "running",
      output: "",
      dropped: 0,
      patch: "",
    });
  }

  private updateCall(key: string, data: Extract<AgentEventData, { kind: "tool_update" }>): void {
    const at = this.index.get(key);
    const known = at === undefined ? undefined : this.items[at];
    if (at === undefined || known?.type !== "tool") return;
    const more = data.output ?? "";
    const room = Math.max(0, OUTPUT_LIMIT - known.output.length);
    this.items[at] = {
      ...known,
      status: data.status,
      output: known.output + (more.length > room ? more.slice(0, room) : more),
      dropped: known.dropped + Math.max(0, more.length - room),
      patch: data.patch || known.patch,
    };
  }

  private push(item: TranscriptItem): void {
    this.index.set(item.key, this.items.length);
    this.items.push(item);
  }
}
