import { Tabs } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useRef } from "react";
import type { Row } from "../../../../api/dataset-rows";
import type { Side } from "../../../../api/types";
import { TabRow } from "../../../../components/layout/TabRow";
import { useCommands } from "../../../../keyboard/commands";
import type { Citation } from "../../../comparison/evidence/citation";
import { Judgement } from "./Judgement";
import { RowChanges, type RowChangesHandle } from "./RowChanges";
import { RowChecks } from "./RowChecks";
import { RowConversation } from "./RowConversation";
import { RowHead } from "./RowHead";
import { RowJson } from "./RowJson";
import classes from "./RowPage.module.css";
import { RowPrompt } from "./RowPrompt";
import { RowSides } from "./RowSides";

const VIEWS = ["changes", "conversation", "checks", "prompt", "json", "judgement"] as const;

/** A row: both sides beside each other, and what was judged of them. */
export function RowView({ dataset, row }: { dataset: string; row: Row }) {
  const search = useSearch({ from: "/operator/datasets/$id/row" });
  const navigate = useNavigate({ from: "/operator/datasets/$id/row" });
  const narrow = useMediaQuery("(max-width: 900px)", false, { getInitialValueInEffect: false }) ?? false;
  const asked = VIEWS.find((name) => name === search.view) ?? "changes";
  // What stands beside the sides where there is room needs no tab of its own there.
  const view = asked === "judgement" && !narrow ? "changes" : asked;
  const side: Side = search.side ?? (row.agg.label === "B" ? "B" : "A");
  const show = useCallback(
    (next: string) => void navigate({ search: (old) => ({ ...old, view: next }), replace: true }),
    [navigate],
  );
  const setSide = useCallback(
    (next: Side) => void navigate({ search: (old) => ({ ...old, side: next }), replace: true }),
    [navigate],
  );
  const changes = useRef<RowChangesHandle>(null);
  const cite = useCallback(
    (citation: Citation) => {
      if (citation.kind === "step") return show("conversation");
      show("changes");
      setSide(citation.side);
      // Drawn first, where another tab was open.
      requestAnimationFrame(() => requestAnimationFrame(() => changes.current?.show(citation)));
    },
    [show, setSide],
  );
  useRowKeys(row, show);
  const judgement = <Judgement dataset={dataset} row={row} onCite={cite} />;
  return (
    <div className={classes.page}>
      <RowHead dataset={dataset} row={row} />
      <div className={classes.columns} data-docked={!narrow || undefined}>
        <div className={classes.main}>
          <RowSides dataset={dataset} row={row} />
          <Tabs value={view} onChange={(next) => show(next ?? "changes")} className={classes.tabs} keepMounted={false}>
            <TabRow>
              <Tabs.Tab value="changes">Changes</Tabs.Tab>
              {narrow && <Tabs.Tab value="judgement">Judgement</Tabs.Tab>}
              <Tabs.Tab value="conversation">Conversation</Tabs.Tab>
              <Tabs.Tab value="checks">Checks</Tabs.Tab>
              <Tabs.Tab value="prompt">Prompt</Tabs.Tab>
              <Tabs.Tab value="json">JSON</Tabs.Tab>
            </TabRow>
            <Tabs.Panel value="changes" className={classes.panel}>
              <RowChanges ref={changes} {...{ dataset, row, narrow, side }} onSide={setSide} />
            </Tabs.Panel>
            <Tabs.Panel value="conversation" className={classes.panel}>
              <RowConversation {...{ dataset, row, narrow, side }} onSide={setSide} />
            </Tabs.Panel>
            <Tabs.Panel value="checks" className={classes.panel}>
              <RowChecks row={row} />
            </Tabs.Panel>
            <Tabs.Panel value="prompt" className={classes.panel}>
              <RowPrompt dataset={dataset} row={row} />
            </Tabs.Panel>
            <Tabs.Panel value="json" className={classes.panel}>
              <RowJson dataset={dataset} row={row} />
            </Tabs.Panel>
            {narrow && (
              <Tabs.Panel value="judgement" className={`${classes.panel} ${classes.scrolls}`}>
                {judgement}
              </Tabs.Panel>
            )}
          </Tabs>
        </div>
        {!narrow && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
          <aside className={classes.rail} aria-label="Judgement and origin" tabIndex={0}>
            {judgement}
          </aside>
        )}
      </div>
    </div>
  );
}

function useRowKeys(row: Row, show: (view: string) => void): void {
  const navigate = useNavigate({ from: "/operator/datasets/$id/row" });
  const go = (id: string) => void navigate({ search: (old) => ({ ...old, row: id }) });
  const open = (view: string) => {
    show(view);
    requestAnimationFrame(() => document.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')?.focus());
  };
  const { previous, next } = row;
  useCommands([
    ...(next === null ? [] : [{ id: "next-row", run: () => go(next) }]),
    ...(previous === null ? [] : [{ id: "previous-row", run: () => go(previous) }]),
    { id: "view-changes", run: () => open("changes") },
    { id: "view-transcript", label: "Show the conversations", run: () => open("conversation") },
    { id: "view-checks", run: () => open("checks") },
    { id: "view-brief", label: "Show the prompt", run: () => open("prompt") },
    { id: "row-json", run: () => open("json") },
  ]);
}
