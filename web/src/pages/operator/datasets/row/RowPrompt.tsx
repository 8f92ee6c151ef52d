import { Stack, Text, Title } from "@mantine/core";
import type { Row } from "../../../../api/dataset-rows";
import { counted } from "../../../../components/text/counted";
import { Markdown } from "../../../../components/text/Markdown";
import { VisibleText } from "../../../../components/text/VisibleText";
import { Conversation } from "./RowConversation";
import classes from "./RowPage.module.css";

/** What the row trains on as its prompt: the request, and the whole history that both sides share. */
export function RowPrompt({ dataset, row }: { dataset: string; row: Row }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.reading} aria-label="Prompt" tabIndex={0}>
      <Stack gap="md">
        <section>
          <Title order={2} fz="sm" mb={4}>
            Request of turn {row.turn}
          </Title>
          <Markdown breaks>{row.request}</Markdown>
        </section>
        <section>
          <Title order={2} fz="sm" mb={4}>
            Shared history
          </Title>
          {row.prompt_messages === null ? (
            <Text size="sm">
              There is none: the sides did not begin with the same messages, so the row is in no view of trajectories.
            </Text>
          ) : (
            <>
              <Text size="sm" mb="xs">
                {counted(row.prompt_messages, "message")}, as both sides’ models had them.{" "}
                <VisibleText text={row.tools.length > 0 ? `Tools: ${row.tools.join(", ")}.` : "No tools."} />
              </Text>
              <div className={classes.shared}>
                <Conversation
                  dataset={dataset}
                  row={row.id}
                  part="prompt"
                  label="Shared history"
                  empty="The history has no message."
                />
              </div>
            </>
          )}
        </section>
      </Stack>
    </section>
  );
}
