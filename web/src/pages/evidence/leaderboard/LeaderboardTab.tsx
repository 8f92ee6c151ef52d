import { Button, Group, Stack, Text } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useDownload } from "../../../api/evidence";
import type { Leaderboard } from "../../../api/evidence-types";
import type { Campaign } from "../../../api/types";
import { Empty } from "../../../components/feedback/Empty";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { counted } from "../../../components/text/counted";
import classes from "../Evidence.module.css";
import { Notes, Section } from "../parts";
import { sliceOf } from "../search";
import * as words from "../words";
import { EffectsTable } from "./EffectsTable";
import { Profile } from "./Profile";
import { Sizes } from "./Sizes";
import { Slices } from "./Slices";
import { Spending } from "./Spending";
import { StandingsTable } from "./StandingsTable";
import { WinMatrix } from "./WinMatrix";

interface Props {
  id: string;
  campaign: Campaign;
  board: Leaderboard;
  /** What is shown is of the choice before; the new one is on its way. */
  stale: boolean;
}

/** Which arm is preferred, by how much, how sure that is, and what may explain it. */
export function LeaderboardTab({ id, campaign, board, stale }: Props) {
  const search = useSearch({ from: "/operator/campaigns/$id/evidence" });
  const axis = words.axisLabel(board.axis, campaign.rubric);
  const held = search.scores === "held" && board.controlled.length > 0;
  return (
    <Stack gap="md">
      <Slices board={board} rubric={campaign.rubric} />
      <div className={stale ? classes.stale : undefined} aria-busy={stale}>
        <Stack gap="md">
          {board.counts.votes === 0 ? (
            <Empty
              title={board.slice === "all votes" ? "No vote was accepted yet" : "No accepted vote is in this slice"}
            >
              Scores appear as soon as submitted comparisons are accepted in review.
            </Empty>
          ) : (
            <>
              <Section
                title={`Standings: ${axis.toLowerCase()}`}
                lead={<CountWords board={board} />}
                aside={<CsvButton id={id} />}
              >
                <Notes of={board.provenance} label="the standings" />
                <StandingsTable board={board} held={held} />
              </Section>
              <Section
                title="Pair by pair"
                lead={
                  "Read along a row. In bold: the share of votes that its arm is estimated to get against the one above the column, from the " +
                  "votes of this pair alone, with an interval. While all of these go one way it is drawn towards one half, because few votes say " +
                  "little. Below it: the votes as they were given. An equal verdict counts half for each."
                }
              >
                <WinMatrix board={board} />
              </Section>
              <Section
                title="By axis"
                lead="The same arms on each axis of the rubric, in Elo points; the line is the average of the arms."
              >
                <Profile board={board} rubric={campaign.rubric} />
              </Section>
              {board.standings.length > 2 && <Spending id={id} axis={board.axis} price={campaign.price_cents / 100} />}
              <EffectsTable board={board} />
              <Sizes board={board} />
            </>
          )}
        </Stack>
      </div>
    </Stack>
  );
}

function CountWords({ board: { counts, slice } }: { board: Leaderboard }) {
  const left = Object.entries(counts.left_out);
  return (
    <>
      {words.sentence(slice)}: {counted(counts.votes, "vote")} in {words.comparisons(counts.comparisons)} by{" "}
      {counted(counts.contributors, "contributor")}; {words.count(counts.ties)} equal, {words.count(counts.both_bad)}{" "}
      both bad.
      {left.length > 0 && <> Not counted: {left.map(([why, many]) => `${words.count(many)} (${why})`).join(", ")}.</>}
    </>
  );
}

function CsvButton({ id }: { id: string }) {
  const search = useSearch({ from: "/operator/campaigns/$id/evidence" });
  const download = useDownload(id);
  return (
    <Stack gap={4} align="flex-end">
      <Button
        size="xs"
        variant="default"
        loading={download.isPending}
        onClick={() => download.mutate({ file: "leaderboard.csv", query: sliceOf(search) })}
      >
        Download as CSV
      </Button>
      <Group gap={4} aria-live="polite">
        {download.isSuccess && (
          <Text size="xs" c="dimmed">
            Saved as {download.data}
          </Text>
        )}
      </Group>
      {download.error && <ErrorNotice error={download.error} title="The file was not made" />}
    </Stack>
  );
}
