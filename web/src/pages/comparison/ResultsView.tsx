import { Button, Drawer, Tabs } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useNavigate, useSearch } from "@tanstack/react-router";
import {
  type ComponentProps,
  type CSSProperties,
  lazy,
  type ReactNode,
  Suspense,
  use,
  useCallback,
  useState,
} from "react";
import { useRoles } from "../../api/session";
import type { Comparison, Side, Turn } from "../../api/types";
import { atOnce } from "../../at-once";
import { Loading } from "../../components/feedback/Loading";
import { Later } from "../../components/layout/Later";
import { TabRow } from "../../components/layout/TabRow";
import { BriefView } from "./BriefView";
import { ChecksView } from "./ChecksView";
import { EvidenceProvider } from "./evidence/EvidenceProvider";
import { useHandsOn } from "./hands-on/HandsOn";
import { OperatorView } from "./OperatorView";
import { PanelHandle, useDocked, useNarrow, usePanelWidth } from "./PanelHandle";
import { writesRating } from "./panel-mode";
import { RatingSkeleton } from "./RatingSkeleton";
import classes from "./ResultsView.module.css";
import { ReviewProvider, useReviews } from "./review/ReviewProvider";
import { SideCards } from "./SideCards";
import { type PanelPart, SidePanel } from "./SidePanel";
import { TranscriptTab } from "./TranscriptTab";
import { useComparisonKeys } from "./use-comparison-keys";
import { useSettled } from "./use-settled";

// The diff component is the largest part of the app: its own file, fetched while the comparison itself still loads.
const changes = atOnce(import("./ChangesView").then((module) => module.ChangesView));

function Changes(props: ComponentProps<Awaited<typeof changes>>) {
  const ChangesView = use(changes);
  return <ChangesView {...props} />;
}

const FilesView = lazy(() => import("./FilesView").then((module) => ({ default: module.FilesView })));

const VIEWS = ["changes", "files", "transcript", "checks", "brief", "operator"] as const;
type View = (typeof VIEWS)[number];

export interface ResultsViewProps {
  header: ReactNode;
  comparison: Comparison;
  turn: Turn;
  preferred: Side | null;
}

/** A turn with results: what the sides did, and beside it the rating. Fills the window; its parts scroll. */
export function ResultsView(props: ResultsViewProps) {
  return (
    <ReviewProvider comparison={props.comparison}>
      <Results {...props} />
    </ReviewProvider>
  );
}

function Results({ header, comparison, turn, preferred }: ResultsViewProps) {
  const search = useSearch({ from: "/comparisons/$id" });
  const navigate = useNavigate({ from: "/comparisons/$id" });
  const operator = useRoles().includes("operator");
  const view = VIEWS.find((name) => name === search.view) ?? "changes";
  const narrow = useNarrow();
  const [docked, setDocked] = useDocked();
  const [drawer, { open, close }] = useDisclosure(false);
  const handsOn = useHandsOn(comparison, turn);
  const [part, setPart] = useState<PanelPart>("rating");
  const width = usePanelWidth();
  const reviews = useReviews(comparison);
  const settled = useSettled();
  const panel = settled ? (
    <SidePanel comparison={comparison} turn={turn} part={part} onPart={setPart} />
  ) : (
    <RatingSkeleton />
  );
  const showPanel = useCallback(
    (what: PanelPart) => {
      setPart(what);
      if (narrow) open();
      else setDocked(true);
    },
    [narrow, open, setDocked],
  );
  useComparisonKeys({
    ...{ turns: comparison.turns.length, turn: turn.number, showRating: () => showPanel("rating") },
    toggleRating: () => (narrow ? (drawer ? close() : open()) : setDocked(!docked)),
  });
  return (
    <EvidenceProvider
      key={turn.number}
      comparison={comparison}
      turn={turn}
      writes={writesRating(comparison, turn) || reviews === true}
      onShow={showPanel}
    >
      <div className={classes.page}>
        {header}
        <div
          className={classes.columns}
          data-docked={(!narrow && docked) || undefined}
          style={{ "--panel-width": width.css } as CSSProperties}
        >
          <div className={classes.main}>
            <SideCards turn={turn} preferred={preferred} />
            <Tabs
              value={view}
              onChange={(next) => void navigate({ search: (old) => ({ ...old, view: next as View }), replace: true })}
              className={classes.tabs}
              keepMounted={false}
            >
              <div className={classes.strip}>
                <Later turn="strip" waits={!narrow}>
                  <TabRow>
                    <Tabs.Tab value="changes">Changes</Tabs.Tab>
                    <Tabs.Tab value="files">Files</Tabs.Tab>
                    <Tabs.Tab value="transcript">Transcript</Tabs.Tab>
                    <Tabs.Tab value="checks">Checks</Tabs.Tab>
                    <Tabs.Tab value="brief">Brief</Tabs.Tab>
                    {operator && <Tabs.Tab value="operator">Operator</Tabs.Tab>}
                  </TabRow>
                  <div className={classes.tools}>
                    {handsOn.buttons}
                    {!narrow && (
                      <Button
                        size="compact-xs"
                        variant="subtle"
                        aria-pressed={docked}
                        onClick={() => setDocked(!docked)}
                      >
                        {docked ? "Hide the rating" : "Show the rating"}
                      </Button>
                    )}
                  </div>
                </Later>
              </div>
              <Tabs.Panel value="changes" className={classes.panel}>
                <Suspense fallback={<Loading label="Loading the changes" />}>
                  <Changes key={turn.number} comparison={comparison} turn={turn} />
                </Suspense>
              </Tabs.Panel>
              <Tabs.Panel value="files" className={classes.panel}>
                <Suspense fallback={<Loading label="Loading the files" />}>
                  <FilesView key={turn.number} comparison={comparison} turn={turn} />
                </Suspense>
              </Tabs.Panel>
              <Tabs.Panel value="transcript" className={classes.panel}>
                <TranscriptTab comparison={comparison} turn={turn} />
              </Tabs.Panel>
              <Tabs.Panel value="checks" className={classes.panel}>
                <ChecksView comparison={comparison} turn={turn} />
              </Tabs.Panel>
              <Tabs.Panel value="brief" className={classes.panel}>
                <BriefView comparison={comparison} turn={turn} />
              </Tabs.Panel>
              {operator && (
                <Tabs.Panel value="operator" className={classes.panel}>
                  <OperatorView comparison={comparison.id} />
                </Tabs.Panel>
              )}
            </Tabs>
            {handsOn.panel}
          </div>
          {!narrow && docked && (
            <aside className={classes.side} aria-label="Rating">
              <PanelHandle width={width} />
              {panel}
            </aside>
          )}
        </div>
        {narrow && (
          <>
            <div className={classes.bar}>
              <Button fullWidth onClick={open}>
                Rating and next step
              </Button>
            </div>
            <Drawer
              opened={drawer}
              onClose={close}
              position="right"
              size="min(100%, 440px)"
              title="Rating"
              padding={0}
              classNames={{ header: classes.drawerHead, body: classes.drawer, content: classes.drawerContent }}
            >
              {panel}
            </Drawer>
          </>
        )}
      </div>
    </EvidenceProvider>
  );
}
