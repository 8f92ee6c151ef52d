import type { Disagreement, Gold, Held, Judgement, Judgements, Said } from "../src/api/work.ts";

/** Who does what in a made-up campaign: held, begun and over; gold tasks; judgements that differ. */

const NAMES = ["Ada Okafor", "Bruno Lindqvist", "Chiara Moretti", "Dmitri Volkov", "Eun-ji Park", "Farid Nazari"];
const TITLES = [
  "Keep rows when a file ends without a newline",
  "Add pip options to the container image without breaking those that pass none",
  "Stop the worker from reading the whole log to show its last lines",
];

function ago(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

export const HELD: Held[] = NAMES.flatMap((name, place): Held[] => {
  const common = {
    person_id: `p${place}`,
    person_name: name,
    reason: "",
    agreed: null,
    comparison_status: null,
    comparison_id: null,
    source_id: null,
    draw: {},
    created_at: ago(12 + place * 17),
    expires_at: ago(place * 17 - 108),
  };
  const drawn = { item: { by: "evidence", probability: 0.034 } };
  const rows: Held[] = [
    { ...common, id: `h${place}`, kind: "own", status: "held" },
    {
      ...common,
      id: `b${place}`,
      kind: place % 2 ? "overlap" : "gold",
      status: "begun",
      source_id: "ready",
      comparison_id: "ready",
      comparison_status: place % 3 ? "to_rate" : "accepted",
      agreed: place % 2 ? null : place % 3 === 0,
      draw: place % 2 ? drawn : { item: { by: "chance", probability: 0.2 } },
    },
  ];
  if (place === 4)
    rows.push({
      ...common,
      id: "s",
      kind: "overlap",
      status: "skipped",
      source_id: "ready",
      reason: "I wrote this module.",
    });
  return rows;
});

export const GOLD: Gold[] = TITLES.slice(0, 2).map((title, place) => ({
  id: `g${place}`,
  comparison_id: "ready",
  title,
  expected: place ? "B" : "A",
  min_strength: place + 1,
  axis: place ? "correctness" : null,
  reason: "B drops the last row of a file that ends without a newline; the hidden check shows it.",
  judged: place ? 0 : 14,
  agreed: place ? 0 : 12,
  created_at: ago(9000),
}));

function judgement(said: Said, place: number): Judgement {
  const towards = said === "A" ? -3 : said === "B" ? 3 : 0;
  return {
    comparison_id: place ? `repeat-${place}` : "ready",
    said,
    swapped: place === 1,
    can_send_back: place === 1,
    given_at: ago(2000 - place * 700),
    answers: {
      axes: {
        correctness: towards,
        security: 0,
        reliability: Math.sign(towards),
        maintainability: -Math.sign(towards),
      },
      overall: towards,
      verdict: towards ? "preference" : "equal",
      key_axis: "correctness",
      strengths_a: towards < 0 ? "Keeps the last row, and has a test that fails without the change." : "",
      weaknesses_a: towards > 0 ? "Touches the reader, too, which nobody asked for." : "",
      strengths_b: towards > 0 ? "The smallest change that does what was asked." : "",
      weaknesses_b: towards < 0 ? "Drops the last row of a file that ends without a newline." : "",
      justification:
        towards < 0
          ? "The check “keeps the last row” fails for B and passes for A. I tried both with a file of one line: B prints nothing."
          : "Both work on the files I tried, and mine is half as long. The test that fails for the other side looks flaky to me.",
    },
  };
}

const decided: Judgements["adjudications"] = [];

export function disagreements(): Disagreement[] {
  return TITLES.map((title, place) => ({
    comparison_id: place ? `item-${place}` : "ready",
    title,
    category: ["bug_fix", "feature", "performance"][place] ?? "bug_fix",
    said: place === 1 ? ["A", "equal", "B"] : place ? ["equal", "B"] : ["A", "B"],
    apart: [6, 4, 2][place] ?? 0,
    decided: place === 2 || (place === 0 && decided.some((one) => one.decision === "label")),
    since: ago(1300 + place * 900),
  }));
}

export function judgements(): Judgements {
  return {
    comparison_id: "ready",
    title: TITLES[0] ?? "",
    prompt: "The importer loses the last row when the file does not end with a newline. Keep it, and add a test.",
    axes: ["correctness", "security", "reliability", "maintainability"],
    judgements: [judgement("A", 0), judgement("B", 1)],
    adjudications: [...decided].reverse(),
    refusal: null,
  };
}

export function adjudicate(body: Record<string, unknown>): Judgements {
  decided.push({
    decision: body.send_back ? "send_back" : "label",
    said: (body.said as Said | undefined) ?? null,
    sent_back_id: (body.send_back as string | undefined) ?? null,
    reason: String(body.reason),
    created_at: new Date().toISOString(),
  });
  return judgements();
}
