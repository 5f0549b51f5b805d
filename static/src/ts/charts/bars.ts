// Bars: upright over time or groups, lying for a ranking, both with the target as a tick; and the bridge.
import { write, writeSigned, writeTick } from "./format";
import { line, plotOf, polygon, rect, text, type Mark, type Plot } from "./plot";
import { niceScale, xTicks } from "./scale";
import type { Series, Spec, Water } from "./spec";
import { widthOf, type Colours } from "./theme";
import { axes, tooltip, type Drawing, type Size } from "./common";

const isGoal = (series: Series) => series.style === "target" || series.style === "limit";

function fillOf(series: Series, index: number, colours: Colours): string {
  const tone = series.tones[index];
  if (tone && tone !== "accent") return colours.of(tone);
  if (series.color) return colours.of(series.color);
  return colours.of(series.style === "compare" ? "line" : "bar");
}

function known(spec: Spec): number[] {
  return spec.series.flatMap((s) => s.values).filter((v): v is number => v !== null);
}

function rowsAt(spec: Spec, index: number): [string, string][] {
  return spec.series.map((s) => [s.name, write(s.values[index], spec.unit)]);
}

/** Few bars are all labelled; many only at the highest and the last. */
function labelled(values: (number | null)[]): Set<number> {
  const filled = values.map((v, i) => [v, i] as const).filter(([v]) => v !== null);
  if (filled.length <= 6) return new Set(filled.map(([, i]) => i));
  const top = filled.reduce((best, now) => (now[0]! > best[0]! ? now : best));
  return new Set([top[1], filled.at(-1)![1]]);
}

export function drawBars(spec: Spec, size: Size, colours: Colours): Drawing {
  const scale = niceScale(known(spec), { zero: true, lines: size.height < 200 ? 3 : 4 });
  const left = Math.max(...scale.ticks.map((tick) => widthOf(writeTick(tick, spec.unit), 400))) + 12;
  const margins = { left, right: 8, top: 20, bottom: 26 };
  const plot = plotOf(size, margins, spec.x.length, scale, true);
  const bars = spec.series.filter((s) => !isGoal(s));
  const slot = plot.width / spec.x.length;
  const width = Math.min(46, (slot * 0.72) / bars.length);
  const marks: Mark[] = [];
  bars.forEach((series, row) => {
    const told = bars.length === 1 || series.style === "actual" ? labelled(series.values) : new Set<number>();
    series.values.forEach((value, i) => {
      if (value === null) return;
      const x = plot.x(i) + (row - bars.length / 2) * width;
      const [y, zero] = [plot.y(value), plot.y(Math.max(0, scale.min))];
      marks.push(rect(x, Math.min(y, zero), width - 1.5, Math.max(1, Math.abs(zero - y)), { fill: fillOf(series, i, colours) }, 3, 2));
      if (told.has(i)) marks.push(text(x + width / 2, value < 0 ? y + 9 : y - 8, write(value, spec.unit), { fill: colours.of("ink"), weight: 600, align: "center" }));
    });
  });
  for (const goal of spec.series.filter(isGoal)) {
    goal.values.forEach((value, i) => {
      if (value !== null) marks.push(line(plot.x(i) - slot * 0.4, plot.y(value), plot.x(i) + slot * 0.4, plot.y(value), { stroke: colours.of("ink"), lineWidth: 2 }, 5));
    });
  }
  const options = {
    ...axes(spec, margins, scale, xTicks(spec.x, spec.labels, spec.time, plot.width / 64), colours, true),
    tooltip: tooltip(spec, colours, (index) => rowsAt(spec, index)),
    series: [{ type: "bar", data: spec.x.map((_, i) => spec.series[0]?.values[i] ?? 0), itemStyle: { color: "transparent" }, animation: false, silent: true }],
  };
  return { options, marks };
}

