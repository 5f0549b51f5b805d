// The plan being edited: rows, what was changed of them, what is shown, and sums that follow.
import { converted, fromServer, plainText } from "./amounts";
import type { CellContent, Content, MonthContent, Problem, RowContent } from "./content";

export interface Row {
  readonly key: string; readonly content: RowContent; readonly base: bigint[]; readonly versions: number[];
  readonly parts: Row[]; readonly pending: ReadonlySet<number>;
}

export type Shown =
  | { kind: "group"; key: string; label: string; channel: string; count: number }
  | { kind: "row"; row: Row };

export interface Change { row: Row; month: number; value: bigint }
export type Past = readonly { row: Row; month: number; before: bigint | undefined; after: bigint | undefined }[];
export interface Filter { find: string; team: string; channel: string; owner: string; by: "channel" | "team"; parts: boolean; changed: boolean }

const MICRO_DIGITS = 6;

export class Model {
  rows: Row[] = [];
  months: MonthContent[] = [];
  currency = "";
  mayEdit = false;
  lock = "";
  shown: Shown[] = [];
  readonly closed = new Set<string>();
  filter: Filter = { find: "", team: "", channel: "", owner: "", by: "channel", parts: false, changed: false };
  private readonly edits = new Map<Row, Map<number, bigint>>();
  private readonly problems = new Map<string, string>();
  private readonly marked = new Set<string>();
  private rates = new Map<string, ([bigint, bigint] | null)[]>();
  private sums = new Map<string, (bigint | null)[]>();
  private members = new Map<string, Row[]>();
  private byKey = new Map<string, Row>();

  load(content: Content): void {
    this.months = content.months;
    this.currency = content.currency;
    this.mayEdit = content.may_edit;
    this.lock = content.lock;
    this.rates = new Map(Object.entries(content.rates).map(([name, rates]) => [name, rates.map(fraction)]));
    this.rows = [];
    this.byKey.clear();
    this.edits.clear();
    this.problems.clear();
    let line: Row | undefined;
    for (const row of content.rows.map(asRow)) {
      this.rows.push(row);
      this.byKey.set(row.key, row);
      if (row.content.campaign_line === null) line = row;
      else line?.parts.push(row);
    }
    this.show();
  }

  // What a cell holds

  value(row: Row, month: number): bigint {
    const edited = this.edits.get(row)?.get(month);
    if (edited !== undefined) return edited;
    const base = row.base[month]!;
    if (!row.parts.length) return base;
    const parts = row.parts.reduce((sum, part) => sum + this.value(part, month), 0n);
    return parts > base ? parts : base;
  }

  isEdited(row: Row, month: number): boolean {
    return this.edits.get(row)?.has(month) ?? false;
  }

  problem(row: Row, month: number): string {
    return this.problems.get(`${row.key}:${month}`) ?? "";
  }

  /** Why a cell takes no change, or "". */
  locked(month: number): string {
    const found = this.months[month];
    if (!found) return "Sums follow by themselves.";
    if (!this.mayEdit) return this.lock || "You may look at this plan, not change it.";
    return found.shut ? `${found.label} is ${found.shut}, so its plan stays as it is.` : "";
  }

  yearTotal(row: Row): bigint {
    return this.months.reduce((sum, _, month) => sum + this.value(row, month), 0n);
  }

  // Changing

  /** Puts values into cells; answers what to undo. Cells of closed months are left out. */
  set(changes: readonly Change[]): Past {
    const past = changes
      .filter(({ month }) => !this.locked(month))
      .map(({ row, month, value }) => {
        const before = this.edits.get(row)?.get(month);
        return { row, month, before, after: value === row.base[month] ? undefined : value };
      })
      .filter(({ before, after }) => before !== after);
    this.apply(past, "after");
    return past;
  }

  apply(past: Past, side: "before" | "after"): void {
    for (const step of past) {
      const { row, month } = step;
      const value = step[side];
      const own = this.edits.get(row) ?? new Map<number, bigint>();
      if (value === undefined || value === row.base[month]) own.delete(month);
      else own.set(month, value);
      if (own.size) this.edits.set(row, own);
      else this.edits.delete(row);
      this.problems.delete(`${row.key}:${month}`);
    }
    if (past.length) this.sums.clear();
  }

  discard(): void {
    this.edits.clear();
    this.problems.clear();
    this.sums.clear();
    this.show();
  }

  get changed(): { row: Row; month: number; value: bigint }[] {
    return [...this.edits].flatMap(([row, months]) => [...months].map(([month, value]) => ({ row, month, value })));
  }

  cells(): CellContent[] {
    return this.changed.map(({ row, month, value }) => ({
      line: row.content.line, campaign_line: row.content.campaign_line, month: this.months[month]!.month,
      amount: plainText(value, row.content.digits), version: row.versions[month]!,
    }));
  }

