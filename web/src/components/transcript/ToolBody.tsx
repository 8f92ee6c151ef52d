import { useMemo } from "react";
import { LogView } from "../text/LogView";
import { LongLines } from "../text/LongLines";
import { LONGEST_LINE } from "../text/terminal";
import { VisibleText } from "../text/VisibleText";
import type { ToolItem } from "./items";
import { PatchPreview } from "./PatchPreview";
import classes from "./Transcript.module.css";

/** What a tool call was given, and what came of it. */
export function ToolBody({ item, title }: { item: ToolItem; title: string }) {
  const nothing = !item.output && !item.patch && item.status !== "running";
  return (
    <div className={classes.toolBody}>
      {item.input && item.input !== title && <Input text={item.input} label={`Input of: ${item.title}`} />}
      {item.patch && <PatchPreview patch={item.patch} label={`Edit by: ${item.title}`} />}
      {item.output && (
        <LogView
          text={item.output}
          label={`Output of: ${item.title}`}
          maxHeight={420}
          folded
          follow={item.status === "running"}
        />
      )}
      {item.dropped > 0 && (
        <p className={classes.notice}>{item.dropped.toLocaleString()} more characters of output are not shown here.</p>
      )}
      {nothing && <p className={classes.notice}>No output.</p>}
    </div>
  );
}

function Input({ text, label }: { text: string; label: string }) {
  const lines = useMemo(() => text.split("\n"), [text]);
  return <LongLines lines={lines} label={label} draw={drawInputLine} head={20} tail={5} maxHeight={320} />;
}

function drawInputLine(line: string) {
  return <VisibleText text={line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)} …` : line} />;
}
