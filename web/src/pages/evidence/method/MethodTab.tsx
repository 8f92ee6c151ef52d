import { Button, Code, CopyButton, Group, Stack, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import { type EvidenceFile, useDownload } from "../../../api/evidence";
import type { Provenance } from "../../../api/evidence-types";
import type { Campaign } from "../../../api/types";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { CopyField } from "../../../components/text/CopyField";
import { Time } from "../../../components/text/Time";
import classes from "../Evidence.module.css";
import { Notes, Section } from "../parts";
import * as words from "../words";

interface Part {
  title: string;
  /** null: there is none, because no question is registered. */
  query: UseQueryResult<{ provenance: Provenance } | null>;
}

/** How each result came about, so that anybody can repeat it; and all of it to take away. */
export function MethodTab({ id, campaign, parts }: { id: string; campaign: Campaign; parts: Part[] }) {
  return (
    <Stack gap="md">
      <Section
        title="Take it away"
        lead="All are made anew from the votes as they are now; the audit log keeps who took them."
      >
        <div className={classes.three}>
          <Download id={id} file="report.html" label="Download the report (HTML)">
            Everything on these pages in one file that needs nothing else: no script, nothing fetched. It names arms:
            keep it from contributors and reviewers.
          </Download>
          <Download id={id} file="leaderboard.csv" label="Download the leaderboard (CSV)">
            One line for each arm on each axis, all votes, with method and data hash. For a slice, use the button on the
            leaderboard.
          </Download>
          <Download id={id} file="votes.csv" label="Download the votes (CSV)">
            One line for each accepted vote, with its arms and whether rankings count it: for statistics of your own.
            Contributors are in it by id, not by name.
          </Download>
        </div>
      </Section>
      <div className={classes.three}>
        {parts.map((part) => (
          <Section key={part.title} title={part.title}>
            <Method part={part} />
          </Section>
        ))}
      </div>
      <Section
        title="Repeat it"
        lead="On a machine that reaches the database, as an operator. The same data hash means that the very same votes were counted."
      >
        <Commands slug={campaign.slug} />
        <Text size="sm">
          What the words mean and how far each number can be trusted: <Code>docs/how-to/read-the-evidence.md</Code>. The
          methods and how they were tested: <Code>docs/explanation/evidence.md</Code>. The endpoints:{" "}
          <Code>docs/reference/http-api.md</Code>.
        </Text>
      </Section>
    </Stack>
  );
}

function Commands({ slug }: { slug: string }) {
  return (
    <div className={classes.two}>
      <CopyField label="Everything as one file" value={`marlin report ${slug} --html ${slug}.html --csv ${slug}.csv`} />
      <CopyField label="Everything as data" value={`marlin report ${slug} --json`} />
      <CopyField label="Every vote" value={`marlin report ${slug} --votes ${slug}-votes.csv`} />
    </div>
  );
}

function Method({ part: { query } }: { part: Part }) {
  if (query.data === undefined) {
    if (query.error) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
    return <div className={classes.bone} style={{ height: 220 }} role="status" aria-label="Loading…" />;
  }
  if (query.data === null) return <Text c="dimmed">No question is registered, so nothing is decided.</Text>;
  const made = query.data.provenance;
  return (
    <>
      <Text size="sm">{words.sentence(made.method)}.</Text>
      <dl className={classes.facts}>
        <dt>Computed</dt>
        <dd>
          <Time iso={made.computed_at} />
        </dd>
        <dt>Data hash</dt>
        <dd>
          <Group gap={6} align="flex-start">
            <Code style={{ overflowWrap: "anywhere" }}>{made.data_hash || "none: nothing was counted"}</Code>
            {made.data_hash && (
              <CopyButton value={made.data_hash} timeout={1500}>
                {({ copied, copy }) => (
                  <Button size="compact-xs" variant="default" onClick={copy}>
                    {copied ? "Copied" : "Copy the hash"}
                  </Button>
                )}
              </CopyButton>
            )}
          </Group>
        </dd>
        {Object.entries(made.versions).map(([name, version]) => (
          <div key={name} className={classes.row}>
            <dt>{name}</dt>
            <dd>{version}</dd>
          </div>
        ))}
      </dl>
      <Notes of={made} label="this result" />
    </>
  );
}

function Download(props: { id: string; file: EvidenceFile; label: string; children: string }) {
  const download = useDownload(props.id);
  const [bytes, setBytes] = useState(0);
  const start = () => {
    setBytes(0);
    download.mutate({ file: props.file, onBytes: setBytes });
  };
  const so = bytes > 1e6 ? `${(bytes / 1e6).toFixed(1)} MB so far` : "Being made…";
  return (
    <Stack gap="xs" align="flex-start">
      <Text size="sm" style={{ flexGrow: 1 }}>
        {props.children}
      </Text>
      <Group gap="sm">
        <Button variant="default" loading={download.isPending} onClick={start}>
          {props.label}
        </Button>
        <Text size="sm" c="dimmed" role="status">
          {download.isPending ? so : download.isSuccess ? `Saved as ${download.data}` : ""}
        </Text>
      </Group>
      {download.error && <ErrorNotice error={download.error} title="The file was not made" />}
    </Stack>
  );
}
