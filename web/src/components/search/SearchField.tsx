import { TextInput, Tooltip, UnstyledButton } from "@mantine/core";
import type { KeyboardEvent, Ref } from "react";
import type { SearchWish } from "./pattern";
import classes from "./SearchField.module.css";

export interface SearchFieldProps {
  wish: SearchWish;
  onWish: (wish: SearchWish) => void;
  label: string;
  placeholder: string;
  error?: string | null;
  onKeyDown?: (event: KeyboardEvent) => void;
  ref?: Ref<HTMLInputElement>;
}

/** A field to search with: case, whole words and, where it can be, regular expressions. */
export function SearchField({ wish, onWish, label, placeholder, error, onKeyDown, ref }: SearchFieldProps) {
  const toggles = [
    { key: "matchCase" as const, sign: "Aa", label: "Match case" },
    { key: "words" as const, sign: "ab|", label: "Whole words" },
    ...(wish.regex === undefined ? [] : [{ key: "regex" as const, sign: ".*", label: "Regular expression" }]),
  ];
  return (
    <TextInput
      ref={ref}
      size="xs"
      className={classes.field}
      aria-label={label}
      placeholder={placeholder}
      value={wish.text}
      error={error || undefined}
      maxLength={200}
      onChange={(event) => onWish({ ...wish, text: event.currentTarget.value })}
      onKeyDown={onKeyDown}
      rightSectionWidth={24 * toggles.length + 8}
      rightSection={
        <span className={classes.toggles}>
          {toggles.map((toggle) => (
            <Tooltip key={toggle.key} label={toggle.label}>
              <UnstyledButton
                className={classes.toggle}
                aria-label={toggle.label}
                aria-pressed={Boolean(wish[toggle.key])}
                data-sign={toggle.sign}
                onClick={() => onWish({ ...wish, [toggle.key]: !wish[toggle.key] })}
              />
            </Tooltip>
          ))}
        </span>
      }
    />
  );
}
