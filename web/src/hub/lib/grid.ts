// Evidence laid out as a grid: rows are what is compared, columns the values that its claims set.
import type { EvidenceLine, Text } from './records';
import { quantity, setting, unitOf } from './quantity';

export interface Row { id: string; name: Text; href: string; besides: string; cells: (EvidenceLine[])[] }
/** One grid for each parameter: columns of different units never share an axis. */
export interface Grid { parameter: string; columns: string[]; values: (number | undefined)[]; rows: Row[] }

/** The parameter whose values differ most; without any, the empty name stands for the default. */
function main(lines: EvidenceLine[]): string {
  const values = new Map<string, Set<number>>();
  for (const line of lines) {
    for (const [name, value] of Object.entries(line.parameters)) values.set(name, (values.get(name) ?? new Set()).add(value));
  }
  return [...values].sort((a, b) => b[1].size - a[1].size || a[0].localeCompare(b[0]))[0]?.[0] ?? '';
}

function group<K, T>(all: T[], key: (each: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const each of all) groups.set(key(each), [...(groups.get(key(each)) ?? []), each]);
  return groups;
}

export function grids(evidence: EvidenceLine[], rowsAre: 'scenario' | 'robot'): Grid[] {
  const byScenario = group(evidence, (line) => line.scenario);
  const byParameter = group([...byScenario.values()].map((lines) => ({ parameter: main(lines), lines })), (each) => each.parameter);
  return [...byParameter].map(([parameter, groups]) => grid(parameter, groups.flatMap((each) => each.lines), rowsAre));
}

function grid(parameter: string, lines: EvidenceLine[], rowsAre: 'scenario' | 'robot'): Grid {
  const values = [...new Set(lines.map((line) => line.parameters[parameter]))].sort((a, b) => (a ?? -Infinity) - (b ?? -Infinity));
  const solutions = new Set(lines.map((line) => line.solution));
  const rest = (line: EvidenceLine): string => {
    const others = setting(Object.fromEntries(Object.entries(line.parameters).filter(([name]) => name !== parameter)));
    return [solutions.size > 1 ? line.solution : '', others].filter(Boolean).join(', ');
  };
  const groups = group(lines, (line) => JSON.stringify([line[rowsAre], rest(line)]));
  const rows = [...groups.values()].map((own): Row => {
    const [first] = own;
    const isRobot = rowsAre === 'robot';
    return {
      id: first[rowsAre],
      name: isRobot ? first.robot_name : first.scenario_name,
      href: `/${isRobot ? 'products' : 'scenarios'}/${first[rowsAre]}`,
      besides: rest(first),
      // What can be cited stands before what was tried, fresh before stale, new before old.
      cells: values.map((value) => own.filter((line) => line.parameters[parameter] === value).sort((a, b) => rank(a) - rank(b) || b.published_ms - a.published_ms)),
    };
  });
  rows.sort((a, b) => a.id.localeCompare(b.id) || a.besides.localeCompare(b.besides));
  return { parameter, values, columns: values.map((value) => (value === undefined ? '' : quantity(value, unitOf(parameter)))), rows };
}

const rank = (line: EvidenceLine): number => Number(line.exploratory) * 2 + Number(line.stale.length > 0);
