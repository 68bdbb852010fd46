// A need in the address of its page, so that an answer can be linked to; and what is asked of the hub about it.
import { change, get, problemOf, unreached } from './api';
import type { Limits, Match, Proof, ProofAnswer, Wanted } from './records';

/** Fields of the form that are not parameters, by their names in the address. */
const LIMITS = ['kind', 'price', 'per', 'days', 'region', 'floor'] as const;
export type LimitField = (typeof LIMITS)[number];

/** What the form holds, as it is typed. */
export interface Typed { scenario: string; parameters: Record<string, string>; limits: Record<LimitField, string> }

export function typedOf(url: URL): Typed {
  const get = (name: string): string => url.searchParams.get(name) ?? '';
  const parameters: Record<string, string> = {};
  for (const [name, value] of url.searchParams) if (name.startsWith('set.')) parameters[name.slice(4)] = value;
  return { scenario: get('scenario'), parameters, limits: Object.fromEntries(LIMITS.map((name) => [name, get(name)])) as Record<LimitField, string> };
}

/** The address of an answer. */
export function addressOf(typed: Typed): string {
  const query = new URLSearchParams({ scenario: typed.scenario });
  for (const [name, value] of Object.entries(typed.parameters)) if (value !== '') query.set(`set.${name}`, value);
  for (const name of LIMITS) if (typed.limits[name] !== '') query.set(name, typed.limits[name]);
  return `/match?${query}`;
}

/** The need that the form means. */
export function wantedOf(typed: Typed): Wanted {
  const number = (text: string): number | undefined => (text === '' || !Number.isFinite(Number(text)) ? undefined : Number(text));
  const { kind, price, per, days, region, floor } = typed.limits;
  const limits: Limits = { kind: kind || undefined, price_cny: number(price), per: per || undefined, delivery_days: number(days), region: region || undefined, floor_m2: number(floor) } as Limits;
  const parameters: Record<string, number> = {};
  for (const [name, value] of Object.entries(typed.parameters)) {
    const set = number(value);
    if (set !== undefined) parameters[name] = set;
  }
  return { scenario: typed.scenario, parameters, limits };
}

/** The form that means a need. */
export function typedFrom(wanted: Wanted): Typed {
  const { kind, price_cny, per, delivery_days, region, floor_m2 } = wanted.limits;
  const said = { kind, price: price_cny, per, days: delivery_days, region, floor: floor_m2 };
  const text = (value: string | number | null | undefined): string => String(value ?? '');
  const parameters = Object.fromEntries(Object.entries(wanted.parameters).map(([name, value]) => [name, text(value)]));
  return { scenario: wanted.scenario, parameters, limits: Object.fromEntries(LIMITS.map((name) => [name, text(said[name])])) as Typed['limits'] };
}

export const answer = (wanted: Wanted, page: number): Promise<Match> => change('POST', `/api/v1/match?per_page=20&page=${page}`, wanted);

/** The agreement on a product, as a file that the browser keeps. */
export async function takeAcceptance(wanted: Wanted, robot: string): Promise<void> {
  let given: Response;
  try {
    given = await fetch('/api/v1/match/acceptance', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ wanted, robot }) });
  } catch {
    throw unreached();
  }
  const text = await given.text();
  if (!given.ok) throw problemOf(given.status, text);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/toml' }));
  link.download = 'acceptance.toml';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A proof that the hub runs, as far as a match shows it. */
export type Run = Pick<Proof, 'id' | 'state' | 'ahead' | 'trials' | 'evidence' | 'cause'>;

/** Has the hub prove it; at once what was there already. */
export async function runNow(wanted: Wanted, robot: string, why: string): Promise<Run> {
  const said = await change<ProofAnswer>('POST', '/api/v1/proofs', { robot, scenario: wanted.scenario, parameters: wanted.parameters, why });
  return said.proof ?? { id: 0, state: 'done', ahead: 0, trials: 0, evidence: said.evidence?.digest ?? null, cause: null };
}

/** How far it is. */
export const lookAt = (run: Run): Promise<Run> => get(`/api/v1/proofs/${run.id}`);
