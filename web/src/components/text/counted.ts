/** A count with its noun: "1 turn", "2 turns", "1,204 people". The one place that knows singular from plural. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${Math.round(count).toLocaleString("en-US")} ${count === 1 ? one : many}`;
}
