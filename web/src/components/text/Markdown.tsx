import { Anchor, Typography } from "@mantine/core";
import { memo, type ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { isFormattable } from "./formattable";
import { useTabIndex } from "./tab-stop";
import { spelledOut } from "./visible";

const PLUGINS = [remarkGfm];

const COMPONENTS: Components = {
  img: ({ alt, src }) => <span>[image: {alt || String(src ?? "")}]</span>,
  a: ({ href, children: label }) => (isWeb(href) ? <WebLink href={href}>{label}</WebLink> : <span>{label}</span>),
  table: ({ children: rows }) => <TableBox>{rows}</TableBox>,
  // Headings of a message are no headings of the page, whose outline they would tear.
  h1: ({ children: words }) => <p className="markdown-heading">{words}</p>,
  h2: ({ children: words }) => <p className="markdown-heading">{words}</p>,
  h3: ({ children: words }) => <p className="markdown-heading">{words}</p>,
  h4: ({ children: words }) => <p className="markdown-heading">{words}</p>,
  h5: ({ children: words }) => <p className="markdown-heading">{words}</p>,
  h6: ({ children: words }) => <p className="markdown-heading">{words}</p>,
  input: ({ checked }) => <span>{checked ? "☑" : "☐"}</span>,
};

function WebLink({ href, children }: { href: string; children?: ReactNode }) {
  return (
    <Anchor
      href={href}
      title={href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      referrerPolicy="no-referrer"
      inherit
      underline="always"
      tabIndex={useTabIndex()}
    >
      {children}
    </Anchor>
  );
}

function TableBox({ children }: { children?: ReactNode }) {
  return (
    <section style={{ overflowX: "auto" }} tabIndex={useTabIndex()} aria-label="Table">
      <table>{children}</table>
    </section>
  );
}

function isWeb(href: string | undefined): href is string {
  return /^https?:\/\//i.test(href ?? "");
}

export interface MarkdownProps {
  children: string;
  /** For what people type into a field: a line that they ended ends here, too. */
  breaks?: boolean;
}

/**
 * Markdown that others wrote. HTML in it is shown as text, images become their words, a link leads to the web or nowhere,
 * says where on hover, and opens apart without telling the other site where from. Hidden characters are written out.
 * A text made to be slow to format is shown as it was written.
 */
export const Markdown = memo(function Markdown({ children, breaks = false }: MarkdownProps) {
  const text = spelledOut(children);
  return (
    <Typography className={breaks ? "markdown markdown-breaks" : "markdown"} fz="sm">
      {isFormattable(text) ? (
        <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS}>
          {text}
        </ReactMarkdown>
      ) : (
        <p style={{ whiteSpace: "pre-wrap" }}>{text}</p>
      )}
    </Typography>
  );
});
