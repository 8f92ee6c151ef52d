import { type RefObject, useLayoutEffect, useRef } from "react";
import type { Mark } from "../../../api/types";
import classes from "./Evidence.module.css";
import { fitting } from "./marked";

export interface MarksBehindProps {
  text: string;
  marks: readonly Mark[];
  field: RefObject<HTMLTextAreaElement | null>;
}

/** The field's text once more behind it, unseen but for the marks: a text area itself can't show any. */
export function MarksBehind({ text, marks, field }: MarksBehindProps) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const node = field.current;
    const behind = box.current;
    if (!node || !behind) return;
    const look = getComputedStyle(node);
    for (const name of ["font", "letterSpacing", "lineHeight", "padding", "borderWidth", "borderRadius"] as const)
      behind.style[name] = look[name];
    const follow = () => {
      // The scroll bar takes width from the text, in the one as in the other.
      behind.style.right = `${node.offsetWidth - node.clientWidth - 2}px`;
      behind.scrollTop = node.scrollTop;
    };
    follow();
    node.addEventListener("scroll", follow, { passive: true });
    return () => node.removeEventListener("scroll", follow);
  });
  const ranges = [...fitting(text, marks)].sort((a, b) => a[0] - b[0]);
  let at = 0;
  return (
    <div ref={box} className={classes.behind} aria-hidden>
      {ranges.map(([start, end]) => {
        if (start < at) return null;
        const before = text.slice(at, start);
        at = end;
        return (
          <span key={start}>
            {before}
            <mark>{text.slice(start, end)}</mark>
          </span>
        );
      })}
      {text.slice(at)}
      {"\n"}
    </div>
  );
}
