import { useEffect, useMemo, useRef, useState } from "react";
import { counted } from "../text/counted";
import { LongLines } from "../text/LongLines";
import { Markdown } from "../text/Markdown";
import { useTabIndex } from "../text/tab-stop";
import { LONGEST_LINE } from "../text/terminal";
import { VisibleText } from "../text/VisibleText";
import classes from "./Transcript.module.css";

/** Characters that are set as markdown: beyond that it costs more than it helps. */
const FORMATTED = 20_000;
const PAUSE_MS = 120;

/** What the agent said. A message that grows is set anew some times a second, not with every word. */
export function MessageText({ text }: { text: string }) {
  const shown = useUnhurried(text);
  if (shown.length <= FORMATTED) return <Markdown>{shown}</Markdown>;
  return <LongMessage text={shown} />;
}

/** Text as it is; a very long one in lines that are windowed. */
export function LongText({ text }: { text: string }) {
  const lines = useMemo(() => (text.length > FORMATTED ? text.split("\n") : []), [text]);
  if (text.length <= FORMATTED) return <VisibleText text={text} />;
  return <LongLines lines={lines} label="Whole thought" draw={drawLine} head={200} tail={20} maxHeight={600} />;
}

function LongMessage({ text }: { text: string }) {
  const [all, setAll] = useState(false);
  const tabIndex = useTabIndex();
  const lines = useMemo(() => (all ? text.split("\n") : []), [all, text]);
  const start = useMemo(() => text.slice(0, FORMATTED), [text]);
  return (
    <>
      {all ? (
        <LongLines lines={lines} label="Whole message" draw={drawLine} head={300} tail={50} maxHeight={600} />
      ) : (
        <Markdown>{start}</Markdown>
      )}
      <button type="button" className={classes.more} tabIndex={tabIndex} onClick={() => setAll(!all)}>
        {all ? "Show the beginning only" : `Show all ${counted(text.length, "character")}, unformatted`}
      </button>
    </>
  );
}

function drawLine(line: string) {
  return <VisibleText text={line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)} …` : line} />;
}

/** The text, at most some times a second. */
function useUnhurried(text: string): string {
  const [shown, setShown] = useState(text);
  const latest = useRef(text);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  latest.current = text;
  useEffect(() => {
    if (text === shown || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      setShown(latest.current);
    }, PAUSE_MS);
  }, [text, shown]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return shown;
}
