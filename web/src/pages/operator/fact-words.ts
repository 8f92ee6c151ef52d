import { bytesInWords } from "../../components/repository/content";

/** A fact whose shape the pages need not know: its whole name, and what is said of it. */
export interface Fact {
  name: string;
  text: string;
  /** Absent and empty values are told apart from words that a record holds. */
  kind: "text" | "hash" | "nothing";
}

/** More of a list than this is counted: a run may leave thousands of rows out. */
const LISTED = 8;
const HASH = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** Facts that are bytes, by name: those of a run's cost, and the parts of its memory. */
const BYTES = new Set(["memory", "memory_parts", "disk", "bytes"]);
const BETWEEN = " · ";

/** Any JSON as one list of names and values; names of what is nested stand before its own. */
export function factsOf(value: unknown): Fact[] {
  return under([], value);
}

function under(path: string[], value: unknown): Fact[] {
  const name = path.map((part) => part.replaceAll("_", " ")).join(BETWEEN);
  if (value === null || value === undefined || value === "") return [{ name, text: "–", kind: "nothing" }];
  if (typeof value !== "object") {
    const text = inWords(path, value);
    return [{ name, text, kind: HASH.test(text) ? "hash" : "text" }];
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return [{ name, text: "none", kind: "nothing" }];
  if (!Array.isArray(value)) return entries.flatMap(([key, entry]) => under([...path, key], entry));
  if (value.some((entry) => typeof entry === "object" && entry !== null))
    return value.flatMap((entry, index) => under([...path, String(index + 1)], entry));
  const listed = value.slice(0, LISTED).map((entry) => inWords(path, entry));
  const more = value.length - listed.length;
  return [{ name, text: listed.join(", ") + (more > 0 ? ` and ${more.toLocaleString()} more` : ""), kind: "text" }];
}

function inWords(path: string[], value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "number") return String(value);
  if (path.some((part) => BYTES.has(part))) return bytesInWords(value);
  const last = path.at(-1);
  if (last === "flops") return operationsInWords(value);
  // A seed is typed again as it is.
  return Number.isInteger(value) && last !== "seed" ? value.toLocaleString() : String(value);
}

/** Floating-point operations, as hardware is said to do them. */
function operationsInWords(count: number): string {
  const units = ["FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP", "EFLOP"];
  let value = count;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
