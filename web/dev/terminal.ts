import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/**
 * Made-up shells for working on the pages: just enough of RFC 6455 for short messages. What a terminal does is in its id:
 * "open" echoes, "idle" is about to close, "ended" has ended with status 2, "waiting" waits, "flood" never stops.
 */

export function upgrade(request: IncomingMessage, socket: Duplex): boolean {
  const id = /^\/api\/v1\/terminals\/([\w-]+)\/socket$/.exec(request.url ?? "")?.[1];
  if (!id) return false;
  const accept = createHash("sha1")
    .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  play(id, socket);
  return true;
}

function frame(opcode: number, data: Buffer): Buffer {
  const head =
    data.length < 126
      ? Buffer.from([0x80 | opcode, data.length])
      : Buffer.from([0x80 | opcode, 126, data.length >> 8, data.length & 255]);
  return Buffer.concat([head, data]);
}

/** Titles, the clipboard, links that lie, colours, pictures, mouse and alternate screen: the page takes none of them. */
const HOSTILE =
  "\x1b]0;HOSTILE TITLE\x07\x1b]2;HOSTILE TITLE\x1b\\\x1b]52;c;aG9zdGlsZQ==\x07\x1b]8;;javascript:alert(1)\x07\x1b]1337;File=:AA==\x07" +
  "\x1b]10;#000000\x07\x1b]11;#000000\x07\x1b[?1000h\x1b[?1003h\x1b[?1049h\x1b[?1049l\x1b[?1003l\x1b[?1000l\x1b[21t\x1b[6n\x1bP$qm\x1b\\" +
  "\x1b]8;;https://hostile.example/\x07harmless words\x1b]8;;\x07 \ufffd\x00\x0e\x0f\r\n";

const PROMPT = "\x1b[1mA\x1b[0m:/workspace$ ";

function play(id: string, socket: Duplex): void {
  const tell = (message: unknown) => socket.write(frame(1, Buffer.from(JSON.stringify(message))));
  const print = (text: string) => socket.write(frame(2, Buffer.from(text)));
  socket.on("error", () => {});
  if (id.startsWith("waiting")) return void tell({ type: "state", state: "waiting", ahead: 2, taken: false });
  const before = `${HOSTILE}${PROMPT}python -m pytest -q\r\n\x1b[32m........\x1b[0m\x1b[31mF\x1b[0m\r\n\x1b[31mFAILED\x1b[0m tests/test_options.py::test_file - AssertionError\r\n1 failed, 8 passed in 0.42s\r\n${PROMPT}`;
  tell({ type: "attached", replay: Buffer.byteLength(before) });
  print(before);
  if (id.startsWith("idle")) tell({ type: "ending", reason: "idle", seconds: 75 });
  if (id.startsWith("ended")) {
    tell({ type: "ended", reason: "exited", exit_code: 2, message: "" });
    socket.write(frame(8, Buffer.from([3, 232])));
  }
  let pending = Buffer.alloc(0);
  socket.on("data", (data: Buffer) => {
    pending = Buffer.concat([pending, data]);
    for (;;) {
      const length = (pending[1] ?? 0) & 127;
      if (pending.length < 6 + length || length > 125) return;
      const mask = pending.subarray(2, 6);
      const body = Buffer.from(pending.subarray(6, 6 + length).map((byte, i) => byte ^ (mask[i % 4] ?? 0)));
      if (((pending[0] ?? 0) & 15) === 2) print(body.toString().replaceAll("\r", `\r\nmade-up output\r\n${PROMPT}`));
      pending = pending.subarray(6 + length);
    }
  });
}

/** Terminals that are there after a reload, by comparison: one of every state on "second". */
export const TERMINALS = new Map([
  [
    "second",
    ["open", "idle", "ended", "waiting"].map((id, index) => ({
      id,
      turn: index > 1 ? 2 : 1,
      side: index % 2 ? "B" : "A",
      status: "open",
    })),
  ],
]);

export function checkout(turn: number) {
  const url = "http://127.0.0.1:8420/git/mrl_g_Zk3vQ0m1c2d3e4f5Zk3vQ0m1c2d3e4f5Zk3vQ0m1c2d/comparison-1a2b3c4d.git";
  const branches = [
    { name: "base", commit: "9b1d0c5c2c1f4bb7a3a5f0f8a8c1d5f3e2b4a697", turn: null, side: null },
    { name: `turn-${turn}-a`, commit: "3f786850e387550fdab836ed7e6dc881de23001b", turn, side: "A" },
    { name: `turn-${turn}-b`, commit: "89e6c98d92887913cadf06b2adb97f26cde4849b", turn, side: "B" },
  ];
  return {
    id: "c1",
    url,
    name: "comparison-1a2b3c4d",
    expires_at: new Date(Date.now() + 900_000).toISOString(),
    minutes: 15,
    branches,
    clone: [`git clone ${url}`, "cd comparison-1a2b3c4d", `git switch turn-${turn}-a`],
    fetch: [
      `git fetch ${url} turn-${turn}-a:marlin/turn-${turn}-a turn-${turn}-b:marlin/turn-${turn}-b`,
      `git diff marlin/turn-${turn}-a marlin/turn-${turn}-b`,
    ],
    vscode: `vscode://vscode.git/clone?url=${encodeURIComponent(url)}`,
  };
}
