import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useState } from "react";
import type { TranscriptItem } from "./items";
import { searchItems } from "./search";

export interface TranscriptSearch {
  words: string;
  setWords: (words: string) => void;
  /** Indexes of the items found. */
  found: readonly number[];
  /** Place among `found`; -1 when nothing is found. */
  at: number;
  step: (by: 1 | -1) => void;
}

/** Searches what a transcript holds, again when it has grown. */
export function useTranscriptSearch(items: readonly TranscriptItem[], version: number): TranscriptSearch {
  const [words, setWords] = useState("");
  const [settled] = useDebouncedValue(words, 180);
  const [grown] = useDebouncedValue(version, 500);
  const [found, setFound] = useState<readonly number[]>([]);
  const [at, setAt] = useState(-1);
  const wanted = settled.trim();

  useEffect(() => {
    if (wanted === "") {
      setFound([]);
      setAt(-1);
      return;
    }
    if (grown < 0) return;
    const abort = new AbortController();
    void searchItems(items, wanted, abort.signal).then((result) => {
      if (result === null) return;
      setFound(result);
      setAt((before) => (result.length === 0 ? -1 : Math.min(Math.max(before, 0), result.length - 1)));
    });
    return () => abort.abort();
  }, [items, wanted, grown]);

  const step = (by: 1 | -1) => {
    if (found.length > 0) setAt((before) => (before + by + found.length) % found.length);
  };
  return { words, setWords, found, at, step };
}
