import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Row, RowSide } from "../../../../api/dataset-rows";
import type { Outcome, Side } from "../../../../api/types";
import { OUTCOME } from "../../../../components/feedback/status";
import { bytesInWords } from "../../../../components/repository/content";
import { counted } from "../../../../components/text/counted";
import { VisibleText } from "../../../../components/text/VisibleText";
import { SideTag } from "../../../comparison/SideTag";
import classes from "./RowSides.module.css";
import { patchQuery } from "./row-patch";
import { standingOf } from "./row-words";

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
  const who = [of.agent, of.model].filter(Boolean).join(" · ");
  return (
    <section className={classes.card} data-side={side} data-standing={standing} aria-label={`Side ${side}: ${words}`}>
      <SideTag side={side} large />
      <span className={classes.standing} data-standing={standing}>
        <span aria-hidden>{MARKS[standing]}</span> {words}
      </span>
      <div className={classes.who}>
        <Text size="sm" fw={600} truncate title={of.arm}>
          <VisibleText text={of.arm} />
        </Text>
        {who && (
          <Text size="xs" c="dimmed" truncate title={who}>
            <VisibleText text={who} />
          </Text>
        )}
      </div>
      <div className={classes.facts}>
        <span>
          <Size {...{ dataset, side, of }} row={row.id} /> · {counted(of.messages, "message")}
        </span>
        <Checks of={of} />
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

function Checks({ of }: { of: RowSide }) {
  const broke = of.outcome && of.outcome !== "completed" ? (OUTCOME[of.outcome as Outcome] ?? of.outcome) : null;
  if (broke) return <span data-bad>{broke}</span>;
  if (of.newly_failing > 0) return <span data-bad>{counted(of.newly_failing, "check")} newly failing</span>;
  return <span>{of.checks.length === 0 ? "no checks" : "no check newly failing"}</span>;
}
