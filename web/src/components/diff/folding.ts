import type { ParsedFile } from "./patch";

/** Patches beyond this are folded until asked for: even parsed, so much text is nobody's reading. */
const LARGE = 5_000_000;

const LOCKS =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|poetry\.lock|pdm\.lock|uv\.lock|Pipfile\.lock|requirements\.lock|Cargo\.lock|Gemfile\.lock|composer\.lock|go\.sum|flake\.lock|mix\.lock|Podfile\.lock|packages\.lock\.json|gradle\.lockfile)$/;
const MINIFIED = /\.min\.(?:js|css|mjs|cjs)$|\.(?:js|css)\.map$/;
const GENERATED =
  /(?:^|\/)(?:node_modules|vendor|third_party|__snapshots__)\/|_pb2(?:_grpc)?\.pyi?$|\.pb\.(?:go|cc|h)$|\.g\.dart$|\.designer\.cs$|\.snap$/;
// So many characters between: without an end, a line that begins like that again and again is read to its end each time.
const SAYS_SO =
  /@generated\b|Code generated .{0,200}DO NOT EDIT|This file (?:is|was) (?:automatically|auto-?) ?generated/i;
const TESTS =
  /(?:^|\/)(?:tests?|__tests__|spec|testing)\/|(?:^|\/)(?:test_[^/]*|conftest)\.py$|[._-](?:test|spec|tests)\.[a-z]+$|_test\.(?:go|py|rb|dart)$|Tests?\.(?:java|kt|cs|swift)$/;

/** Lock, minified or generated: nobody wrote it by hand. Null: someone did. */
export function madeByMachine(file: Pick<ParsedFile, "path" | "diff">): string | null {
  if (LOCKS.test(file.path)) return "Lock file";
  if (MINIFIED.test(file.path)) return "Minified";
  if (GENERATED.test(file.path)) return "Generated or vendored";
  const lines = file.diff?.additionLines ?? [];
  if (lines.slice(0, 20).some((line) => SAYS_SO.test(line))) return "Generated";
  const size = file.diff?.additionCharacterCount ?? 0;
  if (lines.length > 0 && size > 10_000 && size / lines.length > 500) return "Minified";
  return null;
}

export function isTest(path: string): boolean {
  return TESTS.test(path);
}

const reasons = new WeakMap<ParsedFile, string | null>();

/** Why a file is folded at first; null: it is open. Asked for every file by each drawing, so it is found once. */
export function foldReason(file: ParsedFile): string | null {
  const known = reasons.get(file);
  if (known !== undefined) return known;
  const found = findReason(file);
  reasons.set(file, found);
  return found;
}

function findReason(file: ParsedFile): string | null {
  if (file.raw.length > LARGE) return `Large: ${(file.additions + file.deletions).toLocaleString("en")} changed lines`;
  if (file.status === "D") return "Deleted";
  return madeByMachine(file);
}
