import { Box } from "@mantine/core";
import { Markdown } from "../../components/text/Markdown";

export function TermsText({ markdown }: { markdown: string }) {
  return (
    <Box
      component="section"
      aria-label="Terms"
      tabIndex={0}
      mah={280}
      p="md"
      style={{ overflowY: "auto", border: "1px solid var(--app-line)", borderRadius: 8, background: "var(--app-code)" }}
    >
      <Markdown>{markdown}</Markdown>
    </Box>
  );
}
