/// <reference lib="webworker" />
import { answer, type MatchRequest } from "./matching";

/** Somebody's pattern runs here, never in the page: it can be stopped. */
declare const self: DedicatedWorkerGlobalScope;

self.onmessage = (event: MessageEvent<MatchRequest>) =>
  answer(event.data, (told) => self.postMessage(told, [told.found.buffer]));
// The time that a pattern may take begins when there is somebody to run it.
self.postMessage("ready");
