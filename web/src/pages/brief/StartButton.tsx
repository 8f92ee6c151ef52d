import { Button, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useStartComparison } from "../../api/briefs";
import type { Brief } from "../../api/types";
import { ErrorNotice } from "../../components/feedback/ErrorNotice";
import type { BriefForm } from "./use-brief-form";

export function StartButton({ brief, form }: { brief: Brief; form: BriefForm }) {
  const start = useStartComparison(brief.id);
  const navigate = useNavigate();
  const [saving, setSaving] = useState(false);
  const go = async () => {
    setSaving(true);
    const saved = await form.flush();
    setSaving(false);
    if (!saved) return;
    // Awaited, not a callback of mutate(): the brief counts as used at once, and this button is gone.
    const comparison = await start.mutateAsync().catch(() => null); // the error is shown above the button
    if (comparison) await navigate({ to: "/comparisons/$id", params: { id: comparison.id } });
  };
  return (
    <>
      {start.error && <ErrorNotice error={start.error} title="The comparison did not start" />}
      <Button size="md" onClick={() => void go()} loading={saving || start.isPending}>
        Start the comparison
      </Button>
      <Text size="sm" c="dimmed">
        Two agents begin at once on this prompt. You can’t change the brief after that.
      </Text>
    </>
  );
}