function shortened(words: string, room: number, weight = 500): string {
  if (widthOf(words, weight) <= room) return words;
  let kept = words;
  while (kept.length > 2 && widthOf(`${kept}…`, weight) > room) kept = kept.slice(0, -1);
  return `${kept.trimEnd()}…`;
}

/** A label in two rows when one is too narrow. */
function wrapped(words: string, room: number): string {
  if (widthOf(words, 600) <= room) return words;
  const cut = words.search(/[ –]/);
  if (cut < 0) return shortened(words, room);
  const rest = words.slice(words[cut] === " " ? cut + 1 : cut);
  return `${shortened(words.slice(0, cut), room)}\n${shortened(rest, room)}`;
}

const ROW = 30;

export function barsHeight(spec: Spec): number {
  return spec.x.length * ROW + 6;
}

export function drawLyingBars(spec: Spec, size: Size, colours: Colours): Drawing {
  const values = known(spec);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const names = Math.min(size.width * 0.38, Math.max(...spec.labels.map((l) => widthOf(l, 500))) + 14);
  const actual = spec.series.find((s) => !isGoal(s));
  const numbers = Math.max(...(actual?.values ?? [0]).map((v) => widthOf(write(v, spec.unit), 600))) + 10;
  const [left, right] = [names, size.width - (high > 0 ? numbers : 4)];
  const negative = low < 0 ? numbers : 0;
  const x = (value: number) => left + negative + ((value - low) / (high - low || 1)) * (right - left - negative);
  const marks: Mark[] = [line(x(0), 2, x(0), size.height - 4, { stroke: colours.of("line"), lineWidth: 1 }, 1)];
  spec.x.forEach((_, i) => {
    const middle = i * ROW + ROW / 2 + 2;
    const value = actual?.values[i] ?? null;
    marks.push(text(0, middle, shortened(spec.labels[i] ?? "", names - 12), { fill: colours.of("ink"), weight: 500 }));
    if (value === null || !actual) return;
    const [from, to] = [Math.min(x(0), x(value)), Math.max(x(0), x(value))];
    marks.push(rect(from, middle - 7, Math.max(1.5, to - from), 14, { fill: fillOf(actual, i, colours) }, 3, 2));
    const isLeft = value < 0;
    const width = widthOf(write(value, spec.unit), 600) + 10;
    const ticks = spec.series.filter(isGoal).map((goal) => goal.values[i]).filter((at) => at != null).map((at) => x(at!));
    const behind = Math.max(to, ...ticks.filter((at) => at > to - 4 && at < to + width));
    marks.push(text(isLeft ? from - 7 : behind + 7, middle, write(value, spec.unit), { fill: colours.of("ink"), weight: 600, align: isLeft ? "right" : "left", halo: colours.of("surface") }));
    for (const goal of spec.series.filter(isGoal)) {
      const at = goal.values[i];
      if (at != null) marks.push(rect(x(at) - 2, middle - 10, 4, 20, { fill: colours.of("surface") }, 4), rect(x(at) - 1, middle - 10, 2, 20, { fill: colours.of("ink") }, 5));
    }
  });
  const options = {
    grid: { left, right: size.width - right, top: 2, bottom: 4, outerBoundsMode: "none" },
    xAxis: { type: "value", show: false, min: low, max: high || 1 },
    yAxis: { type: "category", data: spec.x, inverse: true, show: false, axisPointer: { show: true, type: "none", label: { show: false } } },
    tooltip: { ...tooltip(spec, colours, (index) => rowsAt(spec, index)), axisPointer: { type: "none", axis: "y" } },
    series: [{ type: "bar", data: spec.x.map((__, i) => actual?.values[i] ?? 0), itemStyle: { color: "transparent" }, animation: false, silent: true }],
  };
  return { options, marks };
}

interface Stair { step: Water; from: number; to: number }

function stairs(steps: Water[]): Stair[] {
  let level = 0;
  return steps.map((step) => {
    const from = step.end ? 0 : level;
    level = step.end ? step.value : level + step.value;
    return { step, from, to: level };
  });
}

