import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Phase, TerminalConnection } from "./connection";

class FakeSocket {
  static made: FakeSocket[] = [];
  readyState = 1;
  binaryType = "";
  sent: unknown[] = [];
  onopen?: () => void;
  onmessage?: (event: { data: unknown }) => void;
  onclose?: (event: { code: number }) => void;
  constructor() {
    FakeSocket.made.push(this);
  }
  send(data: unknown) {
    this.sent.push(typeof data === "string" ? JSON.parse(data) : data);
  }
  close() {
    this.readyState = 3;
  }
  tell(message: unknown) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  print(length: number) {
    this.onmessage?.({ data: new ArrayBuffer(length) });
  }
}

function connected() {
  const phases: Phase[] = [];
  const outputs: { old: boolean; drawn: () => void }[] = [];
  const countdowns: unknown[] = [];
  const connection = new TerminalConnection(
    "ws://x/y",
    {
      onPhase: (phase) => phases.push(phase),
      onStart: () => outputs.splice(0),
      onOutput: (_, old, drawn) => outputs.push({ old, drawn }),
      onCountdown: (countdown) => countdowns.push(countdown),
      onDropped: () => {},
    },
    () => new FakeSocket() as unknown as WebSocket,
  );
  connection.open();
  return { connection, phases, outputs, countdowns, socket: FakeSocket.made.at(-1) as FakeSocket };
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.made = [];
});
afterEach(() => vi.useRealTimers());

describe("a terminal's connection", () => {
  it("acknowledges what was drawn, and only that", () => {
    const { socket, outputs } = connected();
    socket.tell({ type: "attached", replay: 0 });
    socket.print(100);
    socket.print(50);
    expect(socket.sent).toEqual([]);
    outputs[0]?.drawn();
    expect(socket.sent).toEqual([]);
    outputs[1]?.drawn();
    expect(socket.sent).toEqual([{ type: "ack", bytes: 150 }]);
  });

  it("acknowledges in between while much is under way", () => {
    const { socket, outputs } = connected();
    socket.tell({ type: "attached", replay: 0 });
    for (let i = 0; i < 3; i++) socket.print(10_000);
    outputs[0]?.drawn();
    outputs[1]?.drawn();
    expect(socket.sent).toEqual([{ type: "ack", bytes: 20_000 }]);
  });

  it("tells old output from new", () => {
    const { socket, outputs } = connected();
    socket.tell({ type: "attached", replay: 30 });
    socket.print(20);
    socket.print(10);
    socket.print(5);
    expect(outputs.map((output) => output.old)).toEqual([true, true, false]);
  });

  it("comes back after a break, later each time, and says its size again", () => {
    const { connection, phases, socket } = connected();
    connection.resize(100, 30);
    socket.tell({ type: "attached", replay: 0 });
    socket.onclose?.({ code: 1006 });
    expect(phases.at(-1)).toEqual({ kind: "connecting", broke: true });
    vi.advanceTimersByTime(700);
    expect(FakeSocket.made).toHaveLength(2);
    FakeSocket.made[1]?.onopen?.();
    expect(FakeSocket.made[1]?.sent).toEqual([{ type: "resize", columns: 100, rows: 30 }]);
    FakeSocket.made[1]?.onclose?.({ code: 1006 });
    vi.advanceTimersByTime(700);
    expect(FakeSocket.made).toHaveLength(2);
    vi.advanceTimersByTime(700);
    expect(FakeSocket.made).toHaveLength(3);
  });

  it("does not fight for a terminal that another window has, nor for one that is gone", () => {
    for (const [code, kind] of [
      [4409, "replaced"],
      [4404, "refused"],
      [4401, "refused"],
    ] as const) {
      const { phases, socket } = connected();
      const made = FakeSocket.made.length;
      socket.onclose?.({ code });
      expect(phases.at(-1)?.kind).toBe(kind);
      vi.advanceTimersByTime(60_000);
      expect(FakeSocket.made).toHaveLength(made);
    }
  });

  it("stays ended", () => {
    const { phases, socket } = connected();
    socket.tell({ type: "ended", reason: "exited", exit_code: 3, message: "" });
    socket.onclose?.({ code: 1000 });
    vi.advanceTimersByTime(60_000);
    expect(phases.at(-1)).toEqual({ kind: "ended", reason: "exited", exitCode: 3, message: "" });
    expect(FakeSocket.made).toHaveLength(1);
  });

  it("sends a long paste in parts", () => {
    const { connection, socket } = connected();
    connection.type("x".repeat(70_000));
    expect(socket.sent.map((part) => (part as Uint8Array).length)).toEqual([32_768, 32_768, 4_464]);
    connection.stay();
    expect((socket.sent.at(-1) as Uint8Array).length).toBe(0);
  });

  it("counts down, and stops to", () => {
    const { socket, countdowns } = connected();
    socket.tell({ type: "ending", reason: "idle", seconds: 90 });
    socket.tell({ type: "ending", reason: null, seconds: null });
    expect(countdowns).toEqual([{ seconds: 90, reason: "idle" }, null]);
  });
});
