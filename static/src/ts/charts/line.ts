// Lines over time: actual, target or limit, forecast, ranges, numbered changes, young days.
import { write, writeTick } from "./format";
import { hatch, line, plotOf, polygon, text, circle, type Mark, type Plot } from "./plot";
import { niceScale, xTicks } from "./scale";
import type { Band, Marker, Series, Spec } from "./spec";
import { SIZE, widthOf, type Colours } from "./theme";
import { axes, tooltip, type Drawing, type Size } from "./common";

interface Look { colour: string; width: number; dash: number[] | "solid"; weight: number; text: string }

export function lookOf(series: Series, colours: Colours): Look {
  const own = series.color ? colours.of(series.color) : "";
  const looks: Record<Series["style"], Look> = {
    actual: { colour: own || colours.of("accent"), width: 2.25, dash: "solid", weight: 600, text: own || colours.of("accent-text") },
    forecast: { colour: own || colours.of("accent"), width: 2, dash: [6, 4], weight: 600, text: own || colours.of("accent-text") },
    target: { colour: own || colours.of("ink-3"), width: 1.5, dash: [2, 3], weight: 500, text: colours.of("ink-2") },
    limit: { colour: own || colours.of("mark-bad"), width: 1.5, dash: [5, 4], weight: 600, text: colours.of("--bad") },
    compare: { colour: own || colours.of("mark-neutral"), width: 1.5, dash: "solid", weight: 500, text: colours.of("ink-3") },
  };
  return looks[series.style];
}

function allValues(spec: Spec): number[] {
  const lists = [...spec.series.map((s) => s.values), ...spec.bands.flatMap((b) => [b.low, b.high])];
  return lists.flat().filter((v): v is number => v !== null);
}

function lastKnown(values: (number | null)[]): number {
  return values.reduce<number>((last, value, i) => (value === null ? last : i), -1);
}

/** The words at a line's end, in two rows when they are long. */
function endWords(series: Series): string {
  const words = series.end || series.name;
  if (words.includes("\n") || widthOf(words, 600) <= 76) return words;
  const middle = words.length / 2;
  const spaces = [...words.matchAll(/ /g)].map((match) => match.index);
  const cut = spaces.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle))[0];
  return cut === undefined ? words : `${words.slice(0, cut)}\n${words.slice(cut + 1)}`;
}

function rangeMarks(band: Band, plot: Plot, colours: Colours): Mark[] {
  const known = band.low.map((low, i) => [i, low, band.high[i]] as const).filter((p) => p[1] !== null && p[2] != null);
  if (known.length < 2) return [];
  const upper = known.map(([i, , high]): [number, number] => [plot.x(i), plot.y(high!)]);
  const lower = known.map(([i, low]): [number, number] => [plot.x(i), plot.y(low!)]).reverse();
  const fill = band.style === "expected" ? colours.of("fill") : colours.weak("accent", band.style === "p80" ? 0.11 : 0.17);
  const marks = [polygon([...upper, ...lower], { fill, stroke: "none" }, 1)];
  if (band.label && band.style === "expected") {
    const spot = known[Math.min(2, known.length - 1)]!;
    marks.push(text(plot.x(spot[0]) + 4, plot.y(spot[1]!) + 9, band.label, { fill: colours.of("ink-3"), weight: 400 }));
  }
  return marks;
}

/** Fills between actual and target, green where it is good and red where it is not. */
function gapMarks(spec: Spec, plot: Plot, colours: Colours): Mark[] {
  const actual = spec.series.find((s) => s.shade);
  const target = spec.series.find((s) => s.style === "target" || s.style === "limit");
  if (!actual || !target) return [];
  const marks: Mark[] = [];
  for (let i = 0; i + 1 < actual.values.length; i += 1) {
    const [a1, a2, t1, t2] = [actual.values[i], actual.values[i + 1], target.values[i], target.values[i + 1]];
    if (a1 == null || a2 == null || t1 == null || t2 == null) continue;
    marks.push(...gapBetween(plot, i, [a1, a2], [t1, t2], actual.shade, colours));
  }
  return marks;
}

