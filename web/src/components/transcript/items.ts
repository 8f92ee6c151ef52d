import type { AgentEventData, ComparisonEvent, PlanEntry, ToolKind } from "../../api/types";

/** What a transcript shows, folded from the events of one side. Pure. */

export interface TextItem {
  type: "message" | "thought";
  key: string;
  text: string;
}
export interface ToolItem {
  type: "tool";
  key: string;
  title: string;
  tool: ToolKind;
  input: string;
  locations: { path: string; line?: number | null }[];
  status: "running" | "completed" | "failed" | "cancelled";
  output: string;
  patch: string;
}
export interface NoticeItem {
  type: "notice" | "attempt";
  key: string;
  text: string;
}
export type TranscriptItem = TextItem | ToolItem | NoticeItem;

export interface TranscriptState {
  items: TranscriptItem[];
  /** Where the item with a key stands, so that a piece finds its item at once. */
  index: ReadonlyMap<string, number>;
  plan: PlanEntry[];
  attempt: number;
  lastId: number;
}

export const EMPTY_TRANSCRIPT: TranscriptState = { items: [], index: new Map(), plan: [], attempt: 0, lastId: 0 };

const AGENT_KINDS = new Set(["message", "thought", "tool_call", "tool_update", "plan", "notice"]);

export function isAgentEvent(event: ComparisonEvent): boolean {
  return AGENT_KINDS.has(event.kind);
}

/** Adds events, oldest first. One already seen (a stream that resumed too early) changes nothing. */
export function appendEvents(state: TranscriptState, events: readonly ComparisonEvent[]): TranscriptState {
  const fresh = events.filter((event) => event.id > state.lastId && isAgentEvent(event));
  if (fresh.length === 0) return state;
  const next = {
    items: [...state.items],
    index: new Map(state.index),
    plan: state.plan,
    attempt: state.attempt,
    lastId: 0,
  };
  let lastId = state.lastId;
  for (const event of fresh) {
    lastId = Math.max(lastId, event.id);
    enterAttempt(next, event);
    apply(next, event);
  }
  return { ...next, lastId };
}

type Draft = { items: TranscriptItem[]; index: Map<string, number>; plan: PlanEntry[]; attempt: number };

function enterAttempt(draft: Draft, event: ComparisonEvent): void {
  const attempt = event.attempt ?? draft.attempt;
  if (attempt <= draft.attempt) return;
  if (draft.attempt > 0) {
    push(draft, {
      type: "attempt",
      key: `attempt-${attempt}`,
      text: `Attempt ${attempt}: started again from the turn’s start.`,
    });
    draft.plan = [];
  }
  draft.attempt = attempt;
}

function apply(draft: Draft, event: ComparisonEvent): void {
  const data = { ...event.data, kind: event.kind } as AgentEventData;
  const scope = draft.attempt;
  switch (data.kind) {
    case "message":
    case "thought":
      addText(draft, data.kind, `${scope}/${data.kind}/${data.message_id}`, data.text);
      break;
    case "tool_call":
      put(draft, {
        type: "tool",
        key: `${scope}/${data.call_id}`,
        title: data.title,
        tool: data.tool,
        input: data.input ?? "",
        locations: data.locations ?? [],
        status: "running",
        output: "",
        patch: "",
      });
      break;
    case "tool_update":
      updateTool(draft, `${scope}/${data.call_id}`, data);
      break;
    case "plan":
      draft.plan = data.entries;
      break;
    case "notice":
      push(draft, { type: "notice", key: `notice-${event.id}`, text: data.text });
      break;
  }
}

function addText(draft: Draft, type: "message" | "thought", key: string, text: string): void {
  const at = draft.index.get(key);
  const known = at === undefined ? undefined : draft.items[at];
  if (at !== undefined && known && (known.type === "message" || known.type === "thought")) {
    draft.items[at] = { ...known, text: known.text + text };
  } else {
    push(draft, { type, key, text });
  }
}

function updateTool(draft: Draft, key: string, data: Extract<AgentEventData, { kind: "tool_update" }>): void {
  const at = draft.index.get(key);
  const known = at === undefined ? undefined : draft.items[at];
  if (at === undefined || known?.type !== "tool") return;
  draft.items[at] = {
    ...known,
    status: data.status,
    output: known.output + (data.output ?? ""),
    patch: data.patch || known.patch,
  };
}

function put(draft: Draft, item: TranscriptItem): void {
  const at = draft.index.get(item.key);
  if (at === undefined) push(draft, item);
  else draft.items[at] = item;
}

function push(draft: Draft, item: TranscriptItem): void {
  draft.index.set(item.key, draft.items.length);
  draft.items.push(item);
}
