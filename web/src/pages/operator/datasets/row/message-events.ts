import type { RowMessages } from "../../../../api/dataset-rows";
import type { AgentEventData, ComparisonEvent } from "../../../../api/types";
import type { ReadPage } from "../../../../components/transcript/feed";

/** Messages of a dataset's row, as a transcript shows what an agent does. */

type Message = Record<string, unknown>;

const SPEAKERS: Record<string, string> = { system: "System", user: "User", developer: "Developer", tool: "Tool" };

/** Turns messages into events, message by message: a tool's answer finds the call that it answers. */
export class MessageEvents {
  #id = 0;
  #messages = 0;
  /** Calls that nothing has answered yet, the last made last: name for answers that do not say which they answer. */
  #open: { id: string; key: string }[] = [];

  of(messages: readonly Message[]): ComparisonEvent[] {
    return messages.flatMap((message) => this.#events(message));
  }

  #events(message: Message): ComparisonEvent[] {
    this.#messages += 1;
    const key = String(this.#messages);
    const role = String(message.role ?? "");
    const said = textOf(message.content);
    if (role === "tool") return this.#answer(message, key, said);
    const events: ComparisonEvent[] = [];
    const thought = textOf(message.reasoning_content);
    if (thought !== "") events.push(this.#event({ kind: "thought", message_id: key, text: thought }));
    const speaker = role === "assistant" ? {} : { speaker: SPEAKERS[role] ?? (role || "Nobody") };
    if (said !== "") events.push(this.#event({ kind: "message", message_id: key, text: said, ...speaker }));
    for (const [at, call] of listOf(message.tool_calls).entries()) events.push(...this.#call(call, `${key}.${at}`));
    if (events.length === 0) events.push(this.#event({ kind: "notice", text: "An empty message." }));
    return events;
  }

  #call(call: Message, key: string): ComparisonEvent[] {
    const made = (call.function ?? {}) as Message;
    const name = String(made.name ?? "unnamed");
    const { line, input } = argumentsOf(made.arguments);
    this.#open.push({ id: String(call.id ?? ""), key });
    const title = line === "" ? name : `${name} · ${line}`;
    return [
      this.#event({ kind: "tool_call", call_id: key, title, tool: "other", input }),
      // What nothing answers is not running either: the row has all that there was.
      this.#event({ kind: "tool_update", call_id: key, status: "completed" }),
    ];
  }

  #answer(message: Message, key: string, said: string): ComparisonEvent[] {
    const id = message.tool_call_id;
    const at = typeof id === "string" && id !== "" ? this.#open.findIndex((call) => call.id === id) : 0;
    const call = this.#open[at];
    if (call === undefined) return [this.#event({ kind: "message", message_id: key, text: said, speaker: "Tool" })];
    this.#open.splice(at, 1);
    return [this.#event({ kind: "tool_update", call_id: call.key, status: "completed", output: said })];
  }

  #event({ kind, ...data }: AgentEventData): ComparisonEvent {
    this.#id += 1;
    return { id: this.#id, at: null, turn: 1, side: null, attempt: 1, kind, data };
  }
}

/** Reads a conversation as a transcript is read, however many parts it comes in. */
export function conversationReader(load: (start: number, signal: AbortSignal) => Promise<RowMessages>): ReadPage {
  const made = new MessageEvents();
  return async (range, signal) => {
    const start = "after" in range ? range.after : 0;
    const { messages, total } = await load(start, signal);
    const read = start + messages.length;
    return { events: made.of(messages), last_id: read, more: messages.length > 0 && read < total };
  };
}

function textOf(content: unknown): string {
  if (content === null || content === undefined) return "";
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return JSON.stringify(content, null, 2);
  return content.map((part) => (typeof part?.text === "string" ? part.text : JSON.stringify(part, null, 2))).join("\n");
}

function listOf(calls: unknown): Message[] {
  return Array.isArray(calls) ? calls : [];
}

const LONGEST_LINE = 160;

/** What a call was given: in a line, and as a whole. Arguments that are one text are that text. */
function argumentsOf(given: unknown): { line: string; input: string } {
  const values = typeof given === "object" && given !== null ? Object.values(given) : [];
  const only = values.length === 1 && typeof values[0] === "string" ? values[0] : null;
  const input = only ?? (typeof given === "string" ? given : values.length === 0 ? "" : JSON.stringify(given, null, 2));
  const first = values.find((value) => typeof value === "string") ?? (typeof given === "string" ? given : "");
  const line = String(first).trimStart().split("\n", 1)[0] ?? "";
  return { line: line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line, input };
}