  /** Marks what the server refused; a cell that somebody changed shows the new amount as the old one. */
  refuse(problems: readonly Problem[]): { row: Row; month: number } | undefined {
    let first: { row: Row; month: number } | undefined;
    for (const problem of problems) {
      const row = this.byKey.get(rowKey(problem.line, problem.campaign_line));
      const month = this.months.findIndex((one) => one.month === problem.month);
      if (!row || month < 0) continue;
      if (problem.amount !== undefined) row.base[month] = fromServer(problem.amount);
      if (problem.version !== undefined) row.versions[month] = problem.version;
      this.problems.set(`${row.key}:${month}`, problem.message);
      first ??= { row, month };
    }
    this.sums.clear();
    return first;
  }

  /** Marks a cell whose new text was not an amount; its old amount stays. */
  mark(row: Row, month: number, message: string): void {
    this.problems.set(`${row.key}:${month}`, message);
    this.marked.add(`${row.key}:${month}`);
  }

  /** Forgets those marks, but not what the server refused. */
  unmark(): void {
    for (const key of this.marked) this.problems.delete(key);
    this.marked.clear();
  }

  // Sums

  /** Changes of lines by currency: what the total of the plan would change by. */
  changeByCurrency(): Map<string, { minor: bigint; digits: number }> {
    const sums = new Map<string, { minor: bigint; digits: number }>();
    const lines = new Set(this.changed.map(({ row }) => this.lineOf(row)));
    for (const line of lines) {
      const { currency, digits } = line.content;
      const change = line.base.reduce((sum, base, month) => sum + this.value(line, month) - base, 0n);
      const before = sums.get(currency);
      sums.set(currency, { minor: (before?.minor ?? 0n) + change, digits });
    }
    return sums;
  }

  lineOf(row: Row): Row {
    return row.content.campaign_line === null ? row : this.byKey.get(rowKey(row.content.line, null)) ?? row;
  }

  /** A group's months in micros of the reporting currency; null where a rate is missing. */
  sumOf(key: string): readonly (bigint | null)[] {
    const known = this.sums.get(key);
    if (known) return known;
    const rows = this.members.get(key) ?? [];
    const made = this.months.map((_, month) => this.sumMonth(rows, month));
    this.sums.set(key, made);
    return made;
  }

  private sumMonth(rows: readonly Row[], month: number): bigint | null {
    let sum = 0n;
    for (const row of rows) {
      const value = this.value(row, month);
      if (value === 0n) continue;
      const rate = this.rates.get(row.content.currency)?.[month];
      if (!rate) return null;
      sum += converted(value * 10n ** BigInt(MICRO_DIGITS - row.content.digits), rate);
    }
    return sum;
  }

  // What is shown

  show(): void {
    const { by } = this.filter;
    const groups = new Map<string, Row[]>();
    for (const row of this.rows) {
      if (row.content.campaign_line !== null || !this.matches(row)) continue;
      const key = by === "team" ? row.content.team : row.content.channel;
      const members = groups.get(key);
      if (members) members.push(row);
      else groups.set(key, [row]);
    }
    this.members = new Map([...groups, ["", [...groups.values()].flat()]]);
    this.sums.clear();
    const names = by === "team" ? [...groups.keys()].sort((a, b) => a.localeCompare(b)) : [...groups.keys()];
    this.shown = names.flatMap((key) => this.group(key, groups.get(key)!));
  }

  private group(key: string, rows: readonly Row[]): Shown[] {
    const { channel, channel_name, team } = rows[0]!.content;
    const isTeam = this.filter.by === "team";
    const head: Shown = { kind: "group", key, label: isTeam ? team : channel_name, channel: isTeam ? "" : channel, count: rows.length };
    if (this.closed.has(key)) return [head];
    const lines = rows.flatMap((row) => this.filter.parts ? [row, ...row.parts] : [row]);
    return [head, ...lines.map((row): Shown => ({ kind: "row", row }))];
  }

  private matches(row: Row): boolean {
    const { find, team, channel, owner, changed } = this.filter;
    const { content } = row;
    if ((team && content.team !== team) || (channel && content.channel !== channel) || (owner && content.owner !== owner)) return false;
    if (changed && ![row, ...row.parts].some((one) => this.edits.has(one))) return false;
    const words = find.trim().toLowerCase();
    return !words || [row, ...row.parts].some((one) => one.content.name.toLowerCase().includes(words));
  }

  place(row: Row): number {
    return this.shown.findIndex((one) => one.kind === "row" && one.row === row);
  }
}

function rowKey(line: number, part: number | null): string {
  return `${line}/${part ?? ""}`;
}

function asRow(content: RowContent): Row {
  return {
    key: rowKey(content.line, content.campaign_line), content, base: content.amounts.map(fromServer),
    versions: [...content.versions], parts: [], pending: new Set(content.pending),
  };
}

function fraction(rate: [string, string] | null): [bigint, bigint] | null {
  return rate && [BigInt(rate[0]), BigInt(rate[1])];
}
