// Numbers on axes, labels and in tooltips; the same rules as core/formats.py.
import type { Unit } from "./spec";

const SYMBOLS: Record<string, string> = { EUR: "€", USD: "$", GBP: "£", JPY: "¥", INR: "₹" };
const STEPS: [number, string][] = [[1e9, "B"], [1e6, "M"], [1e3, "k"]];

function grouped(value: number, digits: number): string {
  const text = value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return text.replace("-", "−").replace(/^−(0(\.0+)?)$/, "$1");
}

function withoutZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function scaled(value: number): [number, string] {
  for (const [step, suffix] of STEPS) if (Math.abs(value) / step >= 0.9995) return [value / step, suffix];
  return [value, ""];
}

export function compact(value: number, keepZeros = false): string {
  const [size, suffix] = scaled(value);
  const digits = Math.abs(size) >= 99.95 ? 0 : Math.abs(size) >= 9.995 ? 1 : 2;
  const text = grouped(size, digits);
  return (keepZeros && (suffix === "M" || suffix === "B") ? text : withoutZeros(text)) + suffix;
}

function withCurrency(text: string, currency: string): string {
  const symbol = SYMBOLS[currency] ?? `${currency}\u00a0`;
  return text.startsWith("−") ? `−${symbol}${text.slice(1)}` : symbol + text;
}

function percent(value: number, digits: number | null): string {
  const share = value * 100;
  const size = Math.abs(share);
  const fit = digits ?? (size >= 100 ? 0 : size >= 0.1 ? 1 : 2);
  const text = grouped(share, fit);
  return `${digits === null ? withoutZeros(text) : text}\u202f%`;
}

/** A value as it stands in a label or a tooltip. */
export function write(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined) return "–";
  if (unit.kind === "percent") return percent(value, unit.digits);
  if (unit.kind === "ratio") return `${grouped(value, unit.digits ?? 2)}×`;
  if (unit.kind === "number") return Math.abs(value) >= 10000 ? compact(value, true) : grouped(value, unit.digits ?? 0);
  const isSmall = Math.abs(value) < 100 && value !== 0;
  return withCurrency(isSmall ? grouped(value, unit.digits ?? 2) : compact(value, true), unit.currency);
}

/** A value as it stands on an axis: short. */
export function writeTick(value: number, unit: Unit): string {
  if (unit.kind === "percent") return `${withoutZeros(grouped(value * 100, 2))}\u202f%`;
  if (unit.kind === "ratio") return `${withoutZeros(grouped(value, 2))}×`;
  const text = compact(value);
  return unit.kind === "money" ? withCurrency(text, unit.currency) : text;
}

export function writeSigned(value: number, unit: Unit): string {
  const text = write(value, unit);
  return value > 0 ? `+${text}` : text;
}
