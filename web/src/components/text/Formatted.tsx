import { Anchor } from "@mantine/core";
import type { ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { useTabIndex } from "./tab-stop";

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

/** The text of `Markdown`, formatted: apart, because what reads it is large and seldom the first thing that is needed. */
export function Formatted({ text }: { text: string }) {
  return (
    <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS}>
      {text}
    </ReactMarkdown>
  );
}
