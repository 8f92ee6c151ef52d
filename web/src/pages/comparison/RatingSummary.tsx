import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { submissionProblemsQuery } from "../../api/ratings";
import { useRoles } from "../../api/session";
import type { Comparison, Rating } from "../../api/types";
import { dateTime } from "../../components/text/time";
import { CitedText } from "./evidence/CitedText";
import { Findings } from "./evidence/Findings";
import { useReviewSink } from "./evidence/prompt-sink";
import classes from "./RatingSummary.module.css";
import { SideTag } from "./SideTag";
import { POINTS, pointWords, sideOf } from "./scale";

export function verdictWords(rating: Rating): string {
  const { verdict, overall } = rating.answers;
  if (verdict === "both_bad") return "Both bad";
  if (verdict === "equal") return "Equal";
  return pointWords(overall ?? 0);
}

export interface RatingSummaryProps {
  comparison: Comparison;
  turn: number;
  rating: Rating;
}

/** A rating to read: what was said, with links to what it cites, and what the checker found. */
export function RatingSummary({ comparison, turn, rating }: RatingSummaryProps) {
  const { answers } = rating;
  const { rubric } = comparison.campaign;
  const key = rubric.axes.find((axis) => axis.name === answers.key_axis);
  // Whoever rated sees them once nothing is missing any more; before that they stand beside the form.
  const enabled = !comparison.mine || ["rated", "returned"].includes(comparison.status);
  const checked = useQuery({ ...submissionProblemsQuery(comparison.id), enabled, staleTime: 60_000 });
  const findings = (checked.data ?? []).filter((finding) => finding.turn === turn);
  const sink = useReviewSink();
  const remarks = useRoles().includes("reviewer") && !comparison.mine && comparison.status === "submitted";
  const remark = remarks ? (what: string) => sink.add(`**Turn ${turn}, ${what}:** `) : null;
  const notes = [
    { field: "strengths_a", title: "Strengths of A" },
    { field: "weaknesses_a", title: "Weaknesses of A" },
    { field: "strengths_b", title: "Strengths of B" },
    { field: "weaknesses_b", title: "Weaknesses of B" },
    { field: "justification", title: "Why" },
  ] as const;
  return (
    <Stack gap="md">
      <div id="field-overall" className={classes.verdict} data-side={rating.preferred ?? undefined}>
        {rating.preferred && <SideTag side={rating.preferred} large />}
        <div>
          <Text fw={650}>{verdictWords(rating)}</Text>
          <Text size="xs" c="dimmed">
            Rated {dateTime(rating.created_at)}
          </Text>
        </div>
      </div>
      <dl className={classes.axes}>
        {rubric.axes.map((axis) => {
          const value = answers.axes[axis.name];
          return (
            <div key={axis.name} id={`field-axes.${axis.name}`} className={classes.axis}>
              <dt>
                {axis.label}
                {key?.name === axis.name && <span className={classes.key}> decided it</span>}
              </dt>
              <dd>
                <span className={classes.dots} aria-hidden>
                  {POINTS.map((point) => (
                    <span key={point} data-side={sideOf(point) ?? undefined} data-on={point === value || undefined} />
                  ))}
                </span>
                <span className={classes.words}>{value == null ? "not rated" : pointWords(value)}</span>
              </dd>
            </div>
          );
        })}
      </dl>
      {notes
        .filter((note) => answers[note.field].trim() !== "")
        .map((note) => (
          <div key={note.field} id={`field-${note.field}`}>
            <Group justify="space-between" gap="xs" mb={2}>
              <Text size="xs" fw={600} c="dimmed">
                {note.title}
              </Text>
              {remark && (
                <Button size="compact-xs" variant="subtle" onClick={() => remark(note.title)}>
                  Remark<span className="visually-hidden"> on {note.title}</span>
                </Button>
              )}
            </Group>
            <CitedText
              text={answers[note.field]}
              comparison={comparison.id}
              turn={turn}
              field={note.field}
              marks={findings.flatMap((finding) => finding.marks).filter((mark) => mark.field === note.field)}
            />
          </div>
        ))}
      {findings.length > 0 && (
        <section aria-label="What the checker found">
          <Text size="xs" fw={600} c="dimmed">
            What the checker found
          </Text>
          <Findings findings={findings} />
        </section>
      )}
    </Stack>
  );
}
