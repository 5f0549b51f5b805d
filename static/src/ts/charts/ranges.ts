// Ranges: for each row how far the values lie apart, the one that counts as a dot with its own range.
import { write, writeTick } from "./format";
import { circle, line, rect, text, type Mark } from "./plot";
import { niceScale } from "./scale";
import type { Spec } from "./spec";
import { SIZE, FONT, widthOf, type Colours } from "./theme";
import { tooltip, type Drawing, type Size } from "./common";

const ROW = 34;
const FOOT = 24;

export function rangesHeight(spec: Spec): number {
  return spec.x.length * ROW + FOOT + 6;
}

function shortened(words: string, room: number): string {
  if (widthOf(words, 500) <= room) return words;
  let kept = words;
  while (kept.length > 2 && widthOf(`${kept}…`, 500) > room) kept = kept.slice(0, -1);
  return `${kept.trimEnd()}…`;
}

function rowsAt(spec: Spec, index: number): [string, string][] {
  const values = spec.series.map((s): [string, string] => [s.name, write(s.values[index], spec.unit)]);
  const bands = spec.bands.map((b): [string, string] => [b.label, `${write(b.low[index], spec.unit)} to ${write(b.high[index], spec.unit)}`]);
  return [...values, ...bands].filter(([, value]) => value !== "–" && value !== "– to –");
}

export function drawRanges(spec: Spec, size: Size, colours: Colours): Drawing {
  const all = [...spec.series.flatMap((s) => s.values), ...spec.bands.flatMap((b) => [...b.low, ...b.high])].filter((v): v is number => v !== null);
  const scale = niceScale(all, { zero: spec.zero, lines: size.width < 420 ? 3 : 5 });
  const left = Math.min(size.width * 0.32, Math.max(...spec.labels.map((l) => widthOf(l, 500)), 0) + 14);
  const main = spec.series.find((s) => s.style === "actual");
  const numbers = Math.max(...(main?.values ?? [0]).map((v) => widthOf(write(v, spec.unit), 600))) + 12;
  const right = size.width - numbers;
  const x = (value: number) => left + ((value - scale.min) / (scale.max - scale.min || 1)) * (right - left);
  const bottom = spec.x.length * ROW + 4;
  const marks: Mark[] = [];
  for (const tick of scale.ticks) {
    marks.push(line(x(tick), 2, x(tick), bottom, { stroke: colours.of("line-faint"), lineWidth: 1 }, 1));
    marks.push(text(x(tick), bottom + 12, writeTick(tick, spec.unit), { fill: colours.of("ink-3"), weight: 400, align: tick === scale.min ? "left" : "center" }));
  }
  spec.x.forEach((_, i) => {
    const middle = i * ROW + ROW / 2 + 2;
    marks.push(text(0, middle, shortened(spec.labels[i] ?? "", left - 12), { fill: colours.of("ink"), weight: 500 }));
    for (const band of spec.bands) {
      const [low, high] = [band.low[i], band.high[i]];
      if (low == null || high == null) continue;
      if (band.style === "expected") marks.push(line(x(low), middle, x(high), middle, { stroke: colours.of("mark-neutral"), lineWidth: 2 }, 2));
      else marks.push(rect(x(low), middle - 5, Math.max(2, x(high) - x(low)), 10, { fill: colours.weak("accent", 0.22) }, 3, 5));
    }
    for (const series of spec.series) {
      const value = series.values[i];
      if (value == null) continue;
      if (series.style === "actual") marks.push(circle(x(value), middle, 5, { fill: colours.of("accent"), stroke: colours.of("surface"), lineWidth: 2 }));
      else marks.push(rect(x(value) - 1, middle - 5, 2, 10, { fill: colours.of("ink-3") }, 4));
    }
    const value = main?.values[i];
    if (value != null) marks.push(text(size.width, middle, write(value, spec.unit), { fill: colours.of("ink"), weight: 600, align: "right" }));
  });
  const options = {
    textStyle: { fontFamily: FONT, fontSize: SIZE },
    grid: { left, right: size.width - right, top: 2, bottom: FOOT + 2, outerBoundsMode: "none" },
    xAxis: { type: "value", show: false, min: scale.min, max: scale.max },
    yAxis: { type: "category", data: spec.x, inverse: true, show: false, axisPointer: { show: true, type: "none", label: { show: false } } },
    tooltip: { ...tooltip(spec, colours, (index) => rowsAt(spec, index)), axisPointer: { type: "none", axis: "y" } },
    series: [{ type: "bar", data: spec.x.map((__, i) => main?.values[i] ?? 0), itemStyle: { color: "transparent" }, animation: false, silent: true }],
  };
  return { options, marks };
}
