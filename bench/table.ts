// Formats tables in Markdown, and numbers.

/** A table with its first column aligned to the left and the others to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1] ?? Number.NaN, sorted[Math.floor(middle)] ?? Number.NaN];
  return (low + high) / 2;
}

export const unknown = '–';

export const ms = (value: number): string => `${value.toLocaleString('en-US', { maximumFractionDigits: 0 })} ms`;
export const mib = (kib: number): string => `${(kib / 1024).toFixed(1)} MiB`;
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;
export const ratio = (value: number): string => value.toFixed(2);
/** Shows a third digit, because it can decide whether a goal is reached. */
export const exactRatio = (value: number): string => value.toFixed(3);

/** A value that must be at most `most`. */
export interface Goal {
  what: string;
  value: number;
  most: number;
  show: (value: number) => string;
  /** The reason, if the goal is missed. A sentence. */
  reason?: string;
}

/** One row for each goal: its value, its limit, and how close they are. Below are the reasons for missed ones. */
export function goalTable(goals: readonly Goal[]): string {
  const isMissed = ({ value, most }: Goal): boolean => !(value <= most);
  const rows = goals.map((goal) => [
    goal.what,
    goal.show(goal.value),
    goal.show(goal.most),
    exactRatio(goal.value / goal.most),
    isMissed(goal) ? '**missed**' : 'reached',
  ]);
  const reasons = goals.filter(isMissed).flatMap(({ what, reason }) => (reason ? [`- ${what}: ${reason}`] : []));
  return [
    table(['goal', 'measured', 'at most', 'relative to its limit', ''], rows),
    ...(reasons.length > 0 ? [reasons.join('\n')] : []),
  ].join('\n\n');
}
