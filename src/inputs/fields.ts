// The fields of a value that may have any shape: a file is read on even where a part of it is wrong.

import type { Path } from '../document/position.ts';

export function isThere(value: unknown, path: Path): boolean {
  let inside = value;
  return path.every((step) => {
    if (typeof inside !== 'object' || inside === null || !Object.hasOwn(inside, step)) return false;
    inside = (inside as Record<string | number, unknown>)[step];
    return true;
  });
}

export const fieldOf = (value: unknown, key: string): unknown =>
  isThere(value, [key]) ? (value as Record<string, unknown>)[key] : undefined;

export const textAt = (value: unknown, key: string): string | undefined => {
  const field = fieldOf(value, key);
  return typeof field === 'string' ? field : undefined;
};

export const listAt = (value: unknown, key: string): unknown[] => {
  const field = fieldOf(value, key);
  return Array.isArray(field) ? field : [];
};
