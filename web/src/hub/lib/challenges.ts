// Challenges and answers, as /api/v1/challenges has them.
import type { Text } from '../../lib/data';
import type { RequirementLine, Status } from './records';

export const CHALLENGE_STATES = ['open', 'closed', 'revealed', 'ranked', 'withdrawn'] as const;
export type ChallengeState = (typeof CHALLENGE_STATES)[number];

export interface Threshold { requirement: string; limit?: number; unit?: string; rate_at_least?: number; confidence?: number }
export interface AskedRequirement { id: string; name: Text; predicate: string; unit: string; rate_at_least: number; decides: boolean; changed: boolean }

export interface Challenge {
  id: string;
  organization: string;
  organization_name: Text;
  title: Text;
  text: Text;
  prize: Text;
  scenario: string;
  scenario_name: Text;
  scenario_digest: string;
  parameters: Record<string, number>;
  /** Any product if none is named. */
  robots: string[];
  exactly: number | null;
  most: number | null;
  sealed: boolean;
  /** Null while they are secret. */
  thresholds: Threshold[] | null;
  requirements: AskedRequirement[];
  rank_by: string | null;
  commitment: string;
  kept_by_publisher: boolean;
  secret: { seed: string; nonce: string } | null;
  deadline_ms: number;
  published_ms: number;
  state: ChallengeState;
  submissions: number;
  answering: number;
  /** The hub's clock when it answered. */
  now_ms: number;
}

export interface SubmissionContent { robot: string; robot_name: Text; solution: string; solution_name: Text; solution_digest: string; nonce: string; files: Record<string, number> }
export interface Submission { number: number; organization: string; organization_name: Text; who: string; at_ms: number; digest: string; counts: boolean; content: SubmissionContent | null }

export interface Score { decision: Status; worst_low: number; mean: number | null }
export interface Row {
  rank: number | null;
  submission: Submission;
  proof: number | null;
  state: 'queued' | 'running' | 'done' | 'failed' | 'canceled';
  trials: number;
  score: Score | null;
  evidence: string | null;
  requirements: RequirementLine[];
  failure: Text | null;
}
export interface Leaderboard { state: ChallengeState; rule: Text; main: { name: Text; metric: string; unit: string; more_is_better: boolean } | null; rows: Row[] }
export interface Comment { number: number; organization: string; organization_name: Text; who: string; at_ms: number; submission: number | null; text: string }

/** Whether its answers are public. */
export const isPublic = (state: ChallengeState): boolean => state === 'revealed' || state === 'ranked';
/** The requirement that decides with the lowest lower bound, which ranks an answer. */
export const worst = (lines: RequirementLine[]): RequirementLine | null =>
  lines.filter((line) => line.decides && line.trials > 0).reduce<RequirementLine | null>((least, line) => (least && least.low <= line.low ? least : line), null);

/** Where the hub has the file that runs a challenge. */
export const acceptancePath = (id: string): string => `/api/v1/challenges/${encodeURIComponent(id)}/acceptance`;
/** From the hub to a rehearsal, or after the deadline to the challenge itself. */
export const commandsToRehearse = (id: string, robot: string, solution: string): string[] => [
  `curl -o ${id}.toml ${location.origin}${acceptancePath(id)}`,
  `leitai prove --acceptance ${id}.toml ${robot} --solution ${solution}`,
];
/** An answer's evidence, run again from what it carries. */
export const commandsToRunAgain = (id: string, row: Row): string[] => {
  const content = row.submission.content;
  if (!row.evidence || !content) return [];
  const file = `answer-${row.submission.number}.leitai`;
  return [
    `curl -o ${file} ${location.origin}/evidence/${row.evidence}/bundle && leitai verify ${file}`,
    `curl -o ${id}.toml ${location.origin}${acceptancePath(id)} && unzip -q ${file} 'packages/*' -d answer-${row.submission.number} && leitai prove --acceptance ${id}.toml answer-${row.submission.number}/packages/robots/${content.robot} --solution answer-${row.submission.number}/packages/solutions/${content.solution}`,
  ];
};

/** A file's bytes in base64. */
export function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(',', 2)[1] ?? '');
    reader.onerror = () => reject(reader.error ?? new Error(file.name));
    reader.readAsDataURL(file);
  });
}
