import { Alert, Anchor, Badge, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type Dataset, datasetQuery, type Manifest } from "../../../api/datasets";
import { Numbers } from "../../../components/charts/Numbers";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { Bar, Waiting } from "../../../components/feedback/Waiting";
import { CopyField } from "../../../components/text/CopyField";
import { shellWord } from "../../../components/text/commands";
import { counted } from "../../../components/text/counted";
import { VisibleText } from "../../../components/text/VisibleText";
import { Facts } from "../Facts";
import { Part } from "../Part";
import { ToHeld } from "./HeldNotice";
import { Preview } from "./Preview";
import { RowsBrowser } from "./rows/RowsBrowser";
import { filtersOf, heldTogetherBy, loading, SCOPES, STATES, tuningOf, viewToLoad } from "./words";

/** One dataset: what is in it, what is not and why, and its rows. */
export function DatasetView({ id }: { id: string }) {
  const found = useQuery(datasetQuery(id));
  return (
    <Stack gap="lg">
      <Anchor size="sm" renderRoot={(props) => <Link {...props} to="/operator" search={{ tab: "datasets" }} />}>
        ← All datasets
      </Anchor>
      {found.isPending ? (
        <DatasetSkeleton />
      ) : found.data === undefined ? (
        <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <Whole dataset={found.data} />
      )}
    </Stack>
  );
}

function Whole({ dataset }: { dataset: Dataset }) {
  const { manifest } = dataset;
  return (
    <>
      <Head dataset={dataset} />
      {dataset.problem && (
        <Alert color={STATES[dataset.state].colour}>
          <VisibleText text={dataset.problem} />
        </Alert>
      )}
      {dataset.undecided > 0 && (
        <Alert color="orange" title="Values that may be secrets hold rows back">
          <ToHeld campaign={dataset.campaigns[0]}>Decide on {counted(dataset.undecided, "value", "values")}</ToHeld>,
          then build again.
        </Alert>
      )}
      {dataset.held_problem && (
        <Alert color="red" title="What waits for you can’t be told">
          <VisibleText text={dataset.held_problem} />
        </Alert>
      )}
      {manifest && (
        <>
          <Text>
            <VisibleText text={inWords(manifest)} />
          </Text>
          <Part order={3} title="Rows">
            <RowsBrowser key={dataset.id} dataset={dataset.id} />
          </Part>
          <Views manifest={manifest} />
          <LeftOut manifest={manifest} />
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
            <Trust manifest={manifest} />
            <Replaced manifest={manifest} />
          </SimpleGrid>
          <Use dataset={dataset} manifest={manifest} />
          <Part order={3} title="Its files">
            <Preview dataset={dataset} manifest={manifest} />
          </Part>
        </>
      )}
    </>
  );
}

function Use({ dataset, manifest }: { dataset: Dataset; manifest: Manifest }) {
  const view = viewToLoad(manifest);
  const tuning = tuningOf(manifest);
  const path = shellWord(dataset.path);
  return (
    <Part order={3} title="Use it">
      <Stack gap="sm">
        {view && <CopyField label="In Python" value={loading(dataset.path, view)} />}
        {"view" in tuning ? (
          <CopyField
            label="Train on it"
            value={`marlin tune dpo ${path}${tuning.view === "trl_pref" ? "" : ` --view ${shellWord(tuning.view)}`} --model BASE --output ${shellWord(`runs/${dataset.name}`)}`}
          />
        ) : (
          <Text size="sm">{tuning.refusal}</Text>
        )}
        <CopyField
          label="Prove that every file is whole to the byte; these pages read its manifest and its rows alone"
          value={`marlin dataset verify ${path}`}
        />
        <CopyField label="Copy it to a store" value={`marlin dataset push ${path} s3://BUCKET/PATH`} />
      </Stack>
    </Part>
  );
}

function Head({ dataset }: { dataset: Dataset }) {
  const state = STATES[dataset.state];
  return (
    <div>
      <Group gap="sm" mb={4}>
        <Title order={2}>
          <VisibleText text={dataset.name} />
        </Title>
        <Badge variant="light" color={state.colour} tt="none">
          {state.words}
        </Badge>
        {dataset.synthetic && (
          <Badge variant="light" color="orange" tt="none">
            Synthetic: evidence of nothing real
          </Badge>
        )}
      </Group>
      <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        <VisibleText text={dataset.path} />
        {dataset.manifest_id && ` · ${dataset.manifest_id}`}
      </Text>
    </div>
  );
}

