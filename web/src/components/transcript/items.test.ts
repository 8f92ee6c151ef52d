import { describe, expect, test } from "vitest";
import type { ComparisonEvent } from "../../api/types";
import { appendEvents, EMPTY_TRANSCRIPT, type ToolItem } from "./items";

function event(id: number, kind: string, data: Record<string, unknown>, attempt = 1): ComparisonEvent {
  return { id, at: "2026-11-23T12:00:00Z", kind, turn: 1, side: "A", attempt, data };
}
const message = (id: number, text: string, message_id = "m1", attempt = 1) =>
  event(id, "message", { message_id, text }, attempt);

describe("a transcript", () => {
  test("pieces of one message grow together, even with something between them", () => {
    const state = appendEvents(EMPTY_TRANSCRIPT, [
      message(1, "Hel"),
      event(2, "tool_call", { call_id: "c", title: "Read a.py", tool: "read" }),
      message(3, "lo"),
    ]);
    expect(state.items.map((item) => item.type)).toEqual(["message", "tool"]);
    expect(state.items[0]).toMatchObject({ text: "Hello" });
  });

  test("a message and a thought with the same id stay apart", () => {
    const state = appendEvents(EMPTY_TRANSCRIPT, [
      message(1, "a"),
      event(2, "thought", { message_id: "m1", text: "b" }),
    ]);
    expect(state.items).toHaveLength(2);
  });

  test("output is appended and the last status stands", () => {
    const state = appendEvents(EMPTY_TRANSCRIPT, [
      event(1, "tool_call", { call_id: "c", title: "Run: ls", tool: "execute", input: "ls" }),
      event(2, "tool_update", { call_id: "c", status: "running", output: "a\n" }),
      event(3, "tool_update", { call_id: "c", status: "failed", output: "b\n" }),
    ]);
    expect(state.items[0] as ToolItem).toMatchObject({ output: "a\nb\n", status: "failed", input: "ls" });
  });

  test("an update of an unknown call, and events of other kinds, are passed over", () => {
    const state = appendEvents(EMPTY_TRANSCRIPT, [
      event(1, "tool_update", { call_id: "x", status: "completed" }),
      event(2, "turn_status", { status: "ready" }),
      event(3, "no_such_kind", {}),
    ]);
    expect(state.items).toEqual([]);
  });

  test("events seen before change nothing", () => {
    const first = appendEvents(EMPTY_TRANSCRIPT, [message(1, "a"), message(2, "b")]);
    expect(appendEvents(first, [message(1, "a"), message(2, "b")])).toBe(first);
    expect(appendEvents(first, [message(2, "b"), message(3, "c")]).items[0]).toMatchObject({ text: "abc" });
  });

  test("what came before is never changed in place", () => {
    const first = appendEvents(EMPTY_TRANSCRIPT, [message(1, "a")]);
    appendEvents(first, [message(2, "b")]);
    expect(first.items[0]).toMatchObject({ text: "a" });
  });

  test("a new attempt begins anew, under a line that says so", () => {
    const state = appendEvents(EMPTY_TRANSCRIPT, [
      event(1, "plan", { entries: [{ content: "x", status: "pending" }] }),
      message(2, "old"),
      message(3, "new", "m1", 2),
    ]);
    expect(state.items.map((item) => item.type)).toEqual(["message", "attempt", "message"]);
    expect(state.items[2]).toMatchObject({ text: "new" });
    expect(state.plan).toEqual([]);
  });

  test("ten thousand pieces fold quickly into one item", () => {
    const pieces = Array.from({ length: 10_000 }, (_, index) => message(index + 1, "x"));
    expect(appendEvents(EMPTY_TRANSCRIPT, pieces).items).toHaveLength(1);
  });
});
