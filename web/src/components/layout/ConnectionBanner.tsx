import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { api } from "../../api/client";
import { connection, onConnection, onRestored } from "../../api/connection";
import { asProblem } from "../../api/problem";
import classes from "./ConnectionBanner.module.css";

const LONGEST_MS = 15_000;
const BACK_MS = 5_000;

/** Says when the server can't be reached, asks again by itself, and says when it is back. Covers nothing but the edge. */
export function ConnectionBanner() {
  const state = useSyncExternalStore(onConnection, connection);
  const offline = useOffline();
  const away = offline || state === "away";
  const [trying, again] = useProbe(away);
  const [back, setBack] = useState(false);
  const client = useQueryClient();
  const was = useRef(false);
  useEffect(() => {
    if (away) {
      was.current = true;
      setBack(false);
      return;
    }
    if (!was.current) return;
    was.current = false;
    setBack(true);
    void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
    const timer = setTimeout(() => setBack(false), BACK_MS);
    return () => clearTimeout(timer);
  }, [away, client]);
  return (
    <div role="status" className={classes.place}>
      {away && (
        <div className={classes.banner} data-kind="away">
          <span>
            <b>{offline ? "You are offline." : "Marlin can’t be reached."}</b> What you type is kept here, and is saved
            when the server answers again.
          </span>
          <Button size="compact-xs" variant="default" onClick={again} loading={trying}>
            Try now
          </Button>
        </div>
      )}
      {back && (
        <div className={classes.banner} data-kind="back">
          Connected again. What was typed meanwhile is being saved.
        </div>
      )}
    </div>
  );
}

function useOffline(): boolean {
  return useSyncExternalStore(
    (listener) => {
      window.addEventListener("online", listener);
      window.addEventListener("offline", listener);
      return () => {
        window.removeEventListener("online", listener);
        window.removeEventListener("offline", listener);
      };
    },
    () => !navigator.onLine,
  );
}

/** Asks the server whether it is there, less and less often. Its answer is noticed where every answer is. */
function useProbe(away: boolean): [trying: boolean, again: () => void] {
  const [trying, setTrying] = useState(false);
  const wait = useRef(1000);
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!away) {
      wait.current = 1000;
      return;
    }
    const abort = new AbortController();
    const probe = async () => {
      setTrying(true);
      try {
        await api.get("/session", { signal: abort.signal });
      } catch (error) {
        if (abort.signal.aborted || asProblem(error).status === 401) return;
        wait.current = Math.min(wait.current * 2, LONGEST_MS);
        setRound((before) => Math.abs(before) + 1);
      } finally {
        setTrying(false);
      }
    };
    const timer = setTimeout(() => void probe(), round < 0 ? 0 : wait.current);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [away, round]);
  useEffect(() => onRestored(() => setRound(0)), []);
  return [trying, () => setRound((before) => -Math.abs(before) - 1)];
}
