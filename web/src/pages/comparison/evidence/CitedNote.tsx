import { Link } from "@tanstack/react-router";
import { citationLink } from "./anchors";
import { useCitedBoard, useCitedPlaces } from "./cited-board";
import { type CitedPlace, oncePerField, placesUnder } from "./cited-places";
import { useComments } from "./comments";
import classes from "./Evidence.module.css";

/** Below a cited line: which texts of the rating cite it, each a way there. */
export function CitedNote({ noteKey }: { noteKey: string }) {
  const { comparison, turn } = useComments();
  const board = useCitedBoard();
  const places = placesUnder(useCitedPlaces(board), noteKey);
  const citation = places[0]?.citation;
  if (citation?.kind !== "file") return null;
  const [first, last] = citation.lines ?? [0, 0];
  const where = first === 0 ? "This file" : first === last ? `Line ${first}` : `Lines ${first} to ${last}`;
  return (
    <div className={classes.cited} data-side={citation.side}>
      <span className={classes.citedSign} aria-hidden>
        ❝
      </span>
      {/* By this the whole range is selected, which says what is cited better than its last line does. */}
      <Link className={classes.citedWhere} {...citationLink(comparison, turn, citation)} replace>
        {where}
      </Link>
      <span>cited in</span>
      <CitingFields places={places} />
    </div>
  );
}

/** The fields that cite something, each a way to the words. */
export function CitingFields({ places }: { places: readonly CitedPlace[] }) {
  const board = useCitedBoard();
  return (
    <>
      {oncePerField(places).map((place) => (
        <button
          key={place.field}
          type="button"
          className={classes.citing}
          onClick={() => board.goTo(place)}
          // The keys of the changes are not meant while this has the focus.
          onKeyDown={(event) => event.stopPropagation()}
        >
          {place.label}
        </button>
      ))}
    </>
  );
}
