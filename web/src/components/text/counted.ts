/** A count with its noun: "1 turn", "2 turns", "1,204 people". The one place that knows singular from plural. */
export function counted(count: number, one: string, many = `${one}s`): string {
  // By hand: the browser's own way takes 15 ms the first time, while a comparison is being opened.
  const digits = String(Math.round(count)).replace(/\B(?=(?:\d{3})+$)/g, ",");
  return `${digits} ${count === 1 ? one : many}`;
}
