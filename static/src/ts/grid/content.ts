// What the server sends and takes.

export interface MonthContent { month: string; label: string; shut: string }

export interface RowContent {
  line: number; campaign_line: number | null; name: string;
  team: string; channel: string; channel_name: string; owner: string;
  currency: string; digits: number; amounts: string[]; versions: number[]; pending: number[];
}

export interface Content {
  fiscal_year: number; currency: string; may_edit: boolean; lock: string;
  months: MonthContent[]; rates: Record<string, ([string, string] | null)[]>; rows: RowContent[];
}

export interface CellContent { line: number; month: string; campaign_line: number | null; amount: string; version: number }

export interface Problem {
  line: number; month: string; campaign_line: number | null; code: string; message: string;
  amount?: string; version?: number;
}

export interface Review { at_once: number; asked: string; deciders: string; totals: string; lines: number; cells: number; title: string }

export interface Saved { at_once: number; request: string | null; url: string | null; text: string }

export class Refused extends Error {
  constructor(message: string, readonly problems: readonly Problem[]) { super(message); }
}

interface ErrorContent { error?: { message?: string; remedy?: string; details?: Problem[] } }

/** The places a page names for its grid. */
export interface Places { rows: string; preview: string; save: string; token: string }

export async function fetchRows(places: Places): Promise<Content> {
  const answer = await fetch(places.rows, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Refused(`The plan could not be read (${answer.status}).`, []);
  return await answer.json() as Content;
}

/** Sends edits; throws ``Refused`` with what is wrong with which cell. */
export async function send<T>(url: string, places: Places, cells: CellContent[], reason: string): Promise<T> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": places.token, Accept: "application/json" },
    body: JSON.stringify({ cells, reason }),
  }).catch(() => { throw new Refused("The server cannot be reached. Nothing was saved; your changes are still here.", []); });
  if (answer.ok) return await answer.json() as T;
  const told = await answer.json().catch(() => ({})) as ErrorContent;
  const text = [told.error?.message, told.error?.remedy].filter(Boolean).join(" ");
  throw new Refused(text || `The server answered ${answer.status}. Nothing was saved; your changes are still here.`, told.error?.details ?? []);
}
