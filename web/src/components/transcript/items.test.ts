import { describe, expect, test } from "vitest";
import type { ComparisonEvent } from "../../api/types";
import { touchedFiles } from "./files";
import { Fold, OUTPUT_LIMIT, type ToolItem } from "./items";
import { searchItems } from "./search";

function event(id: number, kind: string, data: Record<string, unknown>, attempt = 1): ComparisonEvent {
  return { id, at: "2026-11-23T12:00:00Z", kind, turn: 1, side: "A", attempt, data };
}
const message = (id: number, text: string, message_id = "m1", attempt = 1) =>
  event(id, "message", { message_id, text }, attempt);
const call = (id: number, title: string, more: Record<string, unknown> = {}) =>
  event(id, "tool_call", { call_id: `c${id}`, title, tool: "execute", ...more });

function fold(events: ComparisonEvent[]): Fold {
  const made = new Fold();
  made.append(events);
  return made;
}

describe("a transcript", () => {
  test("pieces of one message grow together, even with something between them", () => {
    const { items } = fold([
      message(1, "Hel"),
      event(2, "tool_call", { call_id: "c", title: "Read a.py", tool: "read" }),
      message(3, "lo"),
    ]);
    expect(items.map((item) => item.type)).toEqual(["message", "tool"]);
    expect(items[0]).toMatchObject({ text: "Hello", step: 1 });
  });

  test("a message and a thought with the same id stay apart", () => {
    expect(fold([message(1, "a"), event(2, "thought", { message_id: "m1", text: "b" })]).items).toHaveLength(2);
  });

  test("output is appended and the last status stands", () => {
    const { items } = fold([
      event(1, "tool_call", { call_id: "c", title: "Run: ls", tool: "execute", input: "ls" }),
      event(2, "tool_update", { call_id: "c", status: "running", output: "a\n" }),
      event(3, "tool_update", { call_id: "c", status: "failed", output: "b\n" }),
    ]);
    expect(items[0] as ToolItem).toMatchObject({ output: "a\nb\n", status: "failed", input: "ls" });
  });

  test("a call that is described anew keeps what it has printed and its number", () => {
    const { items } = fold([
      call(1, "Run: l"),
      event(2, "tool_update", { call_id: "c1", status: "running", output: "a" }),
      { ...call(3, "Run: ls -l"), data: { call_id: "c1", title: "Run: ls -l", tool: "execute" } },
    ]);
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ title: "Run: ls -l", output: "a", step: 1 });
  });

  test("an endless output is cut, and says how much is missing", () => {
    const update = (id: number) =>
      event(id, "tool_update", { call_id: "c1", status: "running", output: "x".repeat(OUTPUT_LIMIT - 10) });
    const [item] = fold([call(1, "Run: yes"), update(2), update(3)]).items as ToolItem[];
    expect(item?.output).toHaveLength(OUTPUT_LIMIT);
    expect(item?.dropped).toBe(OUTPUT_LIMIT - 20);
  });

  test("an update of an unknown call, and events of other kinds, are passed over", () => {
    const { items } = fold([
      event(1, "tool_update", { call_id: "x", status: "completed" }),
      event(2, "turn_status", { status: "ready" }),
      event(3, "no_such_kind", {}),
    ]);
    expect(items).toEqual([]);
  });

  test("events seen before change nothing", () => {
    const made = fold([message(1, "a"), message(2, "b")]);
    expect(made.append([message(1, "a"), message(2, "b")])).toBe(false);
    expect(made.append([message(2, "b"), message(3, "c")])).toBe(true);
    expect(made.items[0]).toMatchObject({ text: "abc" });
  });

  test("an item is never changed in place, so that an unchanged row is not drawn again", () => {
    const made = fold([message(1, "a"), message(2, "x", "m2")]);
    const [first, second] = made.items;
    made.append([message(3, "b")]);
    expect(first).toMatchObject({ text: "a" });
    expect(made.items[1]).toBe(second);
  });

  test("a new attempt begins anew, under a line that says so", () => {
    const made = fold([
      event(1, "plan", { entries: [{ content: "x", status: "pending" }] }),
      message(2, "old"),
      message(3, "new", "m1", 2),
    ]);
    expect(made.items.map((item) => item.type)).toEqual(["message", "attempt", "message"]);
    expect(made.items[2]).toMatchObject({ text: "new", step: 1 });
    expect(made.plan).toEqual([]);
    expect(made.indexOfStep(1)).toBe(2);
  });

  test("steps are numbered as the server counts them: messages, thoughts, calls and notices", () => {
    const made = fold([
      message(1, "a"),
      event(2, "notice", { text: "cut" }),
      message(3, "b", "m2"),
      call(4, "Run: ls"),
    ]);
    expect(made.items.map((item) => item.step)).toEqual([1, 2, 3, 4]);
    expect([0, 1, 4, 5].map((step) => made.indexOfStep(step))).toEqual([-1, 0, 3, -1]);
  });

  test("files are those that edits wrote, with where they were first touched", () => {
    const edit = (id: number, path: string, status: string) => [
      call(id, `Edit ${path}`, { tool: "edit", locations: [{ path }] }),
      event(id + 1, "tool_update", { call_id: `c${id}`, status, patch: `--- a/${path}\n+++ b/${path}\n` }),
    ];
    const { items } = fold([
      ...edit(1, "a.py", "completed"),
      call(3, "Read b.py", { tool: "read", locations: [{ path: "b.py" }] }),
      ...edit(4, "a.py", "completed"),
      ...edit(6, "c.py", "failed"),
    ]);
    expect(touchedFiles(items)).toEqual([{ path: "a.py", edits: 2, last: "edit", first: 0 }]);
  });

  test("a search finds words in what is folded, past colours, ignoring case", async () => {
    const { items } = fold([
      message(1, "nothing"),
      call(2, "Run: pytest"),
      event(3, "tool_update", { call_id: "c2", status: "failed", output: "\u001b[31mFAI\u001b[0mLED x" }),
      message(4, "It failed.", "m2"),
    ]);
    expect(await searchItems(items, "failed", new AbortController().signal)).toEqual([1, 2]);
    expect(await searchItems(items, "absent", new AbortController().signal)).toEqual([]);
  });

  test("ten thousand pieces fold quickly into one item", () => {
    expect(fold(Array.from({ length: 10_000 }, (_, index) => message(index + 1, "x"))).items).toHaveLength(1);
  });
});
