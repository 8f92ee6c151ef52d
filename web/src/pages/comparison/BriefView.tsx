import { Code, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { Comparison, Turn } from "../../api/types";
import { CATEGORY } from "../../components/feedback/status";
import { Markdown } from "../../components/text/Markdown";
import { VisibleText } from "../../components/text/VisibleText";
import classes from "./BriefView.module.css";

export interface BriefViewProps {
  comparison: Comparison;
  turn: Turn;
  /** Only what was asked: the expectation is being written beside it. */
  asked?: boolean;
}

/** All that the sides were asked, and what the person expected of them. */
export function BriefView({ comparison, turn, asked = false }: BriefViewProps) {
  const { brief, campaign } = comparison;
  return (
    <div className={classes.view} data-plain={asked || undefined}>
      <Stack gap="lg" maw={820}>
        <Part id="field-prompt" title={turn.number === 1 ? "Prompt" : `Prompt of turn ${turn.number}`}>
          <Prose text={turn.prompt} />
        </Part>
        {turn.number > 1 && (
          <Part title="Prompt of turn 1">
            <Prose text={brief.prompt} />
          </Part>
        )}
        {brief.acceptance_criteria && (
          <Part title="Acceptance criteria">
            <Prose text={brief.acceptance_criteria} />
          </Part>
        )}
        {turn.expectation && !asked && (
          <Part title="What you expected of a strong senior engineer">
            <Prose text={turn.expectation} />
          </Part>
        )}
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <Part title="Repository">
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              <VisibleText text={brief.source} />
            </Text>
            <Code>{brief.base_commit.slice(0, 12)}</Code>
          </Part>
          <Part title="Category and tests">
            <Text size="sm">{CATEGORY[brief.category]}</Text>
            {brief.test_command && (
              <Code>
                <VisibleText text={brief.test_command} />
              </Code>
            )}
          </Part>
        </SimpleGrid>
        <details>
          <summary>Guidelines of the campaign</summary>
          <Markdown>{campaign.guidelines_markdown}</Markdown>
        </details>
      </Stack>
    </div>
  );
}

function Part({ id, title, children }: { id?: string; title: string; children: ReactNode }) {
  return (
    <section id={id}>
      <Title order={2} fz="sm" mb={4}>
        {title}
      </Title>
      {children}
    </section>
  );
}

function Prose({ text }: { text: string }) {
  return (
    <div className={classes.prose}>
      <Markdown breaks>{text}</Markdown>
    </div>
  );
}
