import { CloseButton, Group, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useEffect, useState } from "react";

export interface ListToolsProps {
  /** What is searched: "Search comparisons". */
  label: string;
  placeholder: string;
  value: string;
  onSearch: (text: string) => void;
  choice?: {
    label: string;
    all: string;
    options: { value: string; label: string }[];
    value: string;
    onChange: (value: string) => void;
  };
}

/** A search field, and perhaps one choice, above a long list. Asks once the typing pauses; Escape empties it. */
export function ListTools({ label, placeholder, value, onSearch, choice }: ListToolsProps) {
  const [text, setText] = useState(value);
  const ask = useDebouncedCallback(onSearch, 250);
  // The browser's Back may bring another filter.
  useEffect(() => setText(value), [value]);
  const change = (next: string) => {
    setText(next);
    ask(next);
  };
  return (
    <Group gap="xs" wrap="wrap">
      <TextInput
        aria-label={label}
        placeholder={placeholder}
        size="sm"
        flex="1 1 180px"
        value={text}
        maxLength={200}
        onChange={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && text) {
            event.preventDefault();
            change("");
          }
        }}
        rightSection={text ? <CloseButton size="sm" aria-label="Empty the search" onClick={() => change("")} /> : null}
      />
      {choice && (
        <Select
          aria-label={choice.label}
          size="sm"
          w={190}
          allowDeselect={false}
          data={[{ value: "", label: choice.all }, ...choice.options]}
          value={choice.value}
          onChange={(next) => choice.onChange(next ?? "")}
        />
      )}
    </Group>
  );
}
