// The map: our own schema of Beijing's districts as hexagons, by their relative positions. It copies no boundary.
import type { District } from './records';

export interface Place {
  district: District;
  /** Columns and rows of hexagons; odd rows are shifted by half a column. */
  x: number;
  y: number;
  /** Its name on the map, Chinese and English. */
  short: [string, string];
  /** Outside Beijing. */
  outside?: boolean;
}

export const PLACES: Place[] = [
  { district: 'yanqing', x: 1, y: 0, short: ['延庆', 'Yanqing'] },
  { district: 'huairou', x: 2, y: 0, short: ['怀柔', 'Huairou'] },
  { district: 'miyun', x: 3, y: 0, short: ['密云', 'Miyun'] },
  { district: 'changping', x: 1.5, y: 1, short: ['昌平', 'Changping'] },
  { district: 'shunyi', x: 2.5, y: 1, short: ['顺义', 'Shunyi'] },
  { district: 'pinggu', x: 3.5, y: 1, short: ['平谷', 'Pinggu'] },
  { district: 'mentougou', x: 0, y: 2, short: ['门头沟', 'Mentougou'] },
  { district: 'haidian', x: 1, y: 2, short: ['海淀', 'Haidian'] },
  { district: 'xicheng', x: 2, y: 2, short: ['西城', 'Xicheng'] },
  { district: 'dongcheng', x: 3, y: 2, short: ['东城', 'Dongcheng'] },
  { district: 'chaoyang', x: 4, y: 2, short: ['朝阳', 'Chaoyang'] },
  { district: 'shijingshan', x: 0.5, y: 3, short: ['石景山', 'Shijingshan'] },
  { district: 'fengtai', x: 1.5, y: 3, short: ['丰台', 'Fengtai'] },
  { district: 'daxing', x: 2.5, y: 3, short: ['大兴', 'Daxing'] },
  { district: 'yizhuang', x: 3.5, y: 3, short: ['经开区', 'Yizhuang'] },
  { district: 'tongzhou', x: 4.5, y: 3, short: ['通州', 'Tongzhou'] },
  { district: 'fangshan', x: 1, y: 4, short: ['房山', 'Fangshan'] },
  { district: 'hebei', x: 2.6, y: 4.3, short: ['河北', 'Hebei'], outside: true },
  { district: 'tianjin', x: 4.6, y: 4.3, short: ['天津', 'Tianjin'], outside: true },
];

/** Upper bounds of the map's steps: round numbers that cut what is above zero into four. */
export function steps(values: number[]): number[] {
  const above = values.filter((value) => value > 0).sort((a, b) => a - b);
  if (above.length === 0) return [];
  const bounds = [0.25, 0.5, 0.75, 1].map((share) => above[Math.ceil(share * above.length) - 1]);
  return [...new Set(bounds)];
}
