import { memo } from "react";
import { Markdown } from "../text/Markdown";
import type { TranscriptItem } from "./items";
import { ToolRow } from "./ToolRow";
import classes from "./Transcript.module.css";

export const TranscriptRow = memo(function TranscriptRow({ item }: { item: TranscriptItem }) {
  switch (item.type) {
    case "message":
      return (
        <div className={classes.message}>
          <Markdown>{item.text}</Markdown>
        </div>
      );
    case "thought":
      return (
        <details className={classes.thought}>
          <summary>
            <span className={classes.tag}>Thought</span> {firstLine(item.text)}
          </summary>
          <div className={classes.thoughtText}>{item.text}</div>
        </details>
      );
    case "tool":
      return <ToolRow item={item} />;
    default:
      return <p className={item.type === "attempt" ? classes.attempt : classes.notice}>{item.text}</p>;
  }
});

function firstLine(text: string): string {
  const line = text.trim().split("\n", 1)[0] ?? "";
  return line.length > 140 ? `${line.slice(0, 140)}…` : line;
}
