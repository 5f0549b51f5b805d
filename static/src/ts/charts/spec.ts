// What core/charts.py sends (Chart.as_json).
export interface Unit { kind: "money" | "number" | "percent" | "ratio"; currency: string; digits: number | null }
export interface Series {
  name: string; values: (number | null)[]; style: "actual" | "target" | "limit" | "forecast" | "compare";
  color: string; end: string; tones: string[]; shade: string;
}
export interface Band { low: (number | null)[]; high: (number | null)[]; label: string; style: "expected" | "p80" | "p50" }
export interface Marker { at: string; number: number | string; label: string; tone: string; url: string }
export interface Young { start: string; end: string; label: string }
export interface Water { label: string; value: number; tone?: string; note?: string; end?: boolean }
export interface Flow { step: number; source: string; target: string; value: number; is_end: boolean; tone: string }
export interface Spec {
  kind: "line" | "bar" | "bars_h" | "waterfall" | "ranges" | "sankey"; x: string[]; labels: string[]; time: boolean; unit: Unit;
  series: Series[]; bands: Band[]; markers: Marker[]; young: Young | null; water: Water[] | null; height: number; zero: boolean;
  flows?: Flow[] | null;
}
