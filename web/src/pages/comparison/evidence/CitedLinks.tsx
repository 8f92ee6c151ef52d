import { Link } from "@tanstack/react-router";
import { citationLink } from "./anchors";
import { citationWords, findCitations, writeCitation } from "./citation";
import { useComments } from "./comments";
import classes from "./Evidence.module.css";

/** A text field can hold no links: what its text cites stands below it, each a way to the line or step. */
export function CitedLinks({ text }: { text: string }) {
  const { comparison, turn } = useComments();
  const found = new Map(findCitations(text).map(({ citation }) => [writeCitation(citation), citation]));
  if (found.size === 0 || comparison === "") return null;
  return (
    <ul className={classes.citedLinks} aria-label="Cited here">
      {[...found].map(([token, citation]) => (
        <li key={token}>
          <Link
            className={classes.citation}
            data-side={citation.side}
            title={token}
            {...citationLink(comparison, turn, citation)}
          >
            {citationWords(citation)}
          </Link>
        </li>
      ))}
    </ul>
  );
}