function gapBetween(plot: Plot, i: number, a: [number, number], t: [number, number], shade: string, colours: Colours): Mark[] {
  const [x1, x2] = [plot.x(i), plot.x(i + 1)];
  const [before, after] = [a[0] - t[0], a[1] - t[1]];
  const fillOf = (gap: number) => ({ fill: colours.weak(gap > 0 === (shade === "up_is_good") ? "good" : "bad", 0.14), stroke: "none" });
  const at = (x: number, v: number): [number, number] => [x, plot.y(v)];
  if (before * after >= 0) return [polygon([at(x1, a[0]), at(x2, a[1]), at(x2, t[1]), at(x1, t[0])], fillOf(before || after))];
  const share = before / (before - after);
  const x = x1 + share * (x2 - x1);
  const v = a[0] + share * (a[1] - a[0]);
  return [polygon([at(x1, a[0]), at(x, v), at(x1, t[0])], fillOf(before)), polygon([at(x, v), at(x2, a[1]), at(x2, t[1])], fillOf(after))];
}

function markerMarks(markers: Marker[], spec: Spec, plot: Plot, colours: Colours): Mark[] {
  let free = -Infinity;
  const placed = markers.map((marker) => ({ marker, x: plot.x(spec.x.indexOf(marker.at)) })).filter(({ marker }) => spec.x.includes(marker.at));
  return placed.sort((a, b) => a.x - b.x).flatMap(({ marker, x }) => {
    const isBad = marker.tone === "bad";
    const cx = Math.max(x, free);
    free = cx + 21;
    const cy = plot.top - 17;
    const stroke = isBad ? colours.of("mark-bad") : colours.of("line");
    const marks = [
      line(x, plot.top - 6, x, plot.bottom, { stroke, lineWidth: 1, lineDash: [2, 3] }, 2),
      circle(cx, cy, 9, { fill: isBad ? colours.of("--marker-bad") : colours.of("fill"), stroke: "none" }),
      text(cx, cy + 0.5, String(marker.number), { fill: isBad ? colours.of("--on-marker-bad") : colours.of("ink-2"), weight: 600, align: "center", size: 11 }),
    ];
    if (isBad && marker.label) {
      const isRight = x - plot.left < widthOf(marker.label, 600) + 12;
      marks.push(text(x + (isRight ? 7 : -7), plot.top + 10, marker.label, { fill: colours.of("--bad"), weight: 600, align: isRight ? "left" : "right", halo: colours.of("surface") }));
    }
    return marks;
  });
}

function youngMarks(spec: Spec, plot: Plot, colours: Colours): Mark[] {
  const [from, to] = [spec.x.indexOf(spec.young?.start ?? ""), spec.x.indexOf(spec.young?.end ?? "")];
  if (!spec.young || from < 0 || to < 0) return [];
  const half = plot.width / Math.max(1, spec.x.length - 1) / 2;
  const [x1, x2] = [Math.max(plot.left, plot.x(from) - half), Math.min(plot.right, plot.x(to) + half)];
  const marks = hatch(x1, x2, plot.top, plot.bottom, colours.weak("accent", 0.3));
  const isWide = x2 - x1 > widthOf(spec.young.label) + 12;
  const x = isWide ? x2 - 6 : x1 - 6;
  marks.push(text(x, isWide || spec.markers.length ? plot.bottom - 9 : plot.top + 8, spec.young.label, { fill: colours.of("ink-3"), weight: 400, align: "right", halo: colours.of("surface") }));
  return marks;
}

/** Words at the line ends, pushed apart where they would cover each other. */
function endMarks(spec: Spec, plot: Plot, colours: Colours): Mark[] {
  const ends = spec.series.map((series) => {
    const last = lastKnown(series.values);
    const words = endWords(series);
    const y = last < 0 ? 0 : plot.y(series.values[last]!);
    return { series, last, words, y, want: y, height: words.split("\n").length * 14 };
  }).filter((end) => end.last >= 0);
  const atEdge = ends.filter((end) => plot.x(end.last) > plot.right - 40).sort((a, b) => a.y - b.y);
  for (let i = 1; i < atEdge.length; i += 1) {
    const [above, below] = [atEdge[i - 1]!, atEdge[i]!];
    below.y = Math.max(below.y, above.y + (above.height + below.height) / 2 + 1);
  }
  const overflow = atEdge.length ? Math.max(0, atEdge.at(-1)!.y + atEdge.at(-1)!.height / 2 - plot.bottom - 8) : 0;
  for (const end of atEdge) end.y -= overflow;
  return ends.flatMap((end) => {
    const look = lookOf(end.series, colours);
    const isEdge = atEdge.includes(end);
    const isMain = end.series.style === "actual" || end.series.style === "forecast";
    const isOut = outside(spec, end.series)[end.last] ?? false;
    const style = { fill: isOut ? colours.of("--bad") : look.text, weight: look.weight, halo: colours.of("surface") };
    const marks = isMain ? [circle(plot.x(end.last), end.want, 3.25, { fill: isOut ? colours.of("mark-bad") : look.colour, stroke: colours.of("surface"), lineWidth: 1.5 })] : [];
    const label = isEdge ? text(plot.right + 9, end.y, end.words, style)
      : text(plot.x(end.last), end.want - 12, end.words.replace("\n", " "), { ...style, align: "center", baseline: "bottom" });
    return [...marks, label];
  });
}

