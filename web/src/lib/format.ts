// Numbers as a careful person writes them.

/** 0.951 → "95.1 %". A rate below 1 never reads as 100 %. */
export function percent(rate: number, digits = 1): string {
  let text = (rate * 100).toFixed(digits);
  if (rate < 1 && Number(text) === 100) text = (100 - 10 ** -digits).toFixed(digits);
  if (digits > 0 && text.endsWith('.' + '0'.repeat(digits))) text = text.slice(0, -1 - digits);
  return `${text} %`;
}

/** Three significant figures without exponent for ordinary sizes. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e6 || size < 1e-4) return value.toExponential(2);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(size)));
  return value.toFixed(Math.min(6, digits));
}

/** A round number on an axis, without the noise of its arithmetic. */
export const tick = (value: number): string => String(Number(value.toPrecision(6)));

/** 83.5 → "1:23.5". */
export function clock(seconds: number): string {
  const tenths = Math.max(0, Math.round(seconds * 10));
  const minutes = Math.floor(tenths / 600);
  return `${minutes}:${String(Math.floor((tenths % 600) / 10)).padStart(2, '0')}.${tenths % 10}`;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
