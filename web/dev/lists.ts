import type { Answer, Call } from "./calls.ts";
import { CAMPAIGN } from "./data.ts";
import { PEOPLE } from "./people.ts";
import { BRIEFS, COMPARISONS } from "./state.ts";

/** Every list, in pages. Who signs in as "busy" has more of everything than fits a screen; "nobody" has nothing. */

const STATUSES = [
  "running",
  "to_rate",
  "rated",
  "submitted",
  "returned",
  "accepted",
  "rejected",
  "disputed",
  "cancelled",
  "failed",
];
const REASONS = ["copied", "role_play", "copied", "not_judged", "against_rules", "fraud", "copied"];
const BECAME = ["disputed", "standing", "overturned", "upheld", "standing", "taken_back", "standing"];
const WORK = [
  "Stop the command injection in the container set-up",
  "Make the execution metadata clearer",
  "Import a delivery note completely or not at all, also when the supplier’s file ends in the middle of a row",
  "Retry",
  "Totals ignore the last item",
];
const NAMES = ["Ada Castellanos", "Ravi Iyer", "Olga Petrov", "Grace Nakamura-Steinberger", "Li Wei", "Zoë Åkesson"];

const busy = (call: Call) => call.cookie === "busy";
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
const times = <Row>(count: number, row: (index: number) => Row) => Array.from({ length: count }, (_, i) => row(i));
const pick = <Value>(values: Value[], index: number) => values[index % values.length] as Value;

/** What the rows of `comparisonList` come to. */
export function earnings(call: Call): Answer {
  const all = call.cookie === "nobody" ? [] : comparisonRows(call);
  const sum = (...statuses: string[]) => {
    const count = all.filter((row) => statuses.includes(row.status)).length;
    return { count, cents: count * CAMPAIGN.price_cents };
  };
  return {
    json: {
      accepted: sum("accepted"),
      in_review: sum("submitted", "disputed"),
      returned: sum("returned"),
      under_way: sum("running", "to_rate", "rated", "failed"),
    },
  };
}

export function comparisonList(call: Call): Answer {
  return paged(call, comparisonRows(call), (row) => row.title + row.campaign_title);
}

function comparisonRows(call: Call) {
  return busy(call)
    ? times(200, (i) => ({
        id: i === 0 ? "ready" : `more-${i}`,
        title: `${pick(WORK, i)} (${i + 1})`,
        campaign_title: CAMPAIGN.title,
        status: pick(STATUSES, i + 1),
        turns: 1 + (i % 4),
        updated_at: hoursAgo(1 + i * 5),
      }))
    : [...COMPARISONS.values()]
        .filter(({ comparison }) => !/^(?:odd|bench)/.test(comparison.id))
        .map(({ comparison }) => ({
          id: comparison.id,
          title: comparison.brief.title,
          campaign_title: comparison.campaign.title,
          status: comparison.status,
          turns: comparison.turns.length,
          updated_at: hoursAgo(1.1),
        }));
}

/** All of a campaign's, as its operator sees them. */
export function campaignComparisons(call: Call): Answer {
  const kinds = ["submitted", "accepted", "rated", "accepted", "returned", "to_rate", "running"];
  const rows = times(busy(call) ? 300 : 7, (i) => ({
    id: i === 0 ? "submitted" : `made-${i}`,
    title: `${pick(WORK, i)} (${i + 1})`,
    contributor: pick(NAMES, i),
    status: pick(kinds, i),
    turns: 1 + (i % 4),
    repeats: i % 5 === 3,
    created_at: hoursAgo(9 + i * 5),
    updated_at: hoursAgo(1 + i * 5),
    submitted_at: null,
  }));
  return paged(call, rows, (row) => row.title + row.contributor);
}

const REJECTION_TEXTS = [
  "The justification is word for word the one of another task.",
  "“You are a senior wizard of containers”: the request plays a part instead of asking for work.",
];

