/** Numbers of the operators' lists: below each other by their last digit, and in one line. */
export const NUMBER = { ta: "right", style: { whiteSpace: "nowrap", fontVariantNumeric: "tabular-nums" } } as const;
