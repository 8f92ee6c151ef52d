import { Stack, Text } from "@mantine/core";
import type { Rating, Rubric } from "../../api/types";
import { dateTime } from "../../components/text/time";
import classes from "./RatingSummary.module.css";
import { SideTag } from "./SideTag";
import { POINTS, pointWords, sideOf } from "./scale";

export function verdictWords(rating: Rating): string {
  const { verdict, overall } = rating.answers;
  if (verdict === "both_bad") return "Both bad";
  if (verdict === "equal") return "Equal";
  return pointWords(overall ?? 0);
}

export function RatingSummary({ rating, rubric }: { rating: Rating; rubric: Rubric }) {
  const { answers } = rating;
  const key = rubric.axes.find((axis) => axis.name === answers.key_axis);
  const notes = [
    { side: "A", kind: "Strengths", text: answers.strengths_a },
    { side: "A", kind: "Weaknesses", text: answers.weaknesses_a },
    { side: "B", kind: "Strengths", text: answers.strengths_b },
    { side: "B", kind: "Weaknesses", text: answers.weaknesses_b },
  ] as const;
  return (
    <Stack gap="md">
      <div className={classes.verdict} data-side={rating.preferred ?? undefined}>
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
            <div key={axis.name} className={classes.axis}>
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
        .filter((note) => note.text.trim() !== "")
        .map((note) => (
          <Note key={note.side + note.kind} title={`${note.kind} of ${note.side}`} text={note.text} />
        ))}
      {answers.justification.trim() !== "" && <Note title="Why" text={answers.justification} />}
    </Stack>
  );
}

function Note({ title, text }: { title: string; text: string }) {
  return (
    <div>
      <Text size="xs" fw={600} c="dimmed">
        {title}
      </Text>
      <Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {text}
      </Text>
    </div>
  );
}
