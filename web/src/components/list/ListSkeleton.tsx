import classes from "./List.module.css";

const WIDTHS = ["62%", "48%", "71%", "55%"];

/** The layout of rows that are on their way. Seen after a moment; says in words that it goes on after two seconds. */
export function ListSkeleton({ label, rows = 4, height = 61 }: { label: string; rows?: number; height?: number }) {
  return (
    <div role="status" aria-label={label} aria-busy className={classes.waiting}>
      <div className="surface" aria-hidden>
        {Array.from({ length: rows }, (_, index) => (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike and never move
            key={index}
            className={classes.ghost}
            style={{ height }}
          >
            <span className={classes.bar} style={{ width: WIDTHS[index % WIDTHS.length] }} />
            <span className={classes.bar} style={{ width: "34%" }} />
          </div>
        ))}
      </div>
      <div className={classes.words}>{label}. This takes longer than usual…</div>
    </div>
  );
}
