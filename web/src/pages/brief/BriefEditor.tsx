import { Alert, Button, Grid, Group, Stack } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { isPreparing, lintQuery } from "../../api/briefs";
import type { Brief, BriefFields } from "../../api/types";
import { chosen } from "../../autosave/reconcile";
import { MergeDrafts } from "../../components/drafts/MergeDrafts";
import { SaveState } from "../../components/feedback/SaveState";
import { StatusBadge } from "../../components/feedback/StatusBadge";
import { BRIEF_STATUS } from "../../components/feedback/status";
import { Page } from "../../components/layout/Page";
import { EnvironmentFields } from "./EnvironmentFields";
import { briefDifferences } from "./fields";
import { PreparationPanel } from "./PreparationPanel";
import { RequestFields } from "./RequestFields";
import { SourceFields } from "./SourceFields";
import { useBriefForm } from "./use-brief-form";

export function BriefEditor({ brief }: { brief: Brief }) {
  const form = useBriefForm(brief);
  const [settled] = useDebouncedValue(form.fields, 600);
  const lints = useQuery({
    ...lintQuery(settled),
    enabled: settled.prompt.trim() !== "",
    placeholderData: (old) => old,
  });
  const used = brief.status === "used";
  const locked = used || isPreparing(brief);
  const parts = { form, lints: settled.prompt.trim() === "" ? [] : (lints.data ?? []) };
  return (
    <Page
      title={form.fields.title || "New brief"}
      actions={
        <Group gap="sm">
          <SaveState state={form.save} />
          <StatusBadge words={BRIEF_STATUS[brief.status]} />
        </Group>
      }
    >
      {form.conflict && (
        <MergeDrafts
          differences={briefDifferences(form.conflict.fields, form.fields, form.conflict.theirs)}
          onChosen={(choices) =>
            form.conflict &&
            form.resolve(chosen({ ...form.fields }, { ...form.conflict.theirs }, choices) as unknown as BriefFields)
          }
        />
      )}
      {used && (
        <Alert color="gray" title="A comparison was started from this brief">
          It can’t be changed any more.{" "}
          <Button component={Link} to="/" size="compact-sm" variant="subtle">
            See your comparisons
          </Button>
        </Alert>
      )}
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="lg">
            <SourceFields {...parts} disabled={locked} />
            <RequestFields {...parts} disabled={used} />
            <EnvironmentFields {...parts} campaignId={brief.campaign_id} disabled={locked} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <div style={{ position: "sticky", top: 68 }}>
            <PreparationPanel brief={brief} form={form} />
          </div>
        </Grid.Col>
      </Grid>
    </Page>
  );
}
