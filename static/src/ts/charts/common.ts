// What all charts share: axes, tooltip, the result of a drawing function.
import { writeTick } from "./format";
import type { Margins, Mark } from "./plot";
import type { Scale } from "./scale";
import type { Spec } from "./spec";
import { FONT, SIZE, type Colours } from "./theme";

export interface Size { width: number; height: number }
export interface Drawing { options: object; marks: Mark[] }

export function axes(spec: Spec, margins: Margins, scale: Scale, ticks: Map<number, string>, colours: Colours, isBars: boolean): object {
  const label = { color: colours.of("ink-3"), fontSize: SIZE, fontFamily: FONT };
  return {
    grid: { ...margins, outerBoundsMode: "none" },
    xAxis: {
      type: "category", data: spec.x, boundaryGap: isBars, axisTick: { show: false }, splitLine: { show: false },
      axisLine: { show: true, onZero: false, lineStyle: { color: colours.of("line"), width: 1 } },
      axisLabel: { ...label, margin: 10, hideOverlap: true, interval: (index: number) => ticks.has(index), formatter: (_: string, index: number) => ticks.get(index) ?? "" },
      axisPointer: { show: true, type: isBars ? "none" : "line", label: { show: false }, lineStyle: { color: colours.of("mark-neutral"), width: 1, type: "solid" } },
    },
    yAxis: {
      type: "value", min: scale.min, max: scale.max, interval: scale.step, axisLine: { show: false }, axisTick: { show: false },
      splitLine: { show: true, lineStyle: { color: colours.of("line-faint"), width: 1 } },
      axisLabel: { ...label, margin: 10, formatter: (value: number) => writeTick(value, spec.unit) },
    },
  };
}

type Rows = (index: number) => [string, string][];

export function tooltip(spec: Spec, colours: Colours, rows: Rows): object {
  return {
    trigger: "axis", className: "chart-tip", transitionDuration: 0, confine: true, backgroundColor: colours.of("surface"), borderWidth: 1, padding: 10,
    formatter: (points: { dataIndex: number }[] | { dataIndex: number }) => {
      const index = (Array.isArray(points) ? points[0] : points)?.dataIndex ?? 0;
      return tipOf(spec, index, rows(index));
    },
  };
}

function tipOf(spec: Spec, index: number, rows: [string, string][]): HTMLElement {
  const box = document.createElement("div");
  const head = box.appendChild(document.createElement("p"));
  head.textContent = spec.labels[index] ?? "";
  const list = box.appendChild(document.createElement("dl"));
  for (const [name, value] of rows) {
    list.appendChild(document.createElement("dt")).textContent = name;
    list.appendChild(document.createElement("dd")).textContent = value;
  }
  for (const marker of spec.markers.filter((m) => m.at === spec.x[index] && m.label)) {
    box.appendChild(document.createElement("p")).textContent = `${marker.number}. ${marker.label}`;
  }
  if (isYoung(spec, index)) box.appendChild(document.createElement("p")).textContent = `Still ${spec.young!.label}`;
  return box;
}

function isYoung(spec: Spec, index: number): boolean {
  if (!spec.young) return false;
  return index >= spec.x.indexOf(spec.young.start) && index <= spec.x.indexOf(spec.young.end);
}
