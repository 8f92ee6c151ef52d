import type { BriefFields } from "../src/api/types.ts";
import { type Answer, type Call, Refusal } from "./calls.ts";
import { brief } from "./data.ts";
import { briefList } from "./lists.ts";
import { BRIEFS } from "./state.ts";

/** Briefs of the made-up API: one is changed elsewhere just before it is saved. */

export function briefs(call: Call): Answer {
  const { method, parts, body } = call;
  const [, id, action] = parts;
  if (!id && method === "GET") return briefList(call);
  if (!id) {
    const made = brief(
      `b${BRIEFS.size}`,
      body.example ? { example: String(body.example) } : { source: "", title: "", prompt: "" },
    );
    BRIEFS.set(made.id, made);
    return { status: 201, json: made };
  }
  if (id === "lint") return { json: { lints: lints(body as unknown as BriefFields) } };
  const known = BRIEFS.get(id);
  if (!known) throw new Refusal(404, "not-found", "There is no such brief.");
  if (action === "preparation")
    return {
      text:
        known.preparation.status === "none"
          ? ""
          : `\u001b[1m$ git fetch\u001b[0m\nFrom https://github.com/mlflow/mlflow\n\u001b[1m$ python -m pip install -e '.[dev]'\u001b[0m\nCollecting numpy\nCollecting pandas\n${known.status === "failed" ? "\u001b[31merror: command 'gcc' failed: No such file or directory\u001b[0m\n" : "Successfully installed mlflow-3.8.0\n"}`,
    };
  if (method === "DELETE") {
    BRIEFS.delete(id);
    return {};
  }
  if (method === "PATCH") {
    // The one with this name is changed elsewhere just before the first save.
    const prompt = `${known.prompt} Keep the options working.`;
    if (id === "conflict" && known.revision === body.revision && !known.title.endsWith("!"))
      BRIEFS.set(id, { ...known, revision: known.revision + 1, title: `${known.title}!`, prompt });
    if (BRIEFS.get(id)?.revision !== body.revision)
      throw new Refusal(409, "brief-changed", "The brief was changed meanwhile.");
    BRIEFS.set(id, { ...known, ...body, revision: known.revision + 1 });
  }
  if (action === "prepare") {
    const ready = BRIEFS.get("ready");
    BRIEFS.set(id, {
      ...known,
      status: "preparing",
      preparation: {
        ...known.preparation,
        status: "fetching",
        message: "Fetching the repository",
        started_at: new Date().toISOString(),
      },
    });
    setTimeout(() => ready && BRIEFS.set(id, { ...known, status: "ready", preparation: ready.preparation }), 3000);
  }
  return { json: BRIEFS.get(id) };
}

function lints(fields: BriefFields) {
  const found = [];
  if (!fields.acceptance_criteria)
    found.push({
      code: "no-criterion",
      severity: "warning",
      field: "acceptance_criteria",
      message: "Nothing says when the result is good.",
      hint: "One line that can be checked is enough.",
    });
  if (/pull request|\bPR\b/i.test(fields.prompt))
    found.push({
      code: "mentions-pr",
      severity: "warning",
      field: "prompt",
      message: "The prompt speaks of a pull request.",
      hint: "The agents see only the files: say what is wrong instead.",
    });
  if (/you are an? /i.test(fields.prompt))
    found.push({
      code: "role-play",
      severity: "error",
      field: "prompt",
      message: "The prompt gives the agent a role.",
      hint: "Ask for the work itself.",
    });
  return found;
}
