// The data a page is made from: the TypeScript half of `leitai_proving::report` (crates/proving/src/report/).
// Every number is SI unless its name ends in another unit; angles are radians. A field added here is added there.

export type Language = 'zh' | 'en';

/** One sentence or name in both languages; both are always filled. */
export interface Text { zh: string; en: string }

export type Status = 'proved' | 'refuted' | 'undecided' | 'rejected';
export type Standing = 'verified' | 'recalled' | 'assumed';

/** What `#leitai-data` holds: evidence about a claim, or a model to look at. */
export type Page = Report | ModelPage;

export interface Named { id: string; name: Text; digest: string }
export interface Parameter { name: Text; value: string; unit: string }

export interface Claim {
  robot: Named; scenario: Named; solution: Named;
  parameters: Parameter[];
  digest: string;
  engine: string;
  seed_root: string;
  exploratory: boolean;
  /** The challenge that committed to the seed before anyone answered, and the digest by which it did; absent in older reports. */
  sealed?: { challenge: string; commitment: string } | null;
  confidence: number;
  trials_run: number;
  trials_most: number;
  duration_s: number;
}

export interface Requirement {
  id: string;
  name: Text;
  predicate: Text;
  /** The rate the claim asks for, 0 to 1. */
  rate_at_least: number;
  successes: number;
  n: number;
  /** The confidence interval of the true rate. */
  low: number;
  high: number;
  method: string;
  status: 'met' | 'missed' | 'open';
  /** False for an estimate: shown with its interval, decides nothing. */
  decides: boolean;
}

export interface Assumption { text: Text; value: string; standing: Standing; source: string }

export interface Control {
  id: string; name: Text; must: 'fail' | 'pass'; successes: number; n: number; as_expected: boolean; note: Text;
}

export interface MetricColumn { id: string; name: Text; unit: string; digits: number }

export interface Trial {
  index: number;
  passed: boolean;
  /** One value for each metric column; null where the trial ended before it could be measured. */
  values: (number | null)[];
  failure: Text | null;
}

/** Trials that failed in the same way, said once. */
export interface Failure { text: Text; trials: number[]; example: { trial: number; time_s: number } | null }

/** Failed trials run again with one limit lifted; `explains` when all of them pass then. */
export interface Reason { text: Text; explains: boolean }

export interface OperatingPoint { true_rate: number; proved: number; refuted: number; mean_trials: number }
export interface OperatingCurve { requirement: Text; rate_at_least: number; trials_most: number; points: OperatingPoint[] }

export interface Distribution {
  id: string; name: Text; unit: string; values: number[];
  limit: { value: number; keep: 'below' | 'above'; text: Text } | null;
}

/** The largest torque and speed of one joint over all trials, against what its data sheet allows. */
export interface JointPeak {
  joint: string;
  /** "N·m" and "rad/s", or "N" and "m/s" at a prismatic joint. */
  effort_unit: string; speed_unit: string;
  effort_peak: number; effort_limit: number | null;
  speed_peak: number; speed_limit: number | null;
}

export interface Series {
  group: 'effort' | 'speed' | 'force' | 'other';
  name: Text; unit: string; rate_hz: number;
  limit: number | null;
  /** Sample = scale · i16; base64 of little-endian i16. */
  scale: number; samples: string;
}

export interface Replay {
  trial: number; role: 'worst' | 'median' | 'best' | 'chosen'; passed: boolean;
  /** Only where this trial's world differs from the report's. */
  scene: Scene | null;
  track: Track;
  series: Series[];
}

export interface Signature { signer: string; key: string; trusted: boolean }

export interface Report {
  kind: 'report';
  language: Language;
  title: Text;
  /** Said on every screen of a page that is not evidence, such as a sample. */
  banner: Text | null;
  verdict: { status: Status; sentence: Text };
  claim: Claim;
  dynamics_grade: { grade: string; text: Text };
  credibility: 'none' | 'calibrated' | 'paired';
  warnings: Text[];
  requirements: Requirement[];
  assumptions: Assumption[];
  controls: Control[];
  metrics: MetricColumn[];
  trials: Trial[];
  failures: Failure[];
  reasons: Reason[];
  operating_curve: OperatingCurve | null;
  distributions: Distribution[];
  joint_peaks: JointPeak[];
  scene: Scene | null;
  replays: Replay[];
  signature: Signature | null;
  bundle_digest: string | null;
  command: string;
  verify_command: string;
}

// --- the scene and its motion -------------------------------------------------------------------------------------

export type Vec3 = [number, number, number];
/** w, x, y, z. */
export type Quat = [number, number, number, number];

export interface SceneBody {
  name: string;
  role: 'world' | 'robot' | 'tool' | 'work';
  /** In the world; where the body stands when a track has no key for it. */
  position: Vec3; rotation: Quat;
}

export interface SceneGeom {
  body: number;
  kind: 'sphere' | 'box' | 'capsule' | 'cylinder' | 'ellipsoid' | 'plane' | 'mesh';
  /**
   * MJCF's meaning: sphere [radius]; box and ellipsoid three half sizes; capsule and cylinder [radius, half length] along z;
   * plane [half x, half y], 0 for unbounded; mesh [].
   */
  size: number[];
  position: Vec3; rotation: Quat;
  rgba: [number, number, number, number];
  /** 0 to 2 are drawn; 3 and above only when collision shapes are asked for. */
  group: number;
  mesh: number | null;
}

/** Base64 of little-endian f32 x, y, z and of little-endian u32 corner triples. */
export interface SceneMesh { vertices: string; indices: string }

export interface Scene {
  bodies: SceneBody[]; geoms: SceneGeom[]; meshes: SceneMesh[];
  /** The body the follow camera and the tool path keep to. */
  tool: number | null;
}

export interface TrackBody {
  body: number;
  keys: number;
  /** Base64 of `keys` runs of LEB128: frames since the last key, then zigzag differences of x y z and w x y z. */
  data: string;
}
export interface TrackEvent { time_s: number; kind: 'info' | 'pick' | 'place' | 'slip' | 'failure'; text: Text }
export interface Track {
  duration_s: number; rate_hz: number;
  bodies: TrackBody[]; events: TrackEvent[];
}

// --- a model to look at ---------------------------------------------------------------------------------------------

export interface ModelJoint {
  name: string; body: number; kind: 'hinge' | 'slide' | 'ball' | 'free';
  /** In the joint's body. */
  axis: Vec3; anchor: Vec3;
  lower: number | null; upper: number | null; home: number;
  effort_limit: number | null; speed_limit: number | null;
}
export interface ModelBody {
  parent: number | null;
  /** In the parent, at joint position 0. */
  position: Vec3; rotation: Quat;
  mass_kg: number;
}
export interface Finding { level: 'error' | 'warning' | 'note'; place: string; text: Text }
export interface ModelPage {
  kind: 'model';
  language: Language;
  title: Text;
  banner: Text | null;
  source: string;
  digest: string;
  facts: { name: Text; value: string }[];
  scene: Scene;
  /** One for each body of the scene, in the same order. */
  bodies: ModelBody[];
  joints: ModelJoint[];
  findings: Finding[];
}
