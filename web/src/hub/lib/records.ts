// What the hub's API answers: the TypeScript half of crates/hub/src/records.rs. A field added there is added here.
import type { Standing, Status, Text } from '../../lib/data';

export type { Standing, Status, Text };

export interface Figure { name: string; value: number; unit: string; standing: Standing; source: string }
export interface Source { key: string; publisher: string; title: string; date: string; standing: Standing }
export interface Assumption { id: string; text: Text; value: number | null; unit: string | null; standing: Standing }
export type Counts = Record<Status, number>;

export interface ProductLine {
  id: string;
  name: Text;
  maker: Text;
  /** The plan's class, or the kind where the catalog states none. */
  class: string;
  /** What its package calls it. */
  kind: string;
  sectors: string[];
  dof: number;
  grade: string;
  /** Payload, reach and mass, where stated. */
  figures: Figure[];
  verdicts: Counts;
}

export interface Product extends ProductLine {
  version: string;
  digest: string;
  grade_reason: Text;
  claims: Figure[];
  assumptions: Assumption[];
  sources: Source[];
  /** Newest first. */
  evidence: EvidenceLine[];
}

export interface ScenarioLine {
  id: string;
  name: Text;
  sector: string;
  /** The plan's own words, Chinese. */
  plan: string;
  tier: number;
  tool: string | null;
  verdicts: Counts;
}

export interface Parameter { name: string; default: number; min: number; max: number; unit: string; standing: Standing }
export interface Requirement { id: string; name: Text; predicate: string; unit: string; rate_at_least: number }

export interface Scenario extends ScenarioLine {
  version: string;
  digest: string;
  credibility: 'none' | 'calibrated' | 'paired';
  parameters: Parameter[];
  requirements: Requirement[];
  assumptions: Assumption[];
  sources: Source[];
  /** Newest first. */
  evidence: EvidenceLine[];
}

export interface EvidenceLine {
  /** Of the bundle, hex. */
  digest: string;
  robot: string;
  robot_name: Text;
  scenario: string;
  scenario_name: Text;
  solution: string;
  /** What the claim sets. */
  parameters: Record<string, number>;
  decision: Status;
  trials: number;
  exploratory: boolean;
  /** What an acceptance file set otherwise than the job. */
  thresholds?: Text[];
  published_ms: number;
  /** Empty while nothing it rests on has changed. */
  stale: Stale[];
  check: Check;
}

/** `is` is null where the thing is no longer in the catalog. */
export interface Stale { what: 'robot' | 'scenario' | 'solution' | 'engine'; was: string; is: string | null }

export interface Check {
  state: 'queued' | 'running' | 'agrees' | 'refused' | 'other-engine';
  done: number;
  of: number;
  seed: number;
  detail: string | null;
  ended_ms: number | null;
}

export interface RequirementLine extends Requirement {
  held: number;
  trials: number;
  /** The interval in which the true rate lies. */
  low: number;
  high: number;
  /** Null while it is open. */
  settled: 'holds' | 'fails' | null;
  decides: boolean;
}

export interface Evidence extends EvidenceLine {
  /** Digest of the claim, hex. */
  claim: string;
  engine: string;
  confidence: number;
  /** Null if nobody signed. */
  signature: { key: string; trusted_as: string | null } | null;
  requirements: RequirementLine[];
  rejection: Text | null;
  failures: { trials: number; what: string }[];
  bytes: number;
  has_report: boolean;
}

export interface Entry { number: number; at_ms: number; who: string; what: string; subject: string; why: string; digest: string }

export interface Summary {
  products: number;
  scenarios: number;
  /** Products of each class; what is not there has none. */
  classes: Record<string, number>;
  sectors: Record<string, { products: number; scenarios: number }>;
  evidence: number;
  verdicts: Counts;
  ledger: number;
  engine: string;
}

export interface Page<T> { items: T[]; total: number; page: number; per_page: number }

