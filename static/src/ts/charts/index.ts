// Draws every [data-chart] from the declaration beside it; again when the size or the theme changes.
import { init, use, type ECharts } from "echarts/core";
import { BarChart, LineChart, SankeyChart } from "echarts/charts";
import { GraphicComponent, GridComponent, TooltipComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";
import { on } from "../dom";
import { typefaceReady } from "../fonts";
import { THEME_CHANGED } from "../frame";
import { barsHeight, drawBars, drawLyingBars, drawWaterfall } from "./bars";
import type { Drawing, Size } from "./common";
import { drawLine } from "./line";
import { drawRanges, rangesHeight } from "./ranges";
import { drawSankey } from "./sankey";
import type { Spec } from "./spec";
import { coloursAt, FONT, SIZE, type Colours } from "./theme";

use([BarChart, LineChart, SankeyChart, GraphicComponent, GridComponent, TooltipComponent, SVGRenderer]);

type Draw = (spec: Spec, size: Size, colours: Colours) => Drawing;
const KINDS: Record<Spec["kind"], Draw> = { line: drawLine, bar: drawBars, bars_h: drawLyingBars, waterfall: drawWaterfall, ranges: drawRanges, sankey: drawSankey };
const drawn = new Map<HTMLElement, ECharts>();

function specOf(place: HTMLElement): Spec | null {
  const text = document.getElementById(place.dataset["chart"] ?? "")?.textContent;
  return text ? (JSON.parse(text) as Spec) : null;
}

function draw(place: HTMLElement): void {
  const spec = specOf(place);
  const style = getComputedStyle(place);
  const width = place.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  if (!spec || width < 40) return;
  const height = spec.kind === "bars_h" ? barsHeight(spec) : spec.kind === "ranges" ? rangesHeight(spec) : spec.height;
  drawn.get(place)?.dispose();
  place.replaceChildren();
  const canvas = place.appendChild(document.createElement("div"));
  canvas.style.height = `${height}px`;
  place.style.minHeight = "0";
  const chart = init(canvas, null, { renderer: "svg", width, height });
  const { options, marks } = KINDS[spec.kind](spec, { width, height }, coloursAt(place));
  chart.setOption({ animation: false, textStyle: { fontFamily: FONT, fontSize: SIZE }, ...options, graphic: { elements: marks } });
  drawn.set(place, chart);
  leadOn(place, chart, spec);
  place.dataset["drawnWidth"] = String(width);
}

/** A click on a point opens what its row in the table twin leads to: where the figure comes from. */
function leadOn(place: HTMLElement, chart: ECharts, spec: Spec): void {
  const links = place.parentElement?.querySelectorAll<HTMLAnchorElement>(".chart-table tbody th a");
  if (!links || links.length !== spec.x.length || spec.kind === "bars_h" || spec.kind === "ranges" || spec.kind === "sankey") return;
  place.classList.add("leads-on");
  chart.getZr().on("click", (event) => {
    if (!chart.containPixel("grid", [event.offsetX, event.offsetY])) return;
    const at = Number(chart.convertFromPixel({ xAxisIndex: 0 }, event.offsetX));
    const away = (n: number): number => Math.abs((spec.time && at > 1e9 ? Date.parse(spec.x[n] ?? "") : n) - at);
    const nearest = spec.x.reduce((best, _, n) => (away(n) < away(best) ? n : best), 0);
    links[nearest]?.click();
  });
}

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const place = target as HTMLElement;
    const style = getComputedStyle(place);
    const width = place.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (Math.abs(width - Number(place.dataset["drawnWidth"] ?? 0)) > 1) draw(place);
  }
});

function forgetRemoved(): void {
  for (const [place, chart] of drawn) {
    if (place.isConnected) continue;
    chart.dispose();
    sizes.unobserve(place);
    drawn.delete(place);
  }
}

export async function drawAll(root: ParentNode): Promise<void> {
  await typefaceReady();
  forgetRemoved();
  for (const place of root.querySelectorAll<HTMLElement>("[data-chart]")) {
    if (drawn.has(place)) continue;
    draw(place);
    sizes.observe(place);
  }
  document.documentElement.dataset["charts"] = "drawn";
}

function csvOf(table: HTMLTableElement): string {
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const safe = (text: string) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
  return [...table.rows].map((row) => [...row.cells].map((c) => cell(safe(c.textContent ?? ""))).join(",")).join("\r\n");
}

function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

on("click", "[data-chart-table]", (button) => {
  const figure = button.closest("figure");
  const table = figure?.querySelector<HTMLElement>(".chart-table");
  const picture = figure?.querySelector<HTMLElement>("[data-chart]");
  if (!table || !picture) return;
  table.hidden = !table.hidden;
  picture.hidden = !table.hidden;
  button.setAttribute("aria-pressed", String(!table.hidden));
});
on("click", "[data-chart-csv]", (button) => {
  const figure = button.closest("figure");
  const table = figure?.querySelector<HTMLTableElement>(".chart-table table");
  if (figure && table) save(`${figure.id}.csv`, csvOf(table));
});
document.addEventListener(THEME_CHANGED, () => {
  for (const place of drawn.keys()) draw(place);
});
