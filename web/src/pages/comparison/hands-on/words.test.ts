import { describe, expect, it } from "vitest";
import { clock, endedWords, waitingWords } from "./words";

describe("what a terminal's tab says", () => {
  it("names the exit status, and the signal behind it", () => {
    const ended = { kind: "ended", reason: "exited", message: "" } as const;
    expect(endedWords({ ...ended, exitCode: 0 }).title).toContain("exit status 0.");
    expect(endedWords({ ...ended, exitCode: 137 }).title).toContain("137 (signal 9)");
  });
  it("says why it was closed, and passes on what the server explains", () => {
    expect(endedWords({ kind: "ended", reason: "idle", exitCode: null, message: "" }).title).toContain(
      "nothing was typed",
    );
    expect(endedWords({ kind: "ended", reason: "lost", exitCode: null, message: "The worker is gone." }).text).toBe(
      "The worker is gone.",
    );
  });
  it("counts those before, in words that agree", () => {
    expect(waitingWords({ kind: "waiting", ahead: 0, taken: false })).toContain("for a worker");
    expect(waitingWords({ kind: "waiting", ahead: 1, taken: false })).toContain("1 terminal before");
    expect(waitingWords({ kind: "waiting", ahead: 2, taken: false })).toContain("2 terminals before");
    expect(waitingWords({ kind: "waiting", ahead: 0, taken: true })).toContain("copy");
    expect(waitingWords({ kind: "open" })).toBeNull();
  });
  it("says that keys are lost while a connection that broke is made again", () => {
    expect(waitingWords({ kind: "connecting", broke: false })).toBe("Connecting…");
    expect(waitingWords({ kind: "connecting", broke: true })).toContain("does not reach the shell");
  });
  it("shows minutes and seconds", () => {
    expect([clock(90), clock(5), clock(0), clock(-3), clock(59.2)]).toEqual(["1:30", "0:05", "0:00", "0:00", "1:00"]);
  });
});
