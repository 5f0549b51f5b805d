// A Sankey: how many went from where to where, step by step, and where they ended.
import { write } from "./format";
import type { Flow, Spec } from "./spec";
import { FONT, SIZE, widthOf, type Colours } from "./theme";
import type { Drawing, Size } from "./common";

const KEYS = new Set(["search", "shopping", "social", "display", "affiliates", "email", "creators", "retail_media"]);

function colourOf(name: string, flow: Flow | null, colours: Colours): string {
  if (flow?.is_end) return colours.of(flow.tone || "mark-neutral");
  const key = name.toLowerCase().replaceAll(" ", "_");
  return colours.of(KEYS.has(key) ? key : "ink-3");
}

interface Node { name: string; label: string; depth: number; size: number; colour: string }

function nodesOf(flows: Flow[], colours: Colours): Map<string, Node> {
  const last = Math.max(...flows.map((flow) => flow.step)) + 1;
  const nodes = new Map<string, Node>();
  const add = (name: string, label: string, depth: number, colour: string) => {
    if (!nodes.has(name)) nodes.set(name, { name, label, depth, size: 0, colour });
  };
  for (const flow of flows) {
    add(from(flow), flow.source, flow.step, colourOf(flow.source, null, colours));
    add(to(flow), flow.target, flow.is_end ? last : flow.step + 1, colourOf(flow.target, flow, colours));
  }
  for (const node of nodes.values()) {
    const [into, out] = [flows.filter((f) => to(f) === node.name), flows.filter((f) => from(f) === node.name)];
    node.size = Math.max(...[into, out].map((some) => some.reduce((sum, f) => sum + f.value, 0)));
  }
  return nodes;
}

const from = (flow: Flow): string => `${flow.step}:${flow.source}`;
const to = (flow: Flow): string => (flow.is_end ? `end:${flow.target}` : `${flow.step + 1}:${flow.target}`);

function tip(words: string[]): HTMLElement {
  const box = document.createElement("div");
  for (const line of words) box.appendChild(document.createElement("p")).textContent = line;
  return box;
}

export function drawSankey(spec: Spec, size: Size, colours: Colours): Drawing {
  const flows = spec.flows ?? [];
  const nodes = nodesOf(flows, colours);
  const most = Math.max(...[...nodes.values()].map((node) => node.size));
  const ends = [...nodes.values()].filter((node) => node.name.startsWith("end:"));
  const right = Math.min(size.width * 0.26, Math.max(...ends.map((node) => widthOf(node.label, 500))) + 12);
  // On a phone there is room for the names of the larger ones only; the table has them all.
  const least = size.width < 520 ? most * 0.14 : most * 0.03;
  const data = [...nodes.values()].map((node) => ({
    name: node.name, depth: node.depth, itemStyle: { color: node.colour },
    label: { show: node.size >= least, formatter: node.label },
  }));
  const links = flows.map((flow) => ({
    source: from(flow), target: to(flow), value: flow.value,
    lineStyle: { color: nodes.get(from(flow))!.colour, opacity: flow.is_end && flow.tone === "good" ? 0.42 : 0.2 },
  }));
  const options = {
    tooltip: {
      trigger: "item", className: "chart-tip", transitionDuration: 0, confine: true, backgroundColor: colours.of("surface"), borderWidth: 1, padding: 10,
      formatter: (point: { dataType: string; dataIndex: number }) => {
        if (point.dataType === "edge") {
          const flow = flows[point.dataIndex]!;
          return tip([`${flow.source} → ${flow.target}`, write(flow.value, spec.unit)]);
        }
        const node = [...nodes.values()][point.dataIndex]!;
        return tip([node.label, write(node.size, spec.unit)]);
      },
    },
    series: [{
      type: "sankey", data, links, left: 2, right, top: 6, bottom: 6, nodeWidth: 10, nodeGap: 8, draggable: false, animation: false, layoutIterations: 48,
      emphasis: { focus: "adjacency" },
      label: { color: colours.of("ink"), fontFamily: FONT, fontSize: SIZE, fontWeight: 500, textBorderColor: colours.of("surface"), textBorderWidth: 2 },
      lineStyle: { curveness: 0.5 },
    }],
  };
  return { options, marks: [] };
}
