import { useQuery } from "@tanstack/react-query";
import { earningsQuery, type Earnings as Sums } from "../../api/comparisons";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { counted } from "../../components/text/counted";
import classes from "./Earnings.module.css";
import { dollars } from "./money";

const PARTS: { name: keyof Sums; label: string; means: string }[] = [
  { name: "accepted", label: "Earned", means: "accepted in review" },
  { name: "in_review", label: "In review", means: "yours once accepted" },
  { name: "under_way", label: "Under way", means: "not submitted yet" },
];

/** What was earned, and what may be. Nothing for somebody who has not begun. */
export function Earnings() {
  const earnings = useQuery(earningsQuery);
  if (earnings.data === undefined)
    return earnings.error ? (
      <ErrorNotice
        error={earnings.error}
        title="What you earned can’t be shown"
        onRetry={() => void earnings.refetch()}
      />
    ) : null;
  const { data } = earnings;
  if (PARTS.every(({ name }) => data[name].count === 0)) return null;
  return (
    <section aria-label="What your comparisons come to">
      <dl className={`surface ${classes.parts}`}>
        {PARTS.map(({ name, label, means }) => (
          <div key={name} className={classes.part} data-earned={name === "accepted" || undefined}>
            <dt>{label}</dt>
            <dd className={classes.sum}>{dollars(data[name].cents)}</dd>
            <dd className={classes.means}>
              {counted(data[name].count, "comparison")}, {means}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
