/**
 * In which order a comparison is drawn when it is opened: code first. Whatever says `wait` has its turn when lines can be
 * read, one after the other, each in a task and a frame of its own: nobody waits for one long one. Where nothing is held
 * back (other pages, and within the app, where everything has been drawn before) it has its turn at once.
 */

/** What is drawn after the first lines, in this order. */
export const TURNS = ["other-pane", "toolbar", "strip", "header", "list", "keyboard", "markdown", "panel"] as const;
export type TurnName = (typeof TURNS)[number];

/** Who waits for code that does not come has the rest of the page by then. */
const LONGEST_MS = 2500;
/** A page that nobody looks at draws no frames. */
const FRAME_MS = 100;

interface Waiting {
  name: TurnName;
  run: () => void;
}

let held = false;
let running = false;
let waiting: Waiting[] = [];
const goingOn: (() => void)[] = [];

/** The code of a comparison is being fetched: everything else waits for it. */
export function holdBack(): void {
  held = true;
  setTimeout(goOn, LONGEST_MS);
}

/** The first lines stand there, or there are none to wait for. */
export function goOn(): void {
  held = false;
  for (const go of goingOn.splice(0)) go();
  next();
}

/** Resolves when nothing is held back. */
export function whenGoingOn(): Promise<void> {
  return held ? new Promise((done) => goingOn.push(done)) : Promise.resolve();
}

/** Whether something would have to wait now. */
export function isHeldBack(): boolean {
  return held || waiting.length > 0;
}

/** Runs `run` when it is its turn. */
export function wait(name: TurnName, run: () => void): () => void {
  const entry = { name, run };
  waiting = [...waiting, entry].sort((one, other) => TURNS.indexOf(one.name) - TURNS.indexOf(other.name));
  next();
  return () => {
    waiting = waiting.filter((each) => each !== entry);
  };
}

function next(): void {
  if (held || running || waiting.length === 0) return;
  running = true;
  afterFrame(() => {
    running = false;
    if (held) return;
    const [first, ...rest] = waiting;
    waiting = rest;
    first?.run();
    next();
  });
}

/** In a task of its own behind the next frame: what was drawn before has been laid out and is seen by then. */
export function afterFrame(run: () => void): () => void {
  let task: ReturnType<typeof setTimeout> | undefined;
  const once = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    task = setTimeout(run);
  };
  const timer = setTimeout(once, FRAME_MS);
  const frame = requestAnimationFrame(once);
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    clearTimeout(task);
  };
}
