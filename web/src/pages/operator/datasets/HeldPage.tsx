import { Anchor, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { heldQuery } from "../../../api/held";
import { useRoles } from "../../../api/session";
import { Empty } from "../../../components/feedback/Empty";
import { ErrorNotice } from "../../../components/feedback/ErrorNotice";
import { Page } from "../../../components/layout/Page";
import { ListSkeleton } from "../../../components/list/ListSkeleton";
import { ListTools } from "../../../components/list/ListTools";
import { HeldGroup } from "./HeldGroup";

/** Where a person says of each value whether it is a secret: until then its rows are in no dataset. */
export function HeldPage() {
  const operator = useRoles().includes("operator");
  return (
    <Page title="Values that may be secrets">
      {operator ? <Values /> : <Empty title="This page is for operators">Ask an operator for the role.</Empty>}
    </Page>
  );
}

function Values() {
  const { campaign = "", q = "" } = useSearch({ from: "/operator/datasets/held" });
  const navigate = useNavigate({ from: "/operator/datasets/held" });
  const found = useQuery(heldQuery);
  const filter = (change: { campaign?: string; q?: string }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const groups = (found.data ?? []).filter((one) => !campaign || one.campaign === campaign);
  return (
    <Stack gap="lg">
      <Anchor
        size="sm"
        w="fit-content"
        renderRoot={(props) => <Link {...props} to="/operator" search={{ tab: "datasets" }} />}
      >
        ← All datasets
      </Anchor>
      <Text maw={760}>
        Rows that hold such a value are in no dataset until you decide. <b>Keep</b> leaves the value as it is in every
        later build; <b>Redact</b> replaces it by a marker in every later build.
      </Text>
      {found.error && (
        <ErrorNotice
          error={found.error}
          title={found.data && "What you see may be old"}
          onRetry={() => void found.refetch()}
        />
      )}
      {found.isPending ? (
        <ListSkeleton label="Loading the values" rows={3} height={150} />
      ) : found.data === undefined ? null : found.data.length === 0 ? (
        <Empty title="Nothing is held back">
          When a build finds a value that looks like a secret, though its shape doesn’t prove it, it waits for you here.
        </Empty>
      ) : (
        <>
          <ListTools
            label="Search the values"
            placeholder="Name, file or first characters"
            value={q}
            onSearch={(text) => filter({ q: text || undefined })}
            choice={{
              label: "Campaign",
              all: "All campaigns",
              options: found.data.map((one) => ({ value: one.campaign, label: one.title })),
              value: campaign,
              onChange: (value) => filter({ campaign: value || undefined }),
            }}
          />
          {groups.length === 0 && <Empty title="Nothing is held back for this campaign" />}
          {groups.map((one) => (
            <HeldGroup key={one.campaign_id} group={one} search={q} />
          ))}
        </>
      )}
    </Stack>
  );
}