/** Where the axis is cut: just under the lowest level when the ends tower over the steps. */
function cutOf(levels: number[]): number {
  const [low, high] = [Math.min(...levels), Math.max(...levels)];
  if (low <= 0 || (high - low) / high > 0.5) return Math.min(0, low);
  return low - (high - low) * 0.55;
}

function stairMarks(stair: Stair, index: number, plot: Plot, width: number, slot: number, floor: number, spec: Spec, colours: Colours): Mark[] {
  const { step, from, to } = stair;
  const [base, top] = [step.end ? floor : from, to];
  const [y1, y2] = [plot.y(Math.max(base, top)), plot.y(Math.min(base, top))];
  const left = plot.x(index) - width / 2;
  // The step that explains the change carries a note and the full colour, the others are pale.
  const isJudged = step.tone === "bad" || step.tone === "good";
  const isBig = isJudged && Boolean(step.note);
  const tone = isJudged ? step.tone! : "neutral";
  const colour = step.end ? colours.of(index === 0 ? "mark-neutral" : "ink-2") : isBig ? colours.of(tone) : colours.weak(tone, 0.45);
  const words = step.end ? write(step.value, spec.unit) : writeSigned(step.value, spec.unit);
  const marks = [rect(left, y1, width, Math.max(2, y2 - y1), { fill: colour }, 3, 1.5)];
  // Where numbers would lie over each other only the ends have one; the table has all.
  const isTold = step.end || widthOf(words, 600) <= slot;
  if (isTold) marks.push(text(plot.x(index), y1 - 8, words, { fill: colours.of(isBig ? `--${step.tone}` : step.end ? "ink" : "ink-2"), weight: isBig || step.end ? 600 : 500, align: "center" }));
  if (step.note && y2 - y1 > 20 && widthOf(step.note, 600) <= width) marks.push(text(plot.x(index), (y1 + y2) / 2, step.note, { fill: "#ffffff", weight: 600, align: "center" }));
  if (step.end && floor > 0) marks.push(cutMark(left, width, plot.bottom - 10, colours));
  return marks;
}

function cutMark(left: number, width: number, y: number, colours: Colours): Mark {
  return polygon([[left - 1, y + 2], [left + width + 1, y - 4], [left + width + 1, y - 1], [left - 1, y + 5]], { fill: colours.of("surface"), stroke: "none" }, 4);
}

export function drawWaterfall(spec: Spec, size: Size, colours: Colours): Drawing {
  const built = stairs(spec.water ?? []);
  const levels = built.map((stair) => stair.to);
  const floor = cutOf(levels);
  const top = Math.max(...levels);
  const scale = { min: floor, max: top + (top - floor) * 0.02, step: 1, ticks: [] };
  const slot = (size.width - 4) / built.length;
  const labels = built.map((stair) => wrapped(stair.step.label, slot - 4));
  const bottom = labels.some((label) => label.includes("\n")) ? 38 : 26;
  const plot = plotOf(size, { left: 2, right: 2, top: 22, bottom }, built.length, scale, true);
  const width = Math.min(64, slot * 0.76);
  const marks = [line(plot.left, plot.bottom, plot.right, plot.bottom, { stroke: colours.of("line"), lineWidth: 1 })];
  built.forEach((stair, i) => {
    marks.push(...stairMarks(stair, i, plot, width, slot, floor, spec, colours));
    const isBig = Boolean(stair.step.note);
    marks.push(text(plot.x(i), plot.bottom + 6, labels[i]!, { fill: colours.of(isBig ? "ink" : "ink-3"), weight: isBig ? 600 : 400, align: "center", baseline: "top", size: 11 }));
    if (i + 1 < built.length) marks.push(line(plot.x(i) + width / 2, plot.y(stair.to), plot.x(i + 1) - width / 2, plot.y(stair.to), { stroke: colours.of("ink-3"), lineWidth: 1 }));
  });
  return { options: { series: [] }, marks };
}
