import type { EndReason } from "../../api/terminals";

/**
 * The page's end of a terminal's WebSocket. It comes back by itself when the line breaks; the server then sends the
 * recent output again. What was drawn is acknowledged, which is what lets more output come.
 */

export type Phase =
  | { kind: "connecting"; broke: boolean }
  | { kind: "waiting"; ahead: number; taken: boolean }
  | { kind: "unreachable" }
  | { kind: "open" }
  | { kind: "replaced" }
  | { kind: "refused"; reason: "signed-out" | "gone" | "too-many" }
  | { kind: "ended"; reason: EndReason; exitCode: number | null; message: string };

export interface TerminalHandlers {
  onPhase: (phase: Phase) => void;
  /** The shell's output begins (again) from nothing. */
  onStart: () => void;
  /** Draw it, then call `drawn`. `old` is output that was there before: what it asks of a terminal was answered then. */
  onOutput: (data: Uint8Array, old: boolean, drawn: () => void) => void;
  /** Seconds until it ends by itself, and why; null when that is off. */
  onCountdown: (countdown: { seconds: number; reason: "idle" | "longest" } | null) => void;
  onDropped: () => void;
}

/** So much is acknowledged at once while more is under way. */
const ACK_BYTES = 16_384;
const LARGEST_MESSAGE = 32_768;
const SLOWEST_MS = 10_000;

const FINAL: Record<number, Phase> = {
  4401: { kind: "refused", reason: "signed-out" },
  4404: { kind: "refused", reason: "gone" },
  4409: { kind: "replaced" },
  4429: { kind: "refused", reason: "too-many" },
};

export class TerminalConnection {
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wait = 500;
  private oldBytes = 0;
  private inFlight = 0;
  private toAck = 0;
  private size: { columns: number; rows: number } | null = null;
  private over = false;

  constructor(
    private readonly url: string,
    private readonly handlers: TerminalHandlers,
    private readonly make: (url: string) => WebSocket = (url) => new WebSocket(url),
  ) {}

  open(): void {
    this.over = false;
    this.handlers.onPhase({ kind: "connecting", broke: false });
    this.connect();
  }

  /** Leaves the terminal; it goes on without this page. */
  leave(): void {
    this.over = true;
    clearTimeout(this.timer);
    this.socket?.close(1000);
    this.socket = null;
  }

  type(data: string | Uint8Array<ArrayBuffer>): void {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    if (this.socket?.readyState !== 1) return;
    for (let at = 0; at < bytes.length || at === 0; at += LARGEST_MESSAGE) {
      this.socket.send(bytes.slice(at, at + LARGEST_MESSAGE));
    }
  }

  /** Says that somebody is there, without pressing a key in the shell. */
  stay(): void {
    this.type(new Uint8Array());
  }

  resize(columns: number, rows: number): void {
    if (this.size?.columns === columns && this.size.rows === rows) return;
    this.size = { columns, rows };
    this.say({ type: "resize", ...this.size });
  }

  private connect(): void {
    const socket = this.make(this.url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.oldBytes = this.inFlight = this.toAck = 0;
    socket.onopen = () => this.size && this.say({ type: "resize", ...this.size });
    socket.onmessage = (event) => {
      if (socket !== this.socket) return;
      if (typeof event.data === "string") this.hear(JSON.parse(event.data));
      else this.draw(socket, new Uint8Array(event.data as ArrayBuffer));
    };
    socket.onclose = (event) => socket === this.socket && this.closed(event.code);
  }

  private say(message: Record<string, unknown>): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  private hear(message: Record<string, unknown>): void {
    if (message.type === "attached") this.attached(Number(message.replay));
    if (message.type === "dropped") this.handlers.onDropped();
    if (message.type === "state") {
      const waiting = message.state === "waiting";
      const { ahead, taken } = message;
      this.handlers.onPhase(
        waiting ? { kind: "waiting", ahead: Number(ahead), taken: taken === true } : { kind: "unreachable" },
      );
    }
    if (message.type === "ending") {
      const seconds = message.seconds;
      const reason = message.reason === "longest" ? "longest" : "idle";
      this.handlers.onCountdown(typeof seconds === "number" ? { seconds, reason } : null);
    }
    if (message.type === "ended") {
      this.over = true;
      this.handlers.onCountdown(null);
      this.handlers.onPhase({
        kind: "ended",
        reason: message.reason as EndReason,
        exitCode: typeof message.exit_code === "number" ? message.exit_code : null,
        message: String(message.message ?? ""),
      });
    }
  }

  private attached(replay: number): void {
    this.wait = 500;
    this.oldBytes = replay;
    this.handlers.onStart();
    this.handlers.onCountdown(null);
    if (this.size) this.say({ type: "resize", ...this.size });
    this.handlers.onPhase({ kind: "open" });
  }

  private draw(socket: WebSocket, data: Uint8Array): void {
    const old = this.oldBytes > 0;
    this.oldBytes = Math.max(0, this.oldBytes - data.length);
    this.inFlight += data.length;
    this.handlers.onOutput(data, old, () => {
      if (socket !== this.socket) return;
      this.inFlight -= data.length;
      this.toAck += data.length;
      if (this.toAck >= ACK_BYTES || this.inFlight === 0) {
        this.say({ type: "ack", bytes: this.toAck });
        this.toAck = 0;
      }
    });
  }

  private closed(code: number): void {
    this.socket = null;
    if (this.over) return;
    const final = FINAL[code];
    if (final) {
      this.over = true;
      this.handlers.onPhase(final);
      return;
    }
    this.handlers.onPhase({ kind: "connecting", broke: true });
    this.timer = setTimeout(() => this.connect(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, SLOWEST_MS);
  }
}
