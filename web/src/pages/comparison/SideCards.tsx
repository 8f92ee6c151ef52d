import { Text, Tooltip } from "@mantine/core";
import type { Rollout, Side, Turn } from "../../api/types";
import { OUTCOME } from "../../components/feedback/status";
import { counted } from "../../components/text/counted";
import { checkCounts } from "./checks";
import { barParts } from "./diff-bar";
import classes from "./SideCards.module.css";
import { SideTag } from "./SideTag";

/** One line per side: how it ended, what it changed, how its checks went. They head the panes below them. */
export function SideCards({ turn, preferred }: { turn: Turn; preferred: Side | null }) {
  return (
    <div className={classes.cards}>
      {(["A", "B"] as const).map((side) => (
        <SideCard
          key={side}
          rollout={turn.sides[side]}
          preferred={preferred === side}
          later={turn.number > 1}
          checking={turn.status === "checking"}
        />
      ))}
    </div>
  );
}

interface SideCardProps {
  rollout: Rollout;
  preferred: boolean;
  /** A turn after the first: its size counts from the base, its diffs begin at the turn's own start. */
  later: boolean;
  checking: boolean;
}

function SideCard({ rollout, preferred, later, checking }: SideCardProps) {
  const outcome = rollout.outcome ?? "completed";
  const broke = outcome !== "completed";
  const stat = rollout.diffstat;
  const checks = checkCounts(rollout.checks ?? []);
  return (
    <section className={classes.card} data-side={rollout.side} aria-label={`Side ${rollout.side}`}>
      <SideTag side={rollout.side} large />
      <div className={classes.text}>
        <Text size="sm" fw={600} component="span" c={broke ? "red" : undefined}>
          {OUTCOME[outcome]}
        </Text>
        {preferred && <span className={classes.preferred}>preferred</span>}
        {broke && rollout.outcome_message && (
          <Tooltip label={rollout.outcome_message} multiline maw={420}>
            <Text size="xs" c="dimmed" truncate tabIndex={0}>
              {rollout.outcome_message}
            </Text>
          </Tooltip>
        )}
      </div>
      <div className={classes.facts}>
        {stat ? (
          <span>
            {counted(stat.files, "file")} <ins>+{stat.additions}</ins> <del>−{stat.deletions}</del>{" "}
            <DiffBar additions={stat.additions} deletions={stat.deletions} />
            {later && " since the base"}
          </span>
        ) : (
          <span>no result</span>
        )}
        {checking && <span>checks are running</span>}
        {!checking && checks.total > 0 && (
          <span data-bad={checks.bad > 0 || undefined}>
            {checks.bad > 0
              ? `${checks.bad} of ${counted(checks.total, "check")} failed`
              : checks.total === 1
                ? "1 check passed"
                : `${counted(checks.total, "check")} passed`}
          </span>
        )}
      </div>
    </section>
  );
}

/** Five squares in the proportion of added and removed lines, as reviewers know them; the numbers stand beside it. */
function DiffBar({ additions, deletions }: { additions: number; deletions: number }) {
  const { added, removed } = barParts(additions, deletions);
  return (
    <span className={classes.bar} aria-hidden>
      {[0, 1, 2, 3, 4].map((square) => (
        <i key={square} data-part={square < added ? "added" : square < added + removed ? "removed" : undefined} />
      ))}
    </span>
  );
}
