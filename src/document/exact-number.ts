// A number that a JavaScript double cannot hold would be sent changed: 12345678901234567890 as 12345678901234567000.

/** Does a decimal number, read as a double and written again, keep its value? */
export function isExactNumber(source: string): boolean {
  const value = Number(source);
  return Number.isFinite(value) && canonical(String(value)) === canonical(source);
}

/** Sign, digits without zeros at either end, and the exponent of the last digit: equal for equal values. */
function canonical(decimal: string): string | undefined {
  const match = /^([-+]?)(\d*)(?:\.(\d*))?(?:e([-+]?\d+))?$/i.exec(decimal);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${sign === '-' ? '-' : ''}${significant}e${power}`;
}
