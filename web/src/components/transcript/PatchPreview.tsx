import { useMemo } from "react";
import { LongLines } from "../text/LongLines";
import { LONGEST_LINE } from "../text/terminal";
import { VisibleText } from "../text/VisibleText";
import classes from "./Transcript.module.css";

/** An edit as a patch, long ones folded. */
export function PatchPreview({ patch, label }: { patch: string; label: string }) {
  const lines = useMemo(() => {
    const all = patch.split("\n");
    if (all.at(-1) === "") all.pop();
    return all;
  }, [patch]);
  return <LongLines lines={lines} label={label} draw={drawPatchLine} head={60} tail={20} maxHeight={420} />;
}

function drawPatchLine(line: string) {
  const cut = line.length > LONGEST_LINE;
  const text = cut ? line.slice(0, LONGEST_LINE) : line;
  return (
    <span className={classes.patchLine} data-mark={markOf(line)}>
      <VisibleText text={text} />
      {cut && <i> … {(line.length - LONGEST_LINE).toLocaleString()} more characters in this line</i>}
    </span>
  );
}

function markOf(line: string): string | undefined {
  if (/^(\+\+\+|---|diff |index )/.test(line)) return "file";
  return line.startsWith("+")
    ? "added"
    : line.startsWith("-")
      ? "removed"
      : line.startsWith("@@")
        ? "place"
        : undefined;
}
