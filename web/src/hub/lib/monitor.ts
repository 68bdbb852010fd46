// What the monitor's API answers: the TypeScript half of crates/hub/src/records/monitor.rs. A field added there is added here.
import type { Text } from '../../lib/data';
import type { Counts, District, Organization, OrganizationKind, Tier } from './records';

export const COUNTED_STATES = ['proved', 'stale', 'tried', 'untried'] as const;
export type CountedState = (typeof COUNTED_STATES)[number];
export type Executed = Record<CountedState, number>;

export interface Reported {
  number: number;
  import: string;
  line: number;
  indicator: string;
  period: string;
  /** Null for the whole city. */
  district: District | null;
  value: number;
  note: string;
  superseded_by: number | null;
  publisher: string;
  title: string;
  date: string;
  who: string;
  at_ms: number;
}

export interface Indicator {
  id: string;
  name: Text;
  kind: 'executed' | 'reported';
  plan: Text;
  section: Text;
  unit: Text;
  /** Null where the plan gives no number. */
  target: number | null;
  target_to: number | null;
  meaning: Text;
  executed: Executed | null;
  reported: Reported | null;
  districts: number;
  fill: Text;
  command: string;
}

export interface Indicators { ledger: number; indicators: Indicator[] }
export interface Share extends Executed { of: string | null }
export interface Breakdown { by: 'class' | 'sector' | 'district' | 'tier'; shares: Share[] }
export interface Point { at: string; registered: number; proved: number }
export interface IndicatorDetail extends Indicator { breakdowns: Breakdown[]; series: Point[]; reports: Reported[] }

export interface Counted {
  id: string;
  name: Text;
  what: 'product' | 'scenario';
  state: CountedState;
  evidence: string | null;
  since_ms: number | null;
  class: string | null;
  sectors: string[];
  makers: string[];
  verdicts: Counts;
}
export type FigureRecord = ({ kind: 'counted' } & Counted) | ({ kind: 'reported' } & Reported);

export interface DistrictLine {
  /** Null for products of whose makers no place is known. */
  district: District | null;
  organizations: number;
  makers: number;
  products: Executed;
  evidence: number;
  reported: Reported[];
}
export interface DistrictDetail extends DistrictLine { organizations_here: Organization[]; products_here: Counted[] }

export type GapKind = 'scenario' | 'product' | 'part';
export interface Gap { kind: GapKind; id: string; name: Text; state: CountedState; sectors: string[]; verdicts: Counts; needs: number }
export interface EnterpriseCount { kind: OrganizationKind; tier: Tier | null; district: District | null; organizations: number; proved: number }
export interface PartLink { id: string; name: Text; maker: Text; class: string | null; scenarios: number; proved: number; robots: string[]; state: CountedState }

export interface Import { digest: string; publisher: string; title: string; date: string; url: string | null; who: string; at_ms: number; rows: number; superseded: number }
export interface ImportDetail extends Import { figures: Reported[] }

export const all = (count: Executed): number => count.proved + count.stale + count.tried + count.untried;
