import { Link } from "@tanstack/react-router";
import type { Mark } from "../../../api/types";
import { VisibleText } from "../../../components/text/VisibleText";
import { citationLink } from "./anchors";
import { citationWords } from "./citation";
import classes from "./Evidence.module.css";
import { pieces } from "./marked";

export interface CitedTextProps {
  text: string;
  comparison: string;
  turn: number;
  marks?: readonly Mark[];
  /** The field it is the text of, so that marks in the diff lead back to its citations. */
  field?: string;
}

/** Somebody's text, with its citations as links to the line or step, and the checker's marks. Never interpreted. */
export function CitedText({ text, comparison, turn, marks, field }: CitedTextProps) {
  return (
    <p className={classes.text}>
      {pieces(text, marks).map((piece) =>
        piece.citation ? (
          <Link
            key={piece.start}
            className={classes.citation}
            data-side={piece.citation.side}
            title={piece.text}
            data-cited={field === undefined ? undefined : `${field}:${piece.start}`}
            {...citationLink(comparison, turn, piece.citation)}
          >
            {citationWords(piece.citation)}
          </Link>
        ) : piece.marked ? (
          <mark key={piece.start} className={classes.marked}>
            <VisibleText text={piece.text} />
          </mark>
        ) : (
          <span key={piece.start}>
            <VisibleText text={piece.text} />
          </span>
        ),
      )}
    </p>
  );
}
