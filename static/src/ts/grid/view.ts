// Draws what can be seen of the plan: a fixed number of rows that move along with the scroll.
import { element, icon } from "../dom";
import { shownText } from "./amounts";
import type { Model, Row, Shown } from "./model";

export interface Spot { row: number; month: number }
export interface Block { top: number; bottom: number; left: number; right: number }

const SPARE = 6;
const MICROS = 6;
const HEAD_ROWS = 2;

interface Cells { line: HTMLElement; name: HTMLElement; months: HTMLElement[]; at: number }

export class View {
  readonly grid: HTMLElement;
  readonly scroller: HTMLElement;
  private readonly body: HTMLElement;
  private readonly totals: HTMLElement[] = [];
  private pool: Cells[] = [];
  private height = 34;
  private headHeight = 0;
  private waiting = false;

  constructor(place: HTMLElement, private readonly model: Model, label: string, helpId: string) {
    this.scroller = element({ tag: "div", className: "plan-scroll sheet-scroll" });
    this.grid = part("div", "grid", "plan-table");
    this.grid.tabIndex = 0;
    this.grid.setAttribute("aria-label", label);
    this.grid.setAttribute("aria-multiselectable", "true");
    this.grid.setAttribute("aria-describedby", helpId);
    this.body = part("div", "rowgroup", "plan-body");
    this.grid.append(this.head(), this.body);
    this.scroller.append(this.grid);
    place.replaceChildren(this.scroller);
    this.fit();
    this.height = Number.parseFloat(getComputedStyle(this.grid).getPropertyValue("--plan-h")) || this.height;
    this.scroller.addEventListener("scroll", () => this.later(), { passive: true });
    addEventListener("resize", () => this.refresh());
  }

  // Parts that stay

  private head(): HTMLElement {
    const { months, currency } = this.model;
    const head = part("div", "rowgroup", "plan-head");
    const names = part("div", "row", "plan-row");
    names.setAttribute("aria-rowindex", "1");
    names.append(column(`Line, ${currency} in sums`, 1, "plan-name"));
    months.forEach(({ shut }, number) => {
      const cell = column(this.monthLabel(number), number + 2, shut ? "plan-cell is-shut" : "plan-cell");
      if (shut) cell.append(icon("lock", shut));
      names.append(cell);
    });
    names.append(column("Year", months.length + 2, "plan-cell plan-sum"));
    const sums = part("div", "row", "plan-row plan-all");
    sums.setAttribute("aria-rowindex", "2");
    const all = part("div", "rowheader", "plan-name");
    all.setAttribute("aria-colindex", "1");
    all.textContent = "All lines";
    sums.append(all);
    for (let number = 0; number <= months.length; number += 1) {
      const cell = part("div", "gridcell", number === months.length ? "plan-cell plan-sum" : "plan-cell");
      cell.setAttribute("aria-colindex", String(number + 2));
      cell.setAttribute("aria-readonly", "true");
      this.totals.push(cell);
      sums.append(cell);
    }
    head.append(names, sums);
    return head;
  }

  /** "Mar"; in a plan over two calendar years each year's first month names it. */
  private monthLabel(number: number): string {
    const years = this.model.months.map(({ label }) => label.split(" ")[1]);
    const { label } = this.model.months[number]!;
    return new Set(years).size > 1 && years[number] !== years[number - 1] ? label : label.split(" ")[0] ?? label;
  }

  /** Columns wide enough for the longest sum, and no wider: twelve months fit on a desk. */
  private fit(): void {
    const sums = this.model.sumOf("");
    const whole = sums.reduce<bigint>((all, sum) => all + (sum ?? 0n), 0n);
    const length = (micros: bigint): number => shownText(rounded(micros), 0).length;
    const longest = Math.max(...sums.map((sum) => length(sum ?? 0n)), 0);
    this.grid.style.setProperty("--plan-chars", String(longest));
    this.grid.style.setProperty("--plan-sum-chars", String(length(whole)));
  }

  private makeRow(): Cells {
    const line = part("div", "row", "plan-row");
    const name = part("div", "rowheader", "plan-name");
    name.setAttribute("aria-colindex", "1");
    const months = Array.from({ length: this.model.months.length + 1 }, (_, number) => {
      const cell = part("div", "gridcell", "plan-cell");
      cell.setAttribute("aria-colindex", String(number + 2));
      return cell;
    });
    line.append(name, ...months);
    this.body.append(line);
    return { line, name, months, at: -1 };
  }

  // Drawing