/** Points outside the expected range, and the line that leads to them, turn red. */
function outside(spec: Spec, series: Series): boolean[] {
  const band = spec.bands.find((b) => b.style === "expected");
  return series.values.map((value, i) => {
    const [low, high] = [band?.low[i], band?.high[i]];
    return series.style === "actual" && value !== null && low != null && high != null && (value < low || value > high);
  });
}

function drawnSeries(spec: Spec, colours: Colours): object[] {
  return spec.series.flatMap((series) => {
    const look = lookOf(series, colours);
    const isOut = outside(spec, series);
    const inside = series.values.map((value, i) => (isOut[i] ? null : value));
    const base = { type: "line", name: series.name, data: inside, z: 4, silent: true, symbol: "none", lineStyle: { color: look.colour, width: look.width, type: look.dash, cap: "round", join: "round" }, animation: false, connectNulls: false };
    if (!isOut.some(Boolean)) return [base];
    const red = series.values.map((value, i) => (isOut[i] || isOut[i + 1] || isOut[i - 1] ? value : null));
    const dots = red.map((value, i) => ({ value, symbol: isOut[i] ? "circle" : "none" }));
    return [base, { ...base, z: 5, data: dots, symbolSize: 7, showAllSymbol: true, lineStyle: { ...base.lineStyle, color: colours.of("mark-bad") }, itemStyle: { color: colours.of("mark-bad"), borderColor: colours.of("surface"), borderWidth: 1.5 } }];
  });
}

export function drawLine(spec: Spec, size: Size, colours: Colours): Drawing {
  const scale = niceScale(allValues(spec), { zero: spec.zero, lines: size.height < 200 ? 3 : 4 });
  const first = widthOf(spec.labels[0] ?? "", 400) / 2;
  const left = Math.max(first, Math.max(...scale.ticks.map((tick) => widthOf(writeTick(tick, spec.unit), 400))) + 12);
  const endWidth = Math.max(0, ...spec.series.filter((s) => lastKnown(s.values) >= spec.x.length - 2).map((s) => widthOf(endWords(s), 600)));
  const margins = { left, right: Math.max(14, endWidth + 12), top: spec.markers.length ? 36 : 12, bottom: 26 };
  const plot = plotOf(size, margins, spec.x.length, scale, false);
  const ticks = xTicks(spec.x, spec.labels, spec.time, plot.width / 78);
  const marks = [
    ...spec.bands.flatMap((band) => rangeMarks(band, plot, colours)),
    ...youngMarks(spec, plot, colours),
    ...gapMarks(spec, plot, colours),
    ...markerMarks(spec.markers, spec, plot, colours),
    ...endMarks(spec, plot, colours),
  ];
  const options = {
    ...axes(spec, margins, scale, ticks, colours, false),
    tooltip: tooltip(spec, colours, (index) => rowsAt(spec, index)),
    series: drawnSeries(spec, colours),
    textStyle: { fontSize: SIZE },
  };
  return { options, marks };
}

function rowsAt(spec: Spec, index: number): [string, string][] {
  const lines = spec.series.map((s): [string, string] => [s.name, write(s.values[index], spec.unit)]);
  const bands = spec.bands.map((b): [string, string] => [b.label || "Range", `${write(b.low[index], spec.unit)} to ${write(b.high[index], spec.unit)}`]);
  return [...lines, ...bands].filter(([, value]) => value !== "–" && value !== "– to –");
}
