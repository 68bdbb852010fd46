// Commands that pages offer, written so that they run as they stand.
import type { EvidenceLine } from './records';

/** Where this hub is published to. */
export const publish = (bundle: string): string => `leitai publish ${bundle} --hub ${location.origin}`;

/** From a claim to its evidence on this hub. */
export function commandsToProve(robot: string, scenario: string): string[] {
  const out = `out/${robot}-${scenario}`;
  return [`leitai prove ${robot} ${scenario} --out ${out}`, publish(out)];
}

/** The claim of a piece of evidence, settled once more. */
export function proveAgain(line: EvidenceLine): string {
  const set = Object.entries(line.parameters).map(([name, value]) => ` --set ${name}=${value}`).join('');
  return `leitai prove ${line.robot} ${line.scenario} --solution ${line.solution}${set}`;
}
