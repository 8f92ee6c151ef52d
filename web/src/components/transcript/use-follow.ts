import {
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
  useCallback,
  useLayoutEffect,
  useRef,
  useState,
  type WheelEvent,
} from "react";

export interface Follow {
  /** At the end, and staying there. */
  following: boolean;
  /** Steps that came since the reader left the end. */
  unseen: number;
  /** Belong on the box that scrolls. */
  handlers: {
    onScroll: () => void;
    onWheel: (event: WheelEvent) => void;
    onTouchMove: () => void;
    onPointerDown: (event: PointerEvent) => void;
    onKeyDownCapture: (event: KeyboardEvent) => void;
  };
  jump: () => void;
  /** The reader went somewhere else on purpose. */
  leave: () => void;
}

const UPWARDS = new Set(["ArrowUp", "PageUp", "Home"]);

/**
 * Stays at the end while it grows. The reader leaves it by moving up, and is back by reaching the end or by `jump`.
 *
 * What the reader does is what counts, not where the box stands: growth and measuring move it too, and while it is followed
 * it is back at the end before a movement could be noticed.
 */
export function useFollow(box: RefObject<HTMLElement | null>, live: boolean, steps: number, height: number): Follow {
  const [following, setFollowing] = useState(live);
  const [left, setLeft] = useState(0);
  const top = useRef(0);
  const latest = useRef(steps);
  latest.current = steps;

  useLayoutEffect(() => {
    if (live && following && height > 0) toEnd(box.current, top);
  }, [box, live, following, height]);

  const leave = useCallback(() => {
    setFollowing((before) => {
      if (before) setLeft(latest.current);
      return false;
    });
  }, []);
  const jump = useCallback(() => {
    setFollowing(true);
    toEnd(box.current, top);
  }, [box]);
  const handlers: Follow["handlers"] = {
    onScroll: () => {
      const node = box.current;
      if (!node) return;
      const downwards = node.scrollTop > top.current;
      top.current = node.scrollTop;
      if (downwards && node.scrollHeight - node.scrollTop - node.clientHeight < 24) setFollowing(true);
    },
    onWheel: (event) => {
      if (event.deltaY < 0) leave();
    },
    onTouchMove: leave,
    onPointerDown: (event) => {
      // On the scroll bar.
      const node = box.current;
      if (node && event.target === node && event.nativeEvent.offsetX > node.clientWidth) leave();
    },
    onKeyDownCapture: (event) => {
      if (UPWARDS.has(event.key) || (event.key === " " && event.shiftKey)) leave();
    },
  };
  return { following, unseen: following ? 0 : Math.max(0, steps - left), handlers, jump, leave };
}

/** Remembers where that is: the scroll event of our own movement must not pass for the reader's return. */
function toEnd(node: HTMLElement | null, top: RefObject<number>): void {
  if (!node) return;
  node.scrollTop = node.scrollHeight;
  top.current = node.scrollTop;
}
