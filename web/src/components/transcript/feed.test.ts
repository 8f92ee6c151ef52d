import { describe, expect, test } from "vitest";
import type { ComparisonEvent } from "../../api/types";
import { type ReadPage, sharedReader, TranscriptFeed } from "./feed";

function log(length: number, side: (id: number) => "A" | "B" = () => "A"): ComparisonEvent[] {
  return Array.from({ length }, (_, at) => ({
    id: at + 1,
    at: "2026-11-23T12:00:00Z",
    kind: "message",
    turn: 1,
    side: side(at + 1),
    attempt: 1,
    // Two pieces a message, so that some straddle the pages.
    data: { message_id: `m${Math.floor(at / 2)}`, text: `${at + 1};` },
  }));
}

function reader(events: readonly ComparisonEvent[]): { read: ReadPage; asked: string[] } {
  const asked: string[] = [];
  const read: ReadPage = async (range) => {
    asked.push(JSON.stringify(range));
    const page =
      "before" in range
        ? events.filter((event) => event.id < range.before).slice(-range.limit)
        : events.filter((event) => event.id > range.after).slice(0, range.limit);
    return { events: page, last_id: page.at(-1)?.id ?? 0 };
  };
  return { read, asked };
}

const texts = (feed: TranscriptFeed) => feed.fold.items.map((item) => ("text" in item ? item.text : ""));
const quiet = () => new AbortController().signal;

describe("a feed", () => {
  test("a short transcript takes one request", async () => {
    const { read, asked } = reader(log(7));
    const feed = new TranscriptFeed();
    await feed.loadFromEnd(read, quiet());
    expect(asked).toHaveLength(1);
    expect(texts(feed)).toEqual(["1;2;", "3;4;", "5;6;", "7;"]);
    expect(feed.state.kind).toBe("whole");
  });

  test("a long one shows its end first, and all of it in the end: nothing twice, nothing lost, numbered from the start", async () => {
    const events = log(12_001);
    const { read } = reader(events);
    const feed = new TranscriptFeed();
    let early = 0;
    await feed.loadFromEnd(read, quiet(), {
      onEnd: () => {
        early = feed.fold.items.length;
        expect(feed.state.kind).toBe("earlier");
      },
    });
    expect(early).toBeGreaterThan(200);
    expect(early).toBeLessThan(300);
    expect(texts(feed).join("")).toBe(events.map((event) => event.data.text).join(""));
    expect(feed.fold.items.map((item) => item.step)).toEqual(Array.from({ length: 6001 }, (_, at) => at + 1));
  });

  test("one that is over is read from its beginning, page by page", async () => {
    const events = log(12_001);
    const { read, asked } = reader(events);
    const feed = new TranscriptFeed();
    let shownFirst = 0;
    const leave = feed.subscribe(() => {
      shownFirst ||= feed.fold.items.length;
    });
    await feed.loadFromStart(read, quiet());
    leave();
    expect(shownFirst).toBe(250);
    expect(asked).toHaveLength(4);
    expect(texts(feed).join("")).toBe(events.map((event) => event.data.text).join(""));
    expect(feed.state.kind).toBe("whole");
  });

  test("what arrives live while the past is read is kept", async () => {
    const events = log(9_000);
    const { read } = reader(events.slice(0, 8_000));
    const feed = new TranscriptFeed();
    await feed.loadFromEnd(read, quiet(), { onEnd: () => feed.append(events.slice(7_990)) });
    feed.append(events.slice(8_990));
    expect(texts(feed).join("")).toBe(events.map((event) => event.data.text).join(""));
  });

  test("two sides share the pages of one log", async () => {
    const events = log(11_000, (id) => (id % 3 ? "A" : "B"));
    const { read, asked } = reader(events);
    const shared = sharedReader(read);
    const feeds = (["A", "B"] as const).map((side) => {
      const feed = new TranscriptFeed();
      return { feed, side, done: feed.loadFromEnd(shared, quiet(), { mine: (event) => event.side === side }) };
    });
    await Promise.all(feeds.map(({ done }) => done));
    expect(new Set(asked).size).toBe(asked.length);
    for (const { feed, side } of feeds) {
      expect(texts(feed).join("")).toHaveLength(
        events.filter((event) => event.side === side).reduce((sum, event) => sum + String(event.data.text).length, 0),
      );
    }
  });

  test("a failure is a state, keeps what is shown, and another try goes on", async () => {
    const events = log(6_000);
    const { read } = reader(events);
    let refuse = true;
    const shaky: ReadPage = (range, signal) =>
      refuse && "after" in range ? Promise.reject(new Error("away")) : read(range, signal);
    const feed = new TranscriptFeed();
    await feed.loadFromEnd(shaky, quiet());
    expect(feed.state.kind).toBe("failed");
    expect(feed.fold.items.length).toBeGreaterThan(100);
    refuse = false;
    await feed.loadFromEnd(shaky, quiet());
    expect(feed.state.kind).toBe("whole");
    expect(feed.fold.items).toHaveLength(3_000);
  });

  test("listeners hear of news, and only of news", async () => {
    const feed = new TranscriptFeed();
    await feed.loadFromEnd(reader(log(4)).read, quiet());
    let heard = 0;
    const leave = feed.subscribe(() => heard++);
    feed.append(log(4));
    expect(heard).toBe(0);
    feed.append(log(6));
    expect(heard).toBe(1);
    leave();
    feed.append(log(8));
    expect(heard).toBe(1);
  });
});
