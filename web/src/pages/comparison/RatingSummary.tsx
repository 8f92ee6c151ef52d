import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { submissionProblemsQuery } from "../../api/ratings";
import type { Comparison, Rating } from "../../api/types";
import { dateTime } from "../../components/text/time";
import { VisibleText } from "../../components/text/VisibleText";
import { CitedText } from "./evidence/CitedText";
import { Findings } from "./evidence/Findings";
import classes from "./RatingSummary.module.css";
import { RemarkButton, RemarkField } from "./review/RemarkField";
import { RemarkNotes, useRemarks } from "./review/RemarkNote";
import { useReviewWriting } from "./review/ReviewProvider";
import { ScoreDots } from "./ScoreDots";
import { SideTag } from "./SideTag";
import { pointWords } from "./scale";

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
        <span className={classes.remark}>
          <RemarkButton turn={turn} field="overall" label="the overall answer" />
        </span>
      </div>
      <Said comparison={comparison} turn={turn} field="overall" label="the overall answer" />
      <dl className={classes.axes}>
        {rubric.axes.map((axis) => {
          const value = answers.axes[axis.name];
          return (
            <div key={axis.name} id={`field-axes.${axis.name}`} className={classes.axis}>
              <dt>
                {axis.label}
                {key?.name === axis.name && <span className={classes.key}> decided it</span>}
                <span className={classes.remark}>
                  <RemarkButton turn={turn} field={`axes.${axis.name}`} label={axis.label} />
                </span>
              </dt>
              <dd>
                <ScoreDots score={value} />
                <span className={classes.words}>{value == null ? "not rated" : pointWords(value)}</span>
              </dd>
              <dd className={classes.said}>
                <Said comparison={comparison} turn={turn} field={`axes.${axis.name}`} label={axis.label} />
              </dd>
            </div>
          );
        })}
      </dl>
      <div id="field-key_axis">
        <Group justify="space-between" gap="xs">
          <Text size="xs" c="dimmed">
            What decided it: {key?.label ?? "not said"}
          </Text>
          <RemarkButton turn={turn} field="key_axis" label="what decided it" />
        </Group>
        <Said comparison={comparison} turn={turn} field="key_axis" label="what decided it" />
      </div>
      {notes
        .filter((note) => answers[note.field].trim() !== "")
        .map((note) => (
          <div key={note.field} id={`field-${note.field}`}>
            <Group justify="space-between" gap="xs" mb={2}>
              <Text size="xs" fw={600} c="dimmed">
                {note.title}
              </Text>
              <RemarkButton turn={turn} field={note.field} label={note.title} />
            </Group>
            <CitedText
              text={answers[note.field]}
              comparison={comparison.id}
              turn={turn}
              field={note.field}
              marks={findings.flatMap((finding) => finding.marks).filter((mark) => mark.field === note.field)}
            />
            <Said comparison={comparison} turn={turn} field={note.field} label={note.title} />
          </div>
        ))}
      <Asked comparison={comparison} turn={turn} />
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

interface SaidProps {
  comparison: Comparison;
  turn: number;
  field: string;
  label: string;
}

/** What reviewers have to say about an answer: the remark of the last review, and the one that is being written. */
function Said({ comparison, turn, field, label }: SaidProps) {
  return (
    <>
      <RemarkNotes comparison={comparison} turn={turn} field={field} />
      <RemarkField turn={turn} field={field} label={label} />
    </>
  );
}

/** The prompt of the turn, for a review of it. Its author has it beside the results; here it takes remarks. */
function Asked({ comparison, turn }: { comparison: Comparison; turn: number }) {
  const writing = useReviewWriting();
  const remarked = useRemarks(comparison).some((remark) => remark.turn === turn && remark.field === "prompt");
  const prompt = comparison.turns.find(({ number }) => number === turn)?.prompt ?? "";
  if (writing === null && !remarked) return null;
  return (
    <div>
      <Group justify="space-between" gap="xs" mb={2}>
        <Text size="xs" fw={600} c="dimmed">
          Prompt of turn {turn}
        </Text>
        <RemarkButton turn={turn} field="prompt" label="the prompt" />
      </Group>
      <Text size="sm" lineClamp={4} style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        <VisibleText text={prompt} />
      </Text>
      <Said comparison={comparison} turn={turn} field="prompt" label="the prompt" />
    </div>
  );
}
