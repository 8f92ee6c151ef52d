import { createContext, useContext } from "react";

/** Whether what is focusable here belongs to the way that Tab takes. In a long list only the active row's does. */
export const TabStop = createContext(true);

export function useTabIndex(): 0 | -1 {
  return useContext(TabStop) ? 0 : -1;
}
