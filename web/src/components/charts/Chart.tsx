import { Text, Title } from "@mantine/core";
import { type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";
import classes from "./Chart.module.css";
import "./colours.css";

export interface ChartProps<Data> {
  title: string;
  /** What it shows, in a sentence or two: for everybody, and all that a screen reader needs. */
  summary: string;
  data: Data;
  /** Must be the same function at every rendering, and `data` the same object while nothing changed. */
  draw: (data: Data, width: number, height: number) => Element;
  height?: number;
  /** The numbers that are drawn. */
  children: ReactNode;
  note?: ReactNode;
}

/** A picture of numbers, its summary, and the numbers themselves. Its height is known before it is drawn: nothing jumps. */
export function Chart<Data>({ title, summary, data, draw, height = 300, children, note }: ChartProps<Data>) {
  const id = useId();
  const [paper, width] = useWidth();
  useLayoutEffect(() => {
    if (!paper.current || width < 40) return;
    const picture = draw(data, width, height);
    picture.setAttribute("aria-hidden", "true");
    paper.current.replaceChildren(picture);
  }, [data, draw, width, height, paper]);
  return (
    <figure className={classes.figure}>
      <figcaption>
        <Title order={3} id={`${id}-title`} fz="md">
          {title}
        </Title>
        <Text size="sm" c="dimmed" id={`${id}-summary`}>
          {summary}
        </Text>
      </figcaption>
      <div
        ref={paper}
        className={classes.paper}
        style={{ height }}
        role="img"
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-summary`}
      />
      {note}
      <details className={classes.numbers}>
        <summary>
          The numbers<span className="visually-hidden"> of “{title}”</span>
        </summary>
        {children}
      </details>
    </figure>
  );
}

/** The width there is for a picture, in whole pixels. */
function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const node = ref.current;
    if (!node) return;
    const measure = () => setWidth(Math.floor(node.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    return () => observer.disconnect();
  }, []);
  return [ref, width] as const;
}
