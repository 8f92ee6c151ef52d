import { Fragment, memo } from "react";
import classes from "./VisibleText.module.css";
import { hiddenMark, hiddenName, pieces } from "./visible";

/** Other people's text, with hidden characters drawn as marks that say what they are. */
export const VisibleText = memo(function VisibleText({ text }: { text: string }) {
  const parts = pieces(text);
  if (parts.length <= 1 && parts[0]?.hidden !== true) return text;
  let at = 0;
  return parts.map((part) => {
    const key = at;
    at += part.text.length;
    return part.hidden ? <HiddenMark key={key} character={part.text} /> : <Fragment key={key}>{part.text}</Fragment>;
  });
});

/** A character that is not drawn as itself; what it is on hover. */
export function HiddenMark({ character }: { character: string }) {
  return (
    <span className={classes.mark} title={hiddenName(character)}>
      {hiddenMark(character)}
    </span>
  );
}
