import type { Side } from "../../api/types";
import classes from "./SideTag.module.css";

/** The letter of a side in its colour; the letter alone says it all to those who do not see the colour. */
export function SideTag({ side, large = false }: { side: Side; large?: boolean }) {
  return (
    <span className={classes.tag} data-side={side} data-large={large || undefined}>
      {side}
    </span>
  );
}
