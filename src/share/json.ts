// JSON values and their equality: `meta` is compared as a value, not as text.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * Serializes a JSON value. Equal values give the same text, whatever the order of their keys. A key whose value is
 * undefined counts as missing.
 * @throws {RangeError} when the value is nested too deeply
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`);
  return `{${members.join()}}`;
}

export const equalJson = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);
