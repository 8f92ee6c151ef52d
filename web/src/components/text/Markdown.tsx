import { Typography } from "@mantine/core";
import { memo, Suspense, use } from "react";
import { atOnce } from "../../at-once";
import { wait } from "../../opening";
import type { Formatted } from "./Formatted";
import { isFormattable } from "./formattable";
import { spelledOut } from "./visible";

let loading: Promise<typeof Formatted> | undefined;

/** What could not be fetched is not formatted, and can be read all the same. */
function load(): Promise<typeof Formatted> {
  loading ??= atOnce(
    import("./Formatted").then(
      (module) => module.Formatted,
      () => AsWritten,
    ),
  );
  return loading;
}

// Not when it is needed, and not before what is needed first. Where there is no window nothing is ever drawn.
if (typeof window !== "undefined") wait("markdown", () => void load());

function Loaded({ text }: { text: string }) {
  const Formatted = use(load());
  return <Formatted text={text} />;
}

function AsWritten({ text }: { text: string }) {
  return <p style={{ whiteSpace: "pre-wrap" }}>{text}</p>;
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
        <Suspense fallback={<AsWritten text={text} />}>
          <Loaded text={text} />
        </Suspense>
      ) : (
        <AsWritten text={text} />
      )}
    </Typography>
  );
});