export type Ability = 'own' | 'publish' | 'prove' | 'offer' | 'need' | 'challenge' | 'submit' | 'comment' | 'import' | 'manage';
export const ORGANIZATION_KINDS = ['maker', 'buyer', 'test_center', 'authority', 'institute'] as const;
export type OrganizationKind = (typeof ORGANIZATION_KINDS)[number];
export const DISTRICTS = ['dongcheng', 'xicheng', 'chaoyang', 'fengtai', 'shijingshan', 'haidian', 'mentougou', 'fangshan', 'tongzhou', 'shunyi', 'changping', 'daxing', 'huairou', 'pinggu', 'miyun', 'yanqing', 'yizhuang', 'tianjin', 'hebei', 'elsewhere'] as const;
export type District = (typeof DISTRICTS)[number];
export const TIERS = ['little_giant', 'unicorn', 'chain_leader'] as const;
export type Tier = (typeof TIERS)[number];
export type MemberRole = 'owner' | 'member';

export interface OrganizationStated { name: Text; kind: OrganizationKind; district: District | null; tier: Tier | null; about: Text; products: string[] }
export interface Organization extends OrganizationStated { id: string; members: number }
export interface Member { account: string; name: string; role: MemberRole }
export interface Membership { organization: string; name: Text; kind: OrganizationKind; role: MemberRole }
export interface Account { id: string; name: string; operator: boolean; closed: boolean; has_password: boolean; memberships: Membership[] }
/** `csrf_token` is what a change by this session carries. */
export interface Session { account: Account | null; abilities: Ability[]; csrf_token: string | null }
export interface Token { id: string; label: string; abilities: Ability[]; made_ms: number; ends_ms: number | null }

export const PROOF_STATES = ['queued', 'running', 'done', 'failed', 'canceled'] as const;
export type ProofState = (typeof PROOF_STATES)[number];
export interface Proof {
  id: number;
  /** Who it is for: `account/wang`. */
  origin: string;
  robot: string;
  robot_name: Text;
  scenario: string;
  scenario_name: Text;
  solution: string;
  parameters: Record<string, number>;
  /** The most trials; all of them where `fixed`. */
  most: number;
  fixed: boolean;
  why: string;
  claim: string;
  asked_ms: number;
  state: ProofState;
  /** Proofs that come before it, while it waits. */
  ahead: number;
  trials: number;
  requirements: RequirementLine[];
  started_ms: number | null;
  ended_ms: number | null;
  decision: Status | null;
  /** Digest of the bundle that it became. */
  evidence: string | null;
  cause: Text | null;
}
/** One of the two: the proof of this claim that waits or runs, or the evidence that there is already. */
export interface ProofAnswer { proof: Proof | null; evidence: Evidence | null }
/** The hub's own key; `public` in PEM. */
export interface HubKey { id: string; public: string }
export const OFFER_KINDS = ['sale', 'lease', 'share', 'operate'] as const;
export type OfferKind = (typeof OFFER_KINDS)[number];
export const PRICES = ['piece', 'month', 'hour', 'job'] as const;
export type PricePer = (typeof PRICES)[number];
export interface OfferStated { product: string; organization: string; kind: OfferKind; price_cny: number; per: PricePer; delivery_days: number; regions: District[]; floor_m2: number | null; valid_until: string | null; source: string }
export interface Offer { id: string; changed_ms: number; organization_name: Text; stated: OfferStated }
export interface Limits { kind?: OfferKind | null; price_cny?: number | null; per?: PricePer | null; delivery_days?: number | null; region?: District | null; floor_m2?: number | null }
export interface Wanted { scenario: string; parameters: Record<string, number>; limits: Limits }
export interface Need { id: string; changed_ms: number; organization_name: Text; stated: { organization: string; title: string; text: string; wanted: Wanted } }
export type MatchGroup = 'proved' | 'proved_stale' | 'undecided' | 'unproven' | 'refuted' | 'rejected';
/** `holds` is null where the offer does not say. */
export interface LimitLine { limit: 'kind' | 'price_cny' | 'per' | 'delivery_days' | 'region' | 'floor_m2'; holds: boolean | null }
export interface MatchLine {
  /** Shared where nothing says which is better. */
  rank: number;
  group: MatchGroup;
  product: ProductLine;
  evidence: EvidenceLine | null;
  worst: RequirementLine | null;
  /** For other parameters; proves nothing here. */
  nearest: EvidenceLine | null;
  offer: Offer | null;
  limits: LimitLine[];
  why: Text[];
}
export interface Match extends Page<MatchLine> { wanted: Wanted; scenario_name: Text; counts: Record<MatchGroup, number>; rules: Text }
