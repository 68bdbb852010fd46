// Only the parts of ECharts that the report draws with, as SVG so that print stays sharp.
import { CustomChart, LineChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

echarts.use([CustomChart, LineChart, GridComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

export type { EChartsType } from 'echarts/core';
export type Option = Parameters<echarts.EChartsType['setOption']>[0];

export const start = (element: HTMLElement): echarts.EChartsType => echarts.init(element, null, { renderer: 'svg' });

export interface Ink {
  ink: string; muted: string; line: string; sheet: string; accent: string; proved: string; refuted: string; undecided: string;
  series: string[];
}

/** The page's colors as the charts need them; read again when the theme changes. */
export function ink(): Ink {
  const style = getComputedStyle(document.documentElement);
  const get = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: get('ink'), muted: get('muted'), line: get('line'), sheet: get('sheet'), accent: get('accent'),
    proved: get('proved'), refuted: get('refuted'), undecided: get('undecided'),
    series: [1, 2, 3, 4, 5, 6, 7, 8].map((i) => get(`series-${i}`)),
  };
}

export const FONT = 'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

/** Axis styling shared by every chart. */
export function axis(colors: Ink, extra: object = {}): object {
  return {
    axisLine: { lineStyle: { color: colors.line } },
    axisTick: { lineStyle: { color: colors.line }, length: 4 },
    axisLabel: { color: colors.muted, fontSize: 11, fontFamily: FONT, hideOverlap: true },
    splitLine: { lineStyle: { color: colors.line, opacity: 0.7 } },
    nameTextStyle: { color: colors.muted, fontSize: 11, fontFamily: FONT },
    ...extra,
  };
}

export function tooltip(colors: Ink, extra: object = {}): object {
  return {
    confine: true,
    backgroundColor: colors.sheet,
    borderColor: colors.line,
    borderWidth: 1,
    padding: [8, 12],
    textStyle: { color: colors.ink, fontSize: 12, fontFamily: FONT },
    extraCssText: 'box-shadow: 0 6px 24px rgba(0,0,0,.14); border-radius: 6px;',
    ...extra,
  };
}

/**
 * Edges of about `wanted` equal bins at round numbers that hold all values. With a limit in the picture, far from the values, bins
 * are wide enough to be seen beside it.
 */
export function bins(values: number[], limit?: number, wanted = 18): { start: number; width: number; counts: number[] } {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const shown = limit === undefined ? 0 : Math.max(high, limit) - Math.min(low, limit);
  const rough = Math.max((high - low) / wanted, shown / 50);
  if (rough < 1e-12 * Math.max(1, Math.abs(high))) {
    // All the same: one bar, a unit wide for counts and the like.
    const width = Math.max(Math.abs(high) * 0.02, Number.isInteger(high) ? 1 : 1e-9);
    return { start: low - width / 2, width, counts: [values.length] };
  }
  const power = 10 ** Math.floor(Math.log10(rough));
  const width = power * ([1, 2, 2.5, 5].find((step) => step * power >= rough) ?? 10);
  const start = Math.floor(low / width) * width;
  const counts = new Array<number>(Math.floor((high - start) / width) + 1).fill(0);
  for (const value of values) counts[Math.min(counts.length - 1, Math.floor((value - start) / width))] += 1;
  return { start, width, counts };
}
