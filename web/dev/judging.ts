import type { Comment, CommentBody } from "../src/api/types.ts";
import { type Answer, type Call, Refusal } from "./calls.ts";

/** Comments, and what the checker would remark, for the made-up API. */

const COMMENTS = new Map<string, Comment[]>([
  ["submitted", exampleComments()],
  ["second", exampleComments()],
]);

export function finding(field: string, text: string, words: string) {
  const start = Array.from(text.slice(0, text.toLowerCase().indexOf(words.toLowerCase()))).length;
  const prompt = field === "prompt";
  return {
    code: prompt ? "follow-up-not-concrete" : "words-against-axis",
    severity: "warning",
    turn: 1,
    field,
    message: prompt
      ? "The follow-up asks for improvement in general."
      : `“${words}” in Why favours A on security; its score favours B.`,
    hint: prompt ? "Name what is wrong and where." : "Correct the words or the score of security.",
    marks: [{ field, start, end: start + words.length, words: text.slice(start, start + words.length) }],
    acknowledged: false,
  };
}

function exampleComments(): Comment[] {
  const path = "mlflow/models/container/__init__.py";
  const base = { turn: 1, draft: false, revision: 1, deleted: false } as const;
  const at = { created_at: "2026-11-23T10:12:00Z", updated_at: "2026-11-23T10:12:00Z" };
  return [
    {
      ...base,
      ...at,
      id: "0c5b8e0a-1111-4111-8111-000000000001",
      anchor: { side: "B", path, at: "result", first_line: 12, last_line: 13, step: null },
      quote: "import logging\nimport os",
      text: "Imports stay sorted here; the linter of the repository would complain otherwise.",
    },
    {
      ...base,
      ...at,
      id: "0c5b8e0a-1111-4111-8111-000000000002",
      anchor: { side: "A", path: null, at: "result", first_line: null, last_line: null, step: 3 },
      quote: "Run: python -m pytest -q tests/models",
      text: "Ran one folder of the tests only, and said that all pass.",
    },
  ];
}

export function comments({ method, parts, body }: Call): Answer {
  const [, id = "", , number, action] = parts;
  const kept = COMMENTS.get(id) ?? [];
  if (!number) return { json: kept.filter((comment) => !comment.deleted) };
  const known = kept.find((comment) => comment.id === number);
  if (method === "DELETE" || action === "restore") {
    if (!known) throw new Refusal(404, "not-found", "There is no such comment.");
    known.deleted = method === "DELETE";
    known.revision += 1;
    return method === "DELETE" ? {} : { json: known };
  }
  if ((known?.revision ?? 0) !== body.revision)
    throw new Refusal(409, "comment-outdated", "This comment was changed elsewhere.", {
      details: { comment: known },
    });
  const at = new Date().toISOString();
  const comment = {
    ...(body as unknown as CommentBody),
    id: number,
    revision: Number(body.revision) + 1,
    created_at: known?.created_at ?? at,
    updated_at: at,
    deleted: false,
  };
  COMMENTS.set(id, [...kept.filter((one) => one.id !== number), comment]);
  return { json: comment };
}
