// Axes: round steps, few labels.
export interface Scale { min: number; max: number; step: number; ticks: number[] }

function roundStep(rough: number): number {
  const size = 10 ** Math.floor(Math.log10(rough));
  const lead = rough / size;
  return size * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 2.5 ? 2.5 : lead <= 5 ? 5 : 10);
}

/** At most ``lines`` intervals around the values; zero belongs to it when it is near or asked for. */
export function niceScale(values: number[], { zero = false, lines = 4 } = {}): Scale {
  let low = Math.min(...values);
  let high = Math.max(...values);
  if (!values.length || !Number.isFinite(low)) [low, high] = [0, 1];
  if (zero || (low > 0 && low < 0.4 * high)) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
  if (low === high) [low, high] = [low === 0 ? 0 : low - Math.abs(low) * 0.1, high === 0 ? 1 : high + Math.abs(high) * 0.1];
  let step = roundStep((high - low) / lines);
  let min = Math.floor(low / step + 1e-9) * step;
  let max = Math.ceil(high / step - 1e-9) * step;
  if ((max - min) / step > lines + 0.01) {
    step = roundStep(step * 1.01);
    min = Math.floor(low / step + 1e-9) * step;
    max = Math.ceil(high / step - 1e-9) * step;
  }
  // A point on the upper edge would stick to the frame.
  if (high > 0 && max - high < 0.08 * step && (max - min) / step < lines + 0.99) max += step;
  const count = Math.round((max - min) / step);
  return { min, max, step, ticks: Array.from({ length: count + 1 }, (_, i) => min + i * step) };
}

const DAY_STEPS = [1, 2, 3, 4, 5, 7, 10, 14, 21, 28, 30];

/** Which positions of the time or category axis are written, and what stands there. */
export function xTicks(x: string[], labels: string[], isTime: boolean, room: number): Map<number, string> {
  const most = Math.max(2, Math.floor(room));
  if (isTime && x.length > 100) return monthTicks(x, most);
  const rough = Math.ceil(x.length / most);
  const step = isTime ? (DAY_STEPS.find((days) => days >= rough) ?? rough) : rough;
  return new Map(labels.map((label, i) => [i, label] as const).filter(([i]) => i % step === 0));
}

function monthTicks(x: string[], most: number): Map<number, string> {
  const firsts = x.map((day, i) => [i, day] as const).filter(([, day]) => day.endsWith("-01"));
  const step = [1, 2, 3, 6, 12].find((months) => firsts.length / months <= most) ?? 12;
  const kept = firsts.filter(([, day]) => (Number(day.slice(5, 7)) - 1) % step === 0);
  return new Map(kept.map(([i, day]) => [i, monthName(day)]));
}

function monthName(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  const name = date.toLocaleString("en-GB", { month: "short", timeZone: "UTC" });
  return date.getUTCMonth() === 0 ? `${name} ${date.getUTCFullYear()}` : name;
}