function inWords({ counts, split, campaigns }: Manifest): string {
  const count = (name: string, one: string, many?: string) => counted(counts[name] ?? 0, one, many);
  return (
    `Campaign ${campaigns.join(", ")}: ${count("rows", "judged pair")} of results from ${count("ratings", "accepted rating")} ` +
    `by ${count("raters", "person", "people")}, on ${count("tasks", "task")} in ` +
    `${count("repositories", "repository", "repositories")}. ${count("pairs", "preference")}, ` +
    `${(counts.trajectory_pairs ?? 0).toLocaleString()} of them with trajectories; ${count("ties", "tie")}. ` +
    `${counted(split.rows.train ?? 0, "row")} to train on, ` +
    `${(split.rows.test ?? 0).toLocaleString()} held out.`
  );
}

function Views({ manifest }: { manifest: Manifest }) {
  return (
    <Part order={3} title="Views">
      <Numbers
        label="Views"
        whole
        heads={["View", "Reader", "Content", "Reader verified with", "To train on", "Held out"]}
        words={["Reader", "Content", "Reader verified with"]}
        rows={Object.entries(manifest.views).map(([name, view]) => [
          name,
          view.reader,
          view.content,
          typeof view.verified === "string" ? view.verified : view.verified ? "yes" : "unverified",
          (view.rows.train ?? 0).toLocaleString(),
          (view.rows.test ?? 0).toLocaleString(),
        ])}
      />
    </Part>
  );
}

function LeftOut({ manifest }: { manifest: Manifest }) {
  return (
    <Part order={3} title="What was left out, and why">
      {manifest.left_out.length === 0 ? (
        <Text size="sm">Nothing.</Text>
      ) : (
        <Numbers
          label="What was left out"
          heads={["Why", "Missing from", "How many"]}
          words={["Missing from"]}
          rows={manifest.left_out.map((one) => [
            one.reason,
            SCOPES[one.scope] ?? one.scope,
            one.count.toLocaleString(),
          ])}
        />
      )}
    </Part>
  );
}

function Replaced({ manifest }: { manifest: Manifest }) {
  const found = Object.entries(manifest.scrubbed);
  return (
    <Part order={3} title="What was replaced">
      {found.length === 0 ? (
        <Text size="sm">No secret and no personal data of a known shape was found.</Text>
      ) : (
        <Numbers
          label="What was replaced"
          heads={["Kind", "Times"]}
          rows={found.map(([kind, count]) => [kind.replaceAll("_", " "), count.toLocaleString()])}
        />
      )}
    </Part>
  );
}

function Trust({ manifest }: { manifest: Manifest }) {
  const filters = filtersOf(manifest);
  const facts: [string, string][] = [
    ["Chosen by", filters.length === 0 ? "no filter" : filters.map(([name, value]) => `${name}: ${value}`).join("; ")],
    [
      "Split",
      manifest.split.test_fraction === 0
        ? "nothing held out"
        : `${Math.round(manifest.split.test_fraction * 100)} % by ${manifest.split.by.map(heldTogetherBy).join(", ")}; seed ${manifest.split.seed}`,
    ],
    ["Frozen split", manifest.split.hash],
    ["Licences", listed(manifest.licences)],
    ["Terms accepted by raters", listed(manifest.consent)],
    [
      "Benchmarks",
      manifest.benchmarks?.length
        ? manifest.benchmarks.map((one) => `${one.name} (${one.entries.toLocaleString()} entries)`).join(", ")
        : "not checked against any",
    ],
    ["Rubric, guidelines", `${manifest.rubric_versions.join(", ")}; ${manifest.guidelines_versions.join(", ")}`],
    ["Made by", `Marlin ${manifest.marlin}`],
  ];
  return (
    <Part order={3} title="What it rests on">
      <Facts value={Object.fromEntries(facts)} />
    </Part>
  );
}

function listed(counts: Record<string, number> | undefined): string {
  const found = Object.entries(counts ?? {});
  return found.length === 0 ? "–" : found.map(([name, count]) => `${name} (${count.toLocaleString()})`).join(", ");
}

function DatasetSkeleton() {
  return (
    <Waiting label="Loading the dataset">
      <Stack gap="lg">
        <Bar width="240px" height={26} />
        <Bar width="420px" />
        <Paper withBorder p="lg" bg="var(--app-surface)" h={320} />
      </Stack>
    </Waiting>
  );
}