  /** Everything anew, after a change of rows, values or the place. */
  refresh(): void {
    const { shown, months } = this.model;
    this.headHeight = this.grid.firstElementChild!.getBoundingClientRect().height;
    this.body.style.height = `${shown.length * this.height}px`;
    this.grid.setAttribute("aria-rowcount", String(shown.length + HEAD_ROWS));
    this.grid.setAttribute("aria-colcount", String(months.length + 2));
    const wanted = Math.min(shown.length, Math.ceil(this.scroller.clientHeight / this.height) + 2 * SPARE);
    while (this.pool.length < wanted) this.pool.push(this.makeRow());
    while (this.pool.length > wanted) this.pool.pop()!.line.remove();
    for (const cells of this.pool) cells.at = -1;
    this.drawTotals();
    this.draw();
  }

  private later(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  /** Only rows that came into sight since the last time are written. */
  private draw(): void {
    const { shown } = this.model;
    const size = this.pool.length;
    if (!size) return this.nameActive();
    const first = Math.max(0, Math.min(Math.floor(this.scroller.scrollTop / this.height) - SPARE, shown.length - size));
    for (let number = first; number < first + size; number += 1) {
      const cells = this.pool[number % size]!;
      if (cells.at !== number) this.drawRow(cells, number);
    }
    this.nameActive();
  }

  private drawRow(cells: Cells, number: number): void {
    const one = this.model.shown[number]!;
    cells.at = number;
    cells.line.style.transform = `translateY(${number * this.height}px)`;
    cells.line.setAttribute("aria-rowindex", String(number + HEAD_ROWS + 1));
    cells.months.forEach((cell, month) => { cell.id = `plan-${number}-${month}`; });
    if (one.kind === "group") this.drawGroup(cells, one);
    else this.drawLine(cells, one.row);
    this.paint(cells);
  }

  private drawGroup(cells: Cells, group: Extract<Shown, { kind: "group" }>): void {
    const isOpen = !this.model.closed.has(group.key);
    cells.line.className = "plan-row plan-group";
    cells.name.setAttribute("aria-expanded", String(isOpen));
    const mark = element({ tag: "i", className: `mark ch-${group.channel}` });
    mark.setAttribute("aria-hidden", "true");
    cells.name.replaceChildren(icon(isOpen ? "chevron-down" : "chevron-right"), ...(group.channel ? [mark] : []), text("span", group.label), text("span", String(group.count), "muted"));
    cells.name.title = "";
    writeSums(cells.months, this.model.sumOf(group.key));
  }

  private drawLine(cells: Cells, row: Row): void {
    const { content } = row;
    const isPart = content.campaign_line !== null;
    cells.line.className = isPart ? "plan-row plan-part" : "plan-row";
    cells.name.removeAttribute("aria-expanded");
    cells.name.title = `${content.name} · ${content.team} · ${content.owner} · in ${content.currency}`;
    const code = content.currency === this.model.currency ? [] : [text("span", content.currency, "muted")];
    cells.name.replaceChildren(text("span", content.name), ...code);
    const last = this.model.months.length;
    cells.months.forEach((cell, month) => {
      if (month === last) {
        write(cell, "plan-cell plan-sum", "");
        cell.textContent = shownText(this.model.yearTotal(row), content.digits);
      } else this.drawCell(cell, row, month);
    });
  }

  private drawCell(cell: HTMLElement, row: Row, month: number): void {
    const { model } = this;
    const value = model.value(row, month);
    const problem = model.problem(row, month);
    const isLocked = model.locked(month) !== "";
    const isEdited = model.isEdited(row, month) || value !== row.base[month];
    write(cell, `plan-cell${isLocked ? " is-shut" : ""}${isEdited ? " is-edited" : ""}${problem ? " is-wrong" : ""}${row.pending.has(month) ? " is-pending" : ""}`, problem, isLocked);
    const shown = shownText(value, row.content.digits);
    if (isEdited) cell.replaceChildren(text("span", shown), text("small", `was ${shownText(row.base[month]!, row.content.digits)}`));
    else cell.textContent = shown;
  }

  private drawTotals(): void {
    writeSums(this.totals, this.model.sumOf(""));
  }

  // Where the person is

  private active: Spot = { row: 0, month: 0 };
  private block: Block = { top: 0, bottom: 0, left: 0, right: 0 };

  point(active: Spot, block: Block): void {
    this.active = active;
    this.block = block;
    this.reveal(active);
    this.draw();
    for (const cells of this.pool) this.paint(cells);
  }

  /** Which cells of a row are chosen, and which one is active. */
  private paint({ at, months }: Cells): void {
    const { top, bottom, left, right } = this.block;
    const isInside = at >= top && at <= bottom;
    months.forEach((cell, month) => {
      if (isInside && month >= left && month <= right) cell.setAttribute("aria-selected", "true");
      else if (cell.hasAttribute("aria-selected")) cell.removeAttribute("aria-selected");
      cell.classList.toggle("is-active", at === this.active.row && month === this.active.month);
    });
  }

  /** Tells where the focus is, as long as that row is drawn. */
  private nameActive(): void {
    const isHere = this.pool.some(({ at }) => at === this.active.row);
    if (isHere) this.grid.setAttribute("aria-activedescendant", `plan-${this.active.row}-${this.active.month}`);
    else this.grid.removeAttribute("aria-activedescendant");
  }

  /** Scrolls just as far as needed to show a cell beside the frozen column and under the head. */
  private reveal({ row, month }: Spot): void {
    const top = row * this.height;
    const room = this.scroller.clientHeight - this.headHeight;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    else if (top + this.height > this.scroller.scrollTop + room) this.scroller.scrollTop = top + this.height - room;
    const cell = this.totals[month];
    if (!cell) return;
    const name = this.nameWidth();
    const left = cell.offsetLeft - name;
    if (left < this.scroller.scrollLeft) this.scroller.scrollLeft = left;
    else if (left + cell.offsetWidth > this.scroller.scrollLeft + this.scroller.clientWidth - name) {
      this.scroller.scrollLeft = left + cell.offsetWidth - this.scroller.clientWidth + name;
    }
  }

  private nameWidth(): number {
    return this.grid.querySelector<HTMLElement>(".plan-name")?.offsetWidth ?? 0;
  }

  showMonth(month: number): void {
    const cell = this.totals[month];
    if (cell) this.scroller.scrollLeft = Math.max(0, cell.offsetLeft - this.nameWidth());
  }

  get page(): number {
    return Math.max(1, Math.floor((this.scroller.clientHeight - this.headHeight) / this.height) - 1);
  }

  /** Which cell lies under a pointer; ``name`` is the frozen first column. */
  find(target: EventTarget | null): (Spot & { name: boolean }) | undefined {
    if (!(target instanceof Element)) return undefined;
    const line = target.closest(".plan-body .plan-row");
    const cells = this.pool.find((one) => one.line === line);
    if (!cells) return undefined;
    const month = cells.months.findIndex((cell) => cell.contains(target));
    return { row: cells.at, month: Math.max(0, month), name: month < 0 };
  }

  /** Puts an editor over a cell; it scrolls along. */
  cover(input: HTMLElement, { row, month }: Spot): void {
    const cell = this.totals[month]!;
    input.style.top = `${this.headHeight + row * this.height}px`;
    input.style.left = `${cell.offsetLeft}px`;
    input.style.width = `${cell.offsetWidth}px`;
    input.style.height = `${this.height}px`;
    if (!input.isConnected) this.scroller.append(input);
  }
}

function part(tag: string, role: string, className: string): HTMLElement {
  const made = element({ tag, className });
  made.setAttribute("role", role);
  return made;
}

function column(label: string, index: number, className: string): HTMLElement {
  const made = part("div", "columnheader", className);
  made.setAttribute("aria-colindex", String(index));
  made.append(text("span", label));
  return made;
}

function text(tag: string, shown: string, className = ""): HTMLElement {
  return element({ tag, text: shown, className });
}

/** How a cell looks and what is wrong with it; only what is different is touched. */
function write(cell: HTMLElement, className: string, problem: string, isLocked = true): void {
  if (cell.className !== className) cell.className = className;
  if (cell.getAttribute("aria-readonly") !== String(isLocked)) cell.setAttribute("aria-readonly", String(isLocked));
  if (cell.title === problem) return;
  cell.title = problem;
  cell.toggleAttribute("aria-invalid", false);
  if (problem) cell.setAttribute("aria-invalid", "true");
}

function writeSums(cells: readonly HTMLElement[], sums: readonly (bigint | null)[]): void {
  const isKnown = sums.every((sum) => sum !== null);
  const whole = sums.reduce<bigint>((all, sum) => all + (sum ?? 0n), 0n);
  cells.forEach((cell, month) => {
    const sum = month < sums.length ? sums[month] : isKnown ? whole : null;
    write(cell, month < sums.length ? "plan-cell" : "plan-cell plan-sum", "");
    cell.textContent = sum === null || sum === undefined ? "no rate" : shownText(rounded(sum), 0);
  });
}

/** Whole units of micros, half to even. */
function rounded(micros: bigint): bigint {
  const unit = 10n ** BigInt(MICROS);
  let whole = micros / unit;
  const twice = (micros % unit) * 2n;
  if (twice > unit || (twice === unit && whole % 2n)) whole += 1n;
  return whole;
}
