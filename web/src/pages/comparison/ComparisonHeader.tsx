import { Code, Group, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Comparison, Ratings } from "../../api/types";
import { StatusBadge } from "../../components/feedback/StatusBadge";
import { CATEGORY, COMPARISON_STATUS, TURN_STATUS, type Words } from "../../components/feedback/status";
import classes from "./ComparisonHeader.module.css";
import { atTurn } from "./links";

export interface ComparisonHeaderProps {
  comparison: Comparison;
  ratings: Ratings | undefined;
  turn: number;
}

export function ComparisonHeader({ comparison, ratings, turn }: ComparisonHeaderProps) {
  const { brief, campaign } = comparison;
  return (
    <header className={classes.header}>
      <div className={classes.title}>
        <Group gap="sm" wrap="nowrap">
          <Title order={1} fz="md" className={classes.name} title={brief.title}>
            {brief.title}
          </Title>
          <StatusBadge words={statusWords(comparison)} />
        </Group>
        <Text size="xs" c="dimmed" truncate title={brief.source}>
          {comparison.judging && comparison.mine && "Results that were there before: judge this turn, then submit · "}
          <bdi>{campaign.title}</bdi> · {CATEGORY[brief.category]} · <bdi>{brief.source}</bdi> at{" "}
          <Code fz={11}>{brief.base_commit.slice(0, 10)}</Code>
        </Text>
      </div>
      {comparison.turns.length > 1 && (
        <nav className={classes.turns} aria-label="Turns">
          {comparison.turns.map((entry) => {
            const preferred = ratings?.turns[String(entry.number)]?.rating?.preferred;
            return (
              <Link
                key={entry.number}
                to="/comparisons/$id"
                params={{ id: comparison.id }}
                search={(old) => atTurn(old, entry.number)}
                className={classes.turn}
                data-current={entry.number === turn || undefined}
                aria-current={entry.number === turn ? "page" : undefined}
              >
                Turn {entry.number}
                {preferred && (
                  <span data-side={preferred} className={classes.preferred}>
                    {preferred}
                    <span className="visually-hidden"> preferred</span>
                  </span>
                )}
              </Link>
            );
          })}
        </nav>
      )}
    </header>
  );
}

/** "Returned to you" is for the one who has to act on it; sides that have finished are no longer at work. */
function statusWords({ status, mine, turns }: Comparison): Words {
  const words = COMPARISON_STATUS[status];
  if (status === "running" && turns.at(-1)?.status === "checking") return TURN_STATUS.checking;
  return status === "returned" && !mine ? { ...words, label: "Returned" } : words;
}
