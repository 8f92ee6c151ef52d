import { memo, type ReactNode } from "react";
import { TabStop } from "../text/tab-stop";
import { VisibleText } from "../text/VisibleText";
import { Disclosure } from "./Disclosure";
import type { TranscriptItem } from "./items";
import { LongText, MessageText } from "./MessageText";
import { ToolRow } from "./ToolRow";
import classes from "./Transcript.module.css";

export interface TranscriptRowProps {
  item: TranscriptItem;
  open: boolean;
  /** The step that an address names, or where the search stands. */
  marked: boolean;
  /** The one step in which Tab stops. */
  active: boolean;
  /** Its place among all, for screen readers. */
  place: number;
  count: number;
  onToggle: (key: string) => void;
  /** What may be done with a step: cite it, comment on it, copy its address. */
  actions?: ((item: TranscriptItem, active: boolean) => ReactNode) | undefined;
  notes?: ((item: TranscriptItem) => ReactNode) | undefined;
}

export const TranscriptRow = memo(function TranscriptRow(props: TranscriptRowProps) {
  const { item, marked, active, actions } = props;
  const folds = item.type === "tool" || item.type === "thought";
  return (
    <TabStop value={active}>
      <article
        className={classes.step}
        data-marked={marked || undefined}
        data-step={item.step ?? undefined}
        aria-label={words(item)}
        aria-posinset={props.place}
        aria-setsize={props.count}
        tabIndex={active ? 0 : -1}
        onKeyDown={(event) => {
          if (event.target !== event.currentTarget || !folds) return;
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          props.onToggle(item.key);
        }}
      >
        <span className={classes.number} aria-hidden>
          {item.step}
        </span>
        <div className={classes.content}>
          <Content {...props} />
          {props.notes?.(item)}
        </div>
        {item.step !== null && actions && <div className={classes.actions}>{actions(item, active)}</div>}
      </article>
    </TabStop>
  );
});

const KIND = { message: "message", thought: "thought", tool: "", notice: "note", attempt: "" } as const;

function words(item: TranscriptItem): string {
  const kind = item.type === "message" && item.speaker ? `${KIND.message} of ${item.speaker}` : KIND[item.type];
  const what = item.type === "tool" ? item.title.slice(0, 120) : kind;
  return [item.step === null ? "" : `Step ${item.step}`, what].filter(Boolean).join(": ");
}

function Content({ item, open, onToggle }: TranscriptRowProps) {
  switch (item.type) {
    case "message":
      return (
        <div className={classes.message}>
          {item.speaker && <span className={classes.tag}>{item.speaker}</span>}
          <MessageText text={item.text} />
        </div>
      );
    case "thought":
      return (
        <div className={classes.thought}>
          <Disclosure open={open} onToggle={() => onToggle(item.key)}>
            <span className={classes.tag}>Thought</span>
            {!open && (
              <span className={classes.toolTitle} data-prose>
                <VisibleText text={firstLine(item.text)} />
              </span>
            )}
          </Disclosure>
          {open && (
            <div className={classes.thoughtText}>
              <LongText text={item.text} />
            </div>
          )}
        </div>
      );
    case "tool":
      return <ToolRow item={item} open={open} onToggle={() => onToggle(item.key)} />;
    default:
      return (
        <p className={item.type === "attempt" ? classes.attempt : classes.notice}>
          <VisibleText text={item.text} />
        </p>
      );
  }
}

function firstLine(text: string): string {
  const line = text.slice(0, 400).trim().split("\n", 1)[0] ?? "";
  return line.length > 140 ? `${line.slice(0, 140)}…` : line;
}
