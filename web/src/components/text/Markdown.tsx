import { Anchor, Typography } from "@mantine/core";
import ReactMarkdown from "react-markdown";
import remarkGfm from "remark-gfm";

/**
 * Markdown that others wrote. HTML in it is shown as text, images become links that nobody follows by accident, and
 * links open apart without telling the other site where from.
 */
export function Markdown({ children }: { children: string }) {
  return (
    <Typography className="markdown" fz="sm">
      <ReactMarkdown
        remarkPlugins={[remarkGfm]}
        components={{
          img: ({ alt, src }) => <span>[image: {alt || String(src ?? "")}]</span>,
          a: ({ href, children: label }) => (
            <Anchor href={href} target="_blank" rel="noopener noreferrer nofollow" inherit underline="always">
              {label}
            </Anchor>
          ),
          table: ({ children: rows }) => (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
            <section style={{ overflowX: "auto" }} tabIndex={0} aria-label="Table">
              <table>{rows}</table>
            </section>
          ),
        }}
      >
        {children}
      </ReactMarkdown>
    </Typography>
  );
}
