// The colours of the present theme, resolved from tokens.css.
export interface Colours { of(name: string): string; weak(name: string, share: number): string }

const TONES: Record<string, string> = { good: "--mark-good", bad: "--mark-bad", warn: "--mark-warn", neutral: "--mark-neutral", accent: "--accent" };
const CHANNELS = new Set(["search", "shopping", "social", "display", "affiliates", "email", "creators", "retail_media"]);

function token(name: string): string {
  if (name.startsWith("--")) return name;
  return TONES[name] ?? (CHANNELS.has(name) ? `--ch-${name}` : `--${name}`);
}

/** Colours as they are where ``place`` stands, which may have a theme of its own. */
export function coloursAt(place: HTMLElement): Colours {
  const probe = document.createElement("span");
  place.append(probe);
  const found = new Map<string, string>();
  const of = (name: string): string => {
    const known = found.get(name);
    if (known) return known;
    if (!probe.isConnected) place.append(probe);
    probe.style.color = `var(${token(name)})`;
    const value = getComputedStyle(probe).color;
    probe.remove();
    found.set(name, value);
    return value;
  };
  const weak = (name: string, share: number): string => of(name).replace(/^rgb\((.*)\)$/, `rgba($1, ${share})`);
  return { of, weak };
}

export const FONT = '"Inter Variable", Inter, system-ui, sans-serif';
export const SIZE = 11.5;

let measure: CanvasRenderingContext2D | null = null;

/** Width of a text in the charts' type, in pixels. */
export function widthOf(text: string, weight = 500): number {
  measure ??= document.createElement("canvas").getContext("2d");
  if (!measure) return text.length * 6.4;
  measure.font = `${weight} ${SIZE}px ${FONT}`;
  return Math.max(...text.split("\n").map((line) => measure!.measureText(line).width));
}
