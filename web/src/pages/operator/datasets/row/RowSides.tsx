import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Row, RowSide } from "../../../../api/dataset-rows";
import type { Side } from "../../../../api/types";
import { bytesInWords } from "../../../../components/repository/content";
import { counted } from "../../../../components/text/counted";
import { VisibleText } from "../../../../components/text/VisibleText";
import { spelledOut } from "../../../../components/text/visible";
import { SideTag } from "../../../comparison/SideTag";
import classes from "./RowSides.module.css";
import { patchQuery } from "./row-patch";
import { checksOf, standingOf } from "./row-words";

const MARKS = { chosen: "✓", rejected: "✗", neither: "=" } as const;

/** Both sides at a glance: which was chosen, whose it is, what it left. */
export function RowSides({ dataset, row }: { dataset: string; row: Row }) {
  return (
    <div className={classes.cards}>
      <Card {...{ dataset, row }} side="A" of={row.a} />
      <Card {...{ dataset, row }} side="B" of={row.b} />
    </div>
  );
}

function Card({ dataset, row, side, of }: { dataset: string; row: Row; side: Side; of: RowSide }) {
  const { standing, words } = standingOf(row, side);
  // The model first: where there is no room for both, it is what the sides differ in.
  const who = [of.model, of.agent].filter(Boolean).join(" · ");
  const checks = checksOf(of);
  return (
    <section className={classes.card} data-side={side} data-standing={standing} aria-label={`Side ${side}: ${words}`}>
      <SideTag side={side} large />
      <span className={classes.standing} data-standing={standing}>
        <span aria-hidden>{MARKS[standing]}</span> {words}
      </span>
      <div className={classes.about}>
        <div className={classes.line}>
          <Text size="sm" fw={600} className={classes.who} title={spelledOut(of.arm)}>
            <VisibleText text={of.arm} />
          </Text>
          <span className={classes.fact} data-size>
            <Size {...{ dataset, side, of }} row={row.id} />
            <span className={classes.messages}> · {counted(of.messages, "message")}</span>
          </span>
        </div>
        <div className={classes.line}>
          {who && (
            <Text size="xs" c="dimmed" className={classes.who} title={spelledOut(who)}>
              <VisibleText text={who} />
            </Text>
          )}
          <span className={classes.fact} data-tone={checks.tone}>
            {checks.words}
          </span>
        </div>
      </div>
    </section>
  );
}

/** How much a side changed: in bytes until its change has been read, which the panes below ask for. */
function Size({ dataset, row, side, of }: { dataset: string; row: string; side: Side; of: RowSide }) {
  const { data } = useQuery({ ...patchQuery(dataset, row, side), enabled: of.patch_bytes > 0 });
  if (of.patch_bytes === 0) return of.patch_refused ?? "no change";
  if (data === undefined) return `${bytesInWords(of.patch_bytes)} of changes`;
  const sum = (name: "additions" | "deletions") => data.files.reduce((total, file) => total + file[name], 0);
  return (
    <>
      {counted(data.files.length, "file")} <ins>+{sum("additions").toLocaleString()}</ins>{" "}
      <del>−{sum("deletions").toLocaleString()}</del>
    </>
  );
}
