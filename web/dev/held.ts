import type { HeldCampaign, HeldDecision, HeldPlace, HeldValue } from "../src/api/held.ts";
import { type Answer, type Call, Refusal } from "./calls.ts";

/** Made-up values that may be secrets: a few in one campaign, 500 in another. */

const place = (where: string, before: string, after: string, more: Partial<HeldPlace> = {}): HeldPlace => ({
  ...{ row: "ready-1", comparison_id: "ready", turn: 1, side: null, file: null, line: null, which: null },
  ...{ where, before, after },
  ...more,
});
const value = (number: number, name: string, shown: string, count: number, places: HeldPlace[]): HeldValue => ({
  id: number.toString(16).padStart(12, "0"),
  ...{ name, shown, count, places, decision: null, by: null, at: null },
});
const inFile = { side: "B", file: "mlflow/utils/requirements_utils.py", line: 61, which: "new" } as const;
const AUTUMN = [
  value(1, "STRIPE_API_KEY", "q8Z… (32 characters)", 14, [
    place(`side B’s change, ${inFile.file}, line 61`, '+    STRIPE_API_KEY = "', '"  # rotate before release', inFile),
    place("side A, tool output, message 7", "export STRIPE_API_KEY='", "' && ./deploy.sh --region eu-west-1", {
      side: "A",
    }),
  ]),
  value(2, "client_secret", "b7f… (40 characters)", 2, [
    place("the request", 'The sandbox works with client_secret: "', '", the live one does not.'),
  ]),
  { ...value(3, "api_key", "9aa… (24 characters)", 1, []), decision: "keep", by: "Ada", at: "2026-11-26T09:12:00Z" },
] satisfies HeldValue[];
const MANY = Array.from({ length: 500 }, (_, at) =>
  value(at + 16, `SERVICE_${at + 1}_SECRET`, `k${String(at % 90).padStart(2, "0")}… (28 characters)`, 500 - at, [
    place("side A, a tool call, message 3", `SERVICE_${at + 1}_SECRET="`, '" make migrate', { side: "A" }),
  ]),
);
const LISTS = new Map<string, HeldValue[]>([
  ["camp-1", AUTUMN],
  ["camp-many", MANY],
]);

function shown(id: string): HeldCampaign {
  const values = LISTS.get(id) ?? [];
  const order = [...values].sort((a, b) => Number(a.decision !== null) - Number(b.decision !== null));
  return {
    campaign_id: id,
    campaign: id === "camp-1" ? "autumn" : "overfull",
    title: id === "camp-1" ? "Autumn: everyday bug fixes" : "Overfull",
    undecided: values.filter((one) => one.decision === null).length,
    total: values.length,
    values: order,
    problems: [],
  };
}

export function held(call: Call): Answer {
  const [, , id] = call.parts;
  if (call.cookie === "empty") return { json: [] };
  if (call.method === "GET" && id === undefined) return { json: ["camp-1", "camp-many"].map(shown) };
  if (id === "waiting") return { json: ["camp-1"].map(shown).filter((one) => one.undecided > 0) };
  for (const said of call.body.decisions as HeldDecision[]) {
    const known = LISTS.get(id ?? "")?.find((one) => one.id === said.id);
    if (!known) throw new Refusal(404, "not-found", `Nothing is held under ${said.id}.`);
    if (known.at !== said.seen_at && known.decision !== said.decision)
      throw new Refusal(409, "dataset-held-decided", "Ada has decided to keep it since you looked.");
    Object.assign(known, { decision: said.decision, by: "Olga", at: new Date().toISOString() });
  }
  return { json: shown(id ?? "") };
}
