import { useEffect, useState } from "react";
import { preparationLog } from "../../api/briefs";

/** The log of a preparation, growing while `active`; read whole once when it is not. `run` tells one try from the next. */
export function usePreparationLog(id: string, run: string, active: boolean): string {
  const [text, setText] = useState("");
  useEffect(() => {
    const abort = new AbortController();
    let offset = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    if (run !== "") setText("");
    const read = async () => {
      try {
        const more = await preparationLog(id, offset, abort.signal);
        if (abort.signal.aborted) return;
        offset = more.next;
        if (more.text !== "") setText((before) => before + more.text);
      } catch {
        // The log is an extra: the preparation's own status says what went wrong, and the next read tries again.
      }
      if (active && !abort.signal.aborted) timer = setTimeout(read, 1000);
    };
    void read();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [id, run, active]);
  return text;
}
