import type { Side } from "../../../api/types";
import { CitingFields } from "./CitedNote";
import { useCitedBoard, useCitedPlaces } from "./cited-board";
import { stepPlaces } from "./cited-places";
import { useCommentEntries, useComments } from "./comments";
import classes from "./Evidence.module.css";
import { stepOf } from "./use-step-notes";

/** Below a step: which texts cite it, and the way to the comments on it. */
export function StepNotes({ side, step }: { side: Side; step: number }) {
  const { store, comparison, turn, show } = useComments();
  const places = stepPlaces(useCitedPlaces(useCitedBoard()), side, step);
  const comments = useCommentEntries(store, comparison).filter(
    (entry) => entry.turn === turn && stepOf(entry, side) === step,
  );
  return (
    <div className={classes.cited} data-side={side}>
      {places.length > 0 && (
        <>
          <span className={classes.citedSign} aria-hidden>
            ❝
          </span>
          <span>Cited in</span>
          <CitingFields places={places} />
        </>
      )}
      {comments.map((entry) => (
        <button
          key={entry.id}
          type="button"
          className={classes.citing}
          title={entry.editing?.text ?? entry.saved?.text}
          onClick={() => show(entry.id)}
        >
          Comment<span className="visually-hidden"> on step {step}</span>
        </button>
      ))}
    </div>
  );
}
