import { expect, test } from "vitest";
import { TranscriptFeed } from "../../../../components/transcript/feed";
import { Fold } from "../../../../components/transcript/items";
import { conversationReader, MessageEvents } from "./message-events";

const call = (id: string, name: string, given: unknown) => ({
  role: "assistant",
  content: "",
  tool_calls: [{ id, type: "function", function: { name, arguments: given } }],
});

function shown(messages: Record<string, unknown>[]) {
  const fold = new Fold();
  fold.append(new MessageEvents().of(messages));
  return fold.items;
}

test("who says what, and what was only thought", () => {
  const items = shown([
    { role: "system", content: "Be careful." },
    { role: "user", content: [{ type: "text", text: "Fix it." }] },
    { role: "assistant", reasoning_content: "look first", content: "Fixed." },
    { role: "assistant", content: null },
  ]);
  expect(items).toMatchObject([
    { type: "message", speaker: "System", text: "Be careful." },
    { type: "message", speaker: "User", text: "Fix it." },
    { type: "thought", text: "look first" },
    { type: "message", text: "Fixed." },
    { type: "notice", text: "An empty message." },
  ]);
  expect(items[3]).not.toHaveProperty("speaker");
});

test("an answer finds its call, by its id or, without one, in the order of the calls", () => {
  const items = shown([
    call("one", "bash", { command: "rg size\nsecond line" }),
    call("two", "edit", { path: "a.py", text: "x" }),
    { role: "tool", tool_call_id: "two", content: "edited" },
    { role: "tool", content: "14: size" },
    { role: "tool", content: "of nobody" },
    call("three", "submit", {}),
  ]);
  expect(items).toMatchObject([
    { type: "tool", title: "bash · rg size", input: "rg size\nsecond line", output: "14: size", status: "completed" },
    { type: "tool", title: "edit · a.py", output: "edited" },
    { type: "message", speaker: "Tool", text: "of nobody" },
    { type: "tool", title: "submit", output: "", status: "completed" },
  ]);
});

test("arguments that are a text, as one reader wants them, and calls without any shape are shown all the same", () => {
  const items = shown([call("one", "bash", '{"command": "ls"}'), { role: "assistant", tool_calls: [{}] }]);
  expect(items).toMatchObject([
    { title: 'bash · {"command": "ls"}', input: '{"command": "ls"}' },
    { title: "unnamed", input: "" },
  ]);
});

test("a conversation that comes in parts is read to its end, whatever a part holds", async () => {
  const messages = Array.from({ length: 7 }, (_, index) => ({ role: "assistant", content: `said ${index}` }));
  const asked: number[] = [];
  const feed = new TranscriptFeed();
  const read = conversationReader(async (start) => {
    asked.push(start);
    return { messages: messages.slice(start, start + 3), start, total: messages.length };
  });
  await feed.loadFromStart(read, new AbortController().signal);
  expect(asked).toEqual([0, 3, 6]);
  expect(feed.state).toEqual({ kind: "whole" });
  expect(feed.fold.items.map((item) => "text" in item && item.text)).toEqual(messages.map(({ content }) => content));
});
