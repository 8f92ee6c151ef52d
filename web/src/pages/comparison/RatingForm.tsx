import { Button, Group, Stack, Text } from "@mantine/core";
import { useRef, useState } from "react";
import { asProblem } from "../../api/problem";
import { useRate } from "../../api/ratings";
import type { Comparison, Rating, RatingDraft, Turn } from "../../api/types";
import { chosen } from "../../autosave/reconcile";
import { MergeDrafts } from "../../components/drafts/MergeDrafts";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { SaveState } from "../../components/feedback/SaveState";
import { counted } from "../../components/text/counted";
import { catchFocus } from "../../keyboard/focus";
import { ExpectationFold, useExpectation } from "./Expectation";
import { CitedTextarea } from "./evidence/CitedTextarea";
import { useTypedCitations } from "./evidence/cited-board";
import { Findings } from "./evidence/Findings";
import { goToField } from "./evidence/go-to";
import { useFindings } from "./evidence/use-findings";
import { KeyAxis } from "./KeyAxis";
import { OverallScale } from "./OverallScale";
import classes from "./Panel.module.css";
import { RATING_SHAPE, ratingDifferences } from "./rating-shape";
import { RemarkNotes } from "./review/RemarkNote";
import { ScaleRow } from "./ScaleRow";
import { SideNotes } from "./SideNotes";
import { anchor, type Gap, gaps } from "./scale";
import { useRatingDraft } from "./use-rating-draft";

export interface RatingFormProps {
  comparison: Comparison;
  turn: Turn;
  draft: RatingDraft | null;
  /** When a rating is being changed after a review: what it said. */
  before: Rating | null;
  onDone?: () => void;
}

export function RatingForm({ comparison, turn, draft, before, onDone }: RatingFormProps) {
  const { rubric } = comparison.campaign;
  const form = useRatingDraft(comparison.id, turn.number, draft, before?.answers ?? null);
  const expectation = useExpectation(comparison.id, turn);
  const rate = useRate(comparison.id, turn.number);
  const [tried, setTried] = useState(false);
  const [sending, setSending] = useState(false);
  const { value: answers, change, conflict } = form;
  useTypedCitations(answers);
  const missing = gaps(rubric, answers);
  const served = rate.error ? asProblem(rate.error).fields : [];
  const problem = (field: string) =>
    (tried ? missing.find((gap) => gap.field === field) : undefined)?.message ??
    served.find((entry) => entry.field === field || entry.field.endsWith(`.${field}`))?.message;

  const { problems: findings, unread } = useFindings(comparison.id, turn.number, answers, missing.length === 0);
  const at = (field: string) => findings.filter((finding) => finding.field === field);

  const remark = (field: string) => <RemarkNotes comparison={comparison} turn={turn.number} field={field} />;
  const pressed = useRef(false);
  const submit = async () => {
    setTried(true);
    if (missing.length > 0) {
      goToField(missing[0]?.field ?? "");
      return;
    }
    // Before the next rendering disables the button, a second press may have come.
    if (pressed.current) return;
    pressed.current = true;
    setSending(true);
    // A rated turn takes no expectation any more.
    await Promise.all([form.flush(), expectation.flush()]);
    setSending(false);
    if (form.isHeld() || expectation.isHeld()) {
      // Which of two versions is meant has to be said first.
      pressed.current = false;
      return;
    }
    // Awaited, not a callback of mutate(): the form is gone once the rating is there.
    const rated = await rate.mutateAsync(answers).catch(() => null); // the error is shown above the button
    pressed.current = false;
    if (rated === null) return;
    onDone?.();
    catchFocus(() => document.querySelector<HTMLElement>("[data-rated]"));
  };
  return (
    <>
      {/* What is typed after the press would not be in what was sent. */}
      <div className={classes.body} inert={sending || rate.isPending}>
        <Stack gap="sm">
          {conflict && (
            <MergeDrafts
              differences={ratingDifferences(rubric, conflict.fields, answers, conflict.theirs)}
              onChosen={(choices) =>
                form.resolve(
                  RATING_SHAPE.join(chosen(RATING_SHAPE.split(answers), RATING_SHAPE.split(conflict.theirs), choices)),
                )
              }
            />
          )}
          {before === null && <ExpectationFold draft={expectation} />}
          <Text size="xs" c="dimmed">
            3 is much better, 2 better, 1 slightly better, = equal. In the row that has the focus, keys 1 to 7 go from A
            to B.
          </Text>
          {rubric.axes.map((axis) => (
            <div key={axis.name} id={`field-axes.${axis.name}`}>
              <ScaleRow
                label={axis.label}
                description={axis.description}
                value={answers.axes[axis.name] ?? null}
                anchorFor={(value) => anchor(axis, value)}
                onChange={(value) => change({ ...answers, axes: { ...answers.axes, [axis.name]: value } })}
                error={problem(`axes.${axis.name}`)}
              />
              <Findings findings={at(`axes.${axis.name}`)} />
              {remark(`axes.${axis.name}`)}
            </div>
          ))}
          <div id="field-overall" className={classes.overall}>
            <OverallScale answers={answers} onChange={change} error={problem("overall") ?? problem("verdict")} />
            <Findings findings={[...at("overall"), ...at("verdict")]} />
            {remark("overall")}
          </div>
          <div id="field-key_axis">
            <KeyAxis axes={rubric.axes} answers={answers} onChange={change} error={problem("key_axis")} />
            <Findings findings={at("key_axis")} />
            {remark("key_axis")}
          </div>
          <SideNotes
            answers={answers}
            onChange={change}
            problem={problem}
            findings={findings}
            unread={unread}
            after={remark}
          />
          <CitedTextarea
            id="field-justification"
            name="justification"
            preferred
            findings={findings}
            unread={unread.includes("justification")}
            label="Why"
            description="The reasons a colleague would accept. Cite lines and steps by a click on them."
            minRows={4}
            maxRows={24}
            value={answers.justification}
            error={problem("justification")}
            onChange={(event) => change({ ...answers, justification: event.currentTarget.value })}
          />
          {remark("justification")}
        </Stack>
      </div>
      <div className={classes.foot}>
        {rate.error && <ErrorNotice error={rate.error} title="The rating was not accepted" />}
        <Missing gaps={missing} urgent={tried} />
        <Group justify="space-between">
          <SaveState state={form.save} />
          <Group gap="xs" ml="auto">
            {before && onDone && (
              <Button variant="default" size="sm" onClick={onDone}>
                Leave as it was
              </Button>
            )}
            <Button
              size="sm"
              onClick={() => void submit()}
              loading={sending || rate.isPending}
              disabled={turn.status === "checking" || conflict !== null}
            >
              {turn.status === "checking" ? "Checks are running…" : before ? "Save the new rating" : "Rate this turn"}
            </Button>
          </Group>
        </Group>
      </div>
    </>
  );
}

/** What is still to be answered; a click leads there. */
function Missing({ gaps: missing, urgent }: { gaps: Gap[]; urgent: boolean }) {
  if (missing.length === 0) return null;
  const count = `${counted(missing.length, "answer")} missing`;
  return (
    <Text size="xs" c={urgent ? "red" : "dimmed"} role={urgent ? "alert" : undefined}>
      {count}:{" "}
      {missing.map((gap, index) => (
        <span key={gap.field} className={classes.listed}>
          <button type="button" className={classes.gap} onClick={() => goToField(gap.field)}>
            {gap.label}
          </button>
          {index < missing.length - 1 && ", "}
        </span>
      ))}
    </Text>
  );
}
