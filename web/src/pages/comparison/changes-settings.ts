import { useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { IGNORE_WHITESPACE, settingKey } from "../../api/first-patches";

export type ChangesMode = "pair" | "A" | "B" | "between";

export interface ChangesSettings {
  mode: ChangesMode;
  setMode: (mode: ChangesMode) => void;
  from: "base" | "start";
  setFrom: (from: "base" | "start") => void;
  split: boolean;
  setSplit: (split: boolean) => void;
  wrap: boolean;
  setWrap: (wrap: boolean) => void;
  ignoreWhitespace: boolean;
  setIgnoreWhitespace: (ignore: boolean) => void;
  list: boolean;
  setList: (list: boolean) => void;
  together: boolean;
  setTogether: (together: boolean) => void;
  plain: boolean;
  setPlain: (plain: boolean) => void;
  narrow: boolean;
  /** Width of the file list, in pixels. */
  listWidth: number;
  setListWidth: (width: number) => void;
}

function useSetting(name: string, start: boolean): [boolean, (value: boolean) => void] {
  const [value, set] = useLocalStorage({
    key: settingKey(name),
    defaultValue: start,
    getInitialValueInEffect: false,
  });
  return [value, (next) => set(next)];
}

/** How a person likes diffs shown is kept in the browser; which side they look at, in the address. */
export function useChangesSettings(): ChangesSettings {
  const narrow = useMediaQuery("(max-width: 900px)", false, { getInitialValueInEffect: false }) ?? false;
  const wide = useMediaQuery("(min-width: 1700px)", false, { getInitialValueInEffect: false }) ?? false;
  const search = useSearch({ from: "/comparisons/$id" });
  const navigate = useNavigate({ from: "/comparisons/$id" });
  const setMode = (next: ChangesMode) => void navigate({ search: (old) => ({ ...old, mode: next }), replace: true });
  const [from, setFrom] = useState<"base" | "start">("start");
  const [split, setSplit] = useSetting("split", false);
  const [wrap, setWrap] = useSetting("wrap", true);
  const [ignoreWhitespace, setIgnoreWhitespace] = useSetting(IGNORE_WHITESPACE, false);
  const [list, setList] = useSetting("list", wide);
  const [together, setTogether] = useSetting("together", true);
  const [plain, setPlain] = useState(false);
  const [listWidth, setListWidth] = useLocalStorage({
    key: "marlin-changes-list-width",
    // Long names are read whole where there is room.
    defaultValue: window.innerWidth >= 2200 ? 330 : 240,
    getInitialValueInEffect: false,
  });
  const chosen = search.mode ?? "pair";
  const mode = narrow && chosen === "pair" ? (search.side ?? "A") : chosen;
  return {
    ...{ mode, setMode, from, setFrom, split, setSplit, wrap, setWrap, ignoreWhitespace, setIgnoreWhitespace },
    ...{ list, setList, together, setTogether, plain, setPlain, narrow },
    ...{ listWidth, setListWidth },
  };
}
