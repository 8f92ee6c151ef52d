import { useQuery } from "@tanstack/react-query";
import { changesQuery } from "../../api/evidence";
import type { Changes as ChangesData } from "../../api/evidence-types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import { VisibleText } from "../../components/text/VisibleText";
import classes from "./Evidence.module.css";
import { Section, Skeleton, TableBox } from "./parts";
import * as words from "./words";

/** What is new since a week ago, in sentences, with then and now of every arm beside them. */
export function Changes({ id }: { id: string }) {
  const changes = useQuery(changesQuery(id));
  if (changes.data === undefined) {
    if (changes.error) {
      return (
        <ErrorNotice error={changes.error} title="What changed can’t be shown" onRetry={() => void changes.refetch()} />
      );
    }
    return <Skeleton label="Loading what changed" heights={[150]} />;
  }
  const { data } = changes;
  return (
    <Section
      title="What changed in the last seven days"
      lead="Everything computed from the votes accepted before then, and again from those of now."
    >
      <ul className={classes.changes}>
        {data.words.map((said) => (
          <li key={said}>
            <VisibleText text={said} />
          </li>
        ))}
      </ul>
      {data.votes > 0 && (
        <details>
          <summary>Every arm then and now</summary>
          <ThenAndNow data={data} />
        </details>
      )}
    </Section>
  );
}

function ThenAndNow({ data }: { data: ChangesData }) {
  const points = (value: number | null) => words.signed(value);
  return (
    <TableBox label="Every arm then and now">
      <thead>
        <tr>
          <th scope="col" className={classes.name}>
            Arm
          </th>
          <th scope="col">Place then</th>
          <th scope="col">Place now</th>
          <th scope="col">
            Score then<span className={classes.sub}>95 % interval</span>
          </th>
          <th scope="col">
            Score now<span className={classes.sub}>95 % interval</span>
          </th>
          <th scope="col">New votes</th>
        </tr>
      </thead>
      <tbody>
        {data.moves.map((move) => (
          <tr key={move.arm}>
            <th scope="row" className={classes.name}>
              <VisibleText text={move.arm} />
            </th>
            <td>{move.rank_then ?? words.UNKNOWN}</td>
            <td>{move.rank_now ?? words.UNKNOWN}</td>
            {[move.score_then, move.score_now].map((score, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: then and now, always both
              <td key={index}>
                {points(score.estimate)}
                <span className={classes.sub}>{words.range(score, points)}</span>
              </td>
            ))}
            <td>{words.count(move.new_votes)}</td>
          </tr>
        ))}
      </tbody>
    </TableBox>
  );
}
