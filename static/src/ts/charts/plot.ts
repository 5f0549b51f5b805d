// Where things stand in a chart: the plot's edges, x of a position, y of a value.
import type { Scale } from "./scale";

export interface Plot {
  left: number; right: number; top: number; bottom: number; width: number; height: number;
  x(index: number): number; y(value: number): number;
}

export interface Margins { left: number; right: number; top: number; bottom: number }

export function plotOf(size: { width: number; height: number }, margins: Margins, count: number, scale: Scale, isBars: boolean): Plot {
  const left = margins.left;
  const right = size.width - margins.right;
  const top = margins.top;
  const bottom = size.height - margins.bottom;
  const [width, height] = [right - left, bottom - top];
  const share = (i: number) => (isBars ? (i + 0.5) / count : count === 1 ? 0.5 : i / (count - 1));
  return {
    left, right, top, bottom, width, height,
    x: (index) => left + share(index) * width,
    y: (value) => bottom - ((value - scale.min) / (scale.max - scale.min || 1)) * height,
  };
}

// Elements of the drawing layer, in the shape of ECharts' graphic component.
export interface Mark { type: string; z: number; silent: true; shape?: object; style: object; left?: number; top?: number; x?: number; y?: number }

export const line = (x1: number, y1: number, x2: number, y2: number, style: object, z = 2): Mark =>
  ({ type: "line", z, silent: true, shape: { x1, y1, x2, y2 }, style: { fill: "none", ...style } });
export const polygon = (points: [number, number][], style: object, z = 1): Mark =>
  ({ type: "polygon", z, silent: true, shape: { points }, style });
export const circle = (cx: number, cy: number, r: number, style: object, z = 6): Mark =>
  ({ type: "circle", z, silent: true, shape: { cx, cy, r }, style });
export const rect = (x: number, y: number, width: number, height: number, style: object, z = 3, r = 0): Mark =>
  ({ type: "rect", z, silent: true, shape: { x, y, width, height, r }, style });

interface TextStyle { fill: string; weight?: number; align?: "left" | "center" | "right"; baseline?: "top" | "middle" | "bottom"; halo?: string; size?: number }

export function text(x: number, y: number, words: string, { fill, weight = 500, align = "left", baseline = "middle", halo, size = 11.5 }: TextStyle): Mark {
  return {
    type: "text", z: 7, silent: true, x, y,
    style: {
      text: words, fill, align, verticalAlign: baseline, font: `${weight} ${size}px "Inter Variable", Inter, system-ui, sans-serif`, lineHeight: 14,
      ...(halo ? { stroke: halo, lineWidth: 3 } : {}),
    },
  };
}

/** Lines at 45 degrees inside a rectangle: days that still grow. */
export function hatch(x1: number, x2: number, top: number, bottom: number, colour: string): Mark[] {
  const marks: Mark[] = [];
  const height = bottom - top;
  for (let start = x1 - height; start < x2; start += 7) {
    const from = Math.max(start, x1);
    const to = Math.min(start + height, x2);
    if (to > from) marks.push(line(from, bottom - (from - start), to, bottom - (to - start), { stroke: colour, lineWidth: 1 }, 1));
  }
  return marks;
}