export function rejections(call: Call): Answer {
  const became = call.query.getAll("became");
  const none = call.parts[1] === "camp-empty";
  const all = times(none ? 0 : busy(call) ? 240 : 7, (i) => ({
    id: `rejection-${i}`,
    comparison_id: i === 0 ? "disputed" : "rejected",
    title: `${pick(WORK, i)} (${i + 1})`,
    contributor: pick(NAMES, i),
    reviewer: pick(NAMES, i + 3),
    reason: pick(REASONS, i),
    comments: pick(REJECTION_TEXTS, i),
    at: hoursAgo(3 + i * 7),
    dispute: ["disputed", "upheld", "overturned"].includes(pick(BECAME, i))
      ? { text: "Both tasks end in the same helper, so the same sentence fits.", at: hoursAgo(2 + i * 7) }
      : null,
    became: pick(BECAME, i),
  }));
  if (call.parts[3] === "counts") {
    const counts = new Map<string, { reason: string; became: string; count: number }>();
    for (const row of all) {
      const key = `${row.reason}/${row.became}`;
      counts.set(key, { reason: row.reason, became: row.became, count: (counts.get(key)?.count ?? 0) + 1 });
    }
    return { json: [...counts.values()] };
  }
  const rows = all.filter((row) => became.length === 0 || became.includes(row.became));
  return paged(call, rows, (row) => row.title + row.contributor + row.reviewer);
}

export function briefList(call: Call): Answer {
  const [first] = BRIEFS.values();
  const open = [...BRIEFS.values()].filter((brief) => brief.status !== "used");
  const many = times(60, (i) => ({
    ...first,
    id: `b-${i}`,
    title: `${pick(WORK, i)} (${i + 1})`,
    updated_at: hoursAgo(i),
  }));
  return paged(call, busy(call) ? many : open, (row) => `${row.title}${row.source}`);
}

export function campaignList(call: Call): Answer {
  const many = times(50, (i) => ({
    ...CAMPAIGN,
    id: `camp-${i + 1}`,
    slug: `campaign-${i + 1}`,
    title: `${pick(["Fixes that hold", "Refactorings nobody regrets", "Tests worth keeping"], i)}: round ${i + 1}`,
    status: call.query.get("status") ?? pick(["open", "paused", "closed"], i),
  }));
  return paged(call, busy(call) ? many : [CAMPAIGN], (row) => row.title + row.slug);
}

/** As many as `rejections` says; whoever is "busy" has some in three campaigns. */
function disputes(call: Call): Answer {
  const some = (index: number, count: number) => ({
    campaign_id: `camp-${index + 1}`,
    campaign_title: index === 0 ? CAMPAIGN.title : `Refactorings nobody regrets: round ${index + 1}`,
    count,
    since: hoursAgo(2 + 40 / (index + 1)),
  });
  if (call.cookie === "nobody") return { json: [] };
  return { json: busy(call) ? [some(0, 35), some(4, 3), some(7, 1)] : [some(0, 1)] };
}

const SAID = [
  "Clear and exact. Thank you.",
  "Which entry breaks? Cite the line, and say what you typed to see it. The points for reliability say that B is worse, and your words praise it: one of the two is wrong.",
  REJECTION_TEXTS[0],
  "",
];
const KEPT = "It was counted or exported since, and what was counted is never taken away again.";

