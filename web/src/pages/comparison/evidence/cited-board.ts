import { createContext, useContext, useEffect, useSyncExternalStore } from "react";
import { type CitedPlace, type CitedTexts, citedPlaces } from "./cited-places";

/**
 * What the texts of this turn's rating cite now, for whoever draws marks. The form tells what is being typed; while it
 * is not on the page (a hidden panel) the saved texts stand in for it.
 */
export class CitedBoard {
  private saved: Partial<CitedTexts> = {};
  private typed: Partial<CitedTexts> | null = null;
  private places: readonly CitedPlace[] = [];
  private readonly listeners = new Set<() => void>();
  readonly goTo: (place: CitedPlace) => void;

  /** `goTo` brings a citation in the rating's text into view. */
  constructor(goTo: (place: CitedPlace) => void = () => {}) {
    this.goTo = goTo;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  snapshot = (): readonly CitedPlace[] => this.places;

  save(texts: Partial<CitedTexts>): void {
    this.saved = texts;
    this.tell();
  }

  /** Null: nobody is typing any more. */
  type(texts: Partial<CitedTexts> | null): void {
    this.typed = texts;
    this.tell();
  }

  private tell(): void {
    const places = citedPlaces(this.typed ?? this.saved);
    // Most keys change no citation, but move those behind them.
    if (JSON.stringify(places) === JSON.stringify(this.places)) return;
    this.places = places;
    for (const listener of this.listeners) listener();
  }
}

export const CitedContext = createContext(new CitedBoard());

export function useCitedBoard(): CitedBoard {
  return useContext(CitedContext);
}

export function useCitedPlaces(board: CitedBoard): readonly CitedPlace[] {
  return useSyncExternalStore(board.subscribe, board.snapshot);
}

/** Tells the board what stands in a form now. */
export function useTypedCitations(texts: Partial<CitedTexts>): void {
  const board = useCitedBoard();
  useEffect(() => board.type(texts), [board, texts]);
  useEffect(() => () => board.type(null), [board]);
}
