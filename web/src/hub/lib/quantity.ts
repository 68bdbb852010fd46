// Numbers with units, predicates and moments, as people read them.
import { settings } from '../../lib/state.svelte';
import { named } from './words';

const trim = (value: number, digits: number): string => String(Number(value.toPrecision(digits)));

/** 0.00005 m → "0.05 mm"; what is large enough stays in its unit. */
export function quantity(value: number, unit: string): string {
  if (unit === 'm' && value !== 0 && Math.abs(value) < 0.1) return `${trim(value * 1000, 4)}\u00a0mm`;
  if (unit === '1' || unit === '') return trim(value, 6);
  return `${trim(value, 6)}\u00a0${unit.replaceAll('*', '·').replace('^2', '²')}`;
}

/** The unit at the end of a name: `block_mass_kg` → kg. */
const UNITS: [string, string][] = [
  ['_rad_s', 'rad/s'], ['_m_s', 'm/s'], ['_per_hour', '/h'], ['_nm', 'N·m'], ['_kg', 'kg'], ['_rad', 'rad'], ['_hz', 'Hz'], ['_m', 'm'], ['_s', 's'], ['_n', 'N'], ['_w', 'W'],
];
export const unitOf = (name: string): string => UNITS.find(([ending]) => name.endsWith(ending))?.[1] ?? '';

/** `placement_angle_rad <= 0.0349` → "placement_angle_rad ≤ 0.0349 rad (2°)". */
export function predicate(text: string): string {
  const parts = /^(\S+) (<=|>=|<|>|==) (\S+)$/.exec(text);
  if (!parts) return text;
  const [, name, comparison, number] = parts;
  const value = Number(number);
  const sign = { '<=': '≤', '>=': '≥', '==': '=' }[comparison] ?? comparison;
  const unit = unitOf(name);
  if (!Number.isFinite(value)) return `${name} ${sign} ${number}`;
  const besides = unit === 'rad' ? ` (${trim((value * 180) / Math.PI, 4)}°)` : unit === 'm' && value !== 0 && Math.abs(value) < 0.1 ? ` (${trim(value * 1000, 4)} mm)` : '';
  return `${name} ${sign} ${trim(value, 4)}${unit ? ` ${unit}` : ''}${besides}`;
}

export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  if (size < 1e6) return `${(size / 1000).toFixed(0)} kB`;
  return `${(size / 1e6).toFixed(1)} MB`;
}

export function moment(ms: number): string {
  return new Intl.DateTimeFormat(settings.language === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(ms);
}

/** What a claim sets, in one line: "Block mass = 10 kg". */
export function setting(parameters: Record<string, number>): string {
  return Object.entries(parameters).map(([name, value]) => `${named('figure', name)} = ${quantity(value, unitOf(name))}`).join(', ');
}

/** A digest short enough for a table. */
export const brief = (digest: string): string => digest.replace(/^[^:]*:/, '').slice(0, 12);