/** What a reviewer has decided: some that can be taken back, some that stand, and what became of the others. */
function decisions(call: Call): Answer {
  if (call.parts[2] === "campaigns")
    return {
      json: ["nobody"].includes(call.cookie)
        ? []
        : [
            { id: CAMPAIGN.id, title: CAMPAIGN.title },
            { id: "camp-5", title: "Refactorings nobody regrets: round 5" },
          ],
    };
  const kinds = ["accept", "return", "reject", "accept"];
  const became = ["stands", "stands", "stands", "stands", "taken_back", "submitted_again", "disputed", "decided_again"];
  const all = times(busy(call) ? 260 : 8, (i) => {
    const decision = pick(kinds, i);
    const state = pick(became, i);
    const open = state === "stands" && i % 8 < 3;
    return {
      id: `decided-${i}`,
      comparison_id: { accept: "accepted", return: "returned", reject: "rejected" }[decision] ?? "accepted",
      title: `${pick(WORK, i)} (${i + 1})`,
      campaign_title: i % 3 === 2 ? "Refactorings nobody regrets: round 5" : CAMPAIGN.title,
      turns: 1 + (i % 4),
      decision,
      reason: decision === "reject" ? "copied" : null,
      comments: pick(SAID, i),
      at: hoursAgo(0.2 + i * 6),
      on_dispute: i % 8 === 7,
      became: state,
      can_open: state !== "submitted_again" || i % 2 === 0,
      can_reopen: open,
      kept_because: state === "stands" && !open ? KEPT : null,
    };
  });
  const wanted = call.query.getAll("decision");
  const campaign = call.query.get("campaign");
  const rows = all.filter(
    (row) =>
      (wanted.length === 0 || wanted.includes(row.decision)) &&
      (campaign === null || (campaign === CAMPAIGN.id) === (row.campaign_title === CAMPAIGN.title)),
  );
  return paged(call, rows, (row) => row.title + row.campaign_title + row.comments);
}

export function reviewQueue(call: Call): Answer {
  if (call.parts[1] === "disputes") return disputes(call);
  if (call.parts[1] === "decided") return decisions(call);
  const asked = call.query.get("comparison");
  const row = (id: string, index: number, title?: string) => ({
    comparison_id: id,
    title: title ?? COMPARISONS.get(id)?.comparison.brief.title ?? "",
    campaign_title: CAMPAIGN.title,
    submitted_at: hoursAgo(2 + index),
    turns: 2 + (index % 3),
    disputed: id === "disputed" || index % 40 === 39,
  });
  const rows = busy(call)
    ? times(300, (i) => row(i === 0 ? "submitted" : `waits-${i}`, 300 - i, `${pick(WORK, i)} (${i + 1})`))
    : [row("disputed", 30), row("submitted", 0)];
  const found = asked === null ? rows : rows.filter((entry) => entry.comparison_id === asked);
  return paged(call, found, (entry) => entry.title + entry.campaign_title);
}

export function peopleList(call: Call): Answer {
  const role = call.query.get("role");
  const many = times(300, (i) => ({
    id: `p-${i}`,
    name: `${pick(NAMES, i)} ${i + 1}`,
    email: `person${i + 1}@example.org`,
    roles: i % 9 === 0 ? ["reviewer", "contributor"] : ["contributor"],
  }));
  const rows = (busy(call) ? many : PEOPLE).filter((person) => role === null || person.roles.includes(role));
  return paged(call, rows, (person) => person.name + person.email);
}

export function invitationList(call: Call): Answer {
  const rows = times(busy(call) ? 25 : 1, (i) => ({
    id: `i${i + 1}`,
    email: i === 0 ? "grace@example.org" : `invited${i}@example.org`,
    roles: ["contributor"],
    expires_at: "2026-12-01T10:00:00Z",
  }));
  return paged(call, rows, (row) => row.email);
}

/** As the service does it, but that the cursor is a number. */
function paged<Row extends object>(call: Call, rows: Row[], says: (row: Row) => string): Answer {
  const { query } = call;
  const text = query.get("search")?.toLowerCase() ?? "";
  const statuses = query.getAll("status");
  const found = (call.cookie === "nobody" ? [] : rows).filter(
    (row) =>
      says(row).toLowerCase().includes(text) &&
      (statuses.length === 0 || !("status" in row) || statuses.includes(String(row.status))),
  );
  const from = Number(query.get("cursor") ?? 0);
  const end = from + Number(query.get("limit") ?? 50);
  const next = new URLSearchParams(query);
  next.set("cursor", String(end));
  return {
    json: found.slice(from, end),
    ...(end < found.length ? { link: `</api/v1/${call.parts.join("/")}?${next}>; rel="next"` } : {}),
  };
}
