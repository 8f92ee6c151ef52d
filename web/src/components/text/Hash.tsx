import { CopyButton, UnstyledButton } from "@mantine/core";
import classes from "./Hash.module.css";

/** A long hash by its first digits; the whole of it under the pointer, and to copy. */
export function Hash({ value, of }: { value: string; of: string }) {
  return (
    <span className={classes.hash}>
      <code title={value}>{value.slice(0, 12)}…</code>
      <CopyButton value={value} timeout={1500}>
        {({ copied, copy }) => (
          <UnstyledButton className={classes.copy} onClick={copy} aria-label={copied ? "Copied" : `Copy ${of}`}>
            {copied ? "Copied" : "Copy"}
          </UnstyledButton>
        )}
      </CopyButton>
    </span>
  );
}
