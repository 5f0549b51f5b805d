// One plan on a page: keys, pointer, clipboard and the field, acting on the model.
import { plainText, provenMark, readMinor, readTyped, shownText } from "./amounts";
import { Editor } from "./editor";
import { History } from "./history";
import type { Change, Model } from "./model";
import { Selection } from "./selection";
import { readTsv, writeTsv } from "./tsv";
import type { View } from "./view";

const TYPED = /^[\d.,=+€$£¥-]$/;

export class Sheet {
  readonly history: History;
  readonly selection: Selection;
  private readonly editor: Editor;
  private mayLeave = false;
  /** Whether the last step was a slip that only left marks: then it is what undo takes back. */
  private isSlip = false;

  constructor(private readonly model: Model, private readonly view: View, private readonly told: () => void, private readonly say: (text: string) => void) {
    this.history = new History(model);
    this.selection = new Selection(model, view);
    this.editor = new Editor(view, (text, move) => this.commit(text, move));
    view.grid.addEventListener("keydown", (event) => this.key(event));
    view.grid.addEventListener("focus", () => { this.mayLeave = false; });
    view.grid.addEventListener("pointerdown", (event) => this.press(event));
    view.grid.addEventListener("dblclick", () => this.edit());
    for (const kind of ["copy", "cut", "paste"] as const) document.addEventListener(kind, (event) => this.clip(event));
  }

  // Changing

  /** Whether anything is another amount now. */
  private change(changes: readonly Change[]): boolean {
    const past = this.model.set(changes);
    this.history.keep(past);
    if (past.length) this.isSlip = false;
    if (!past.length && changes.length) this.say(this.model.locked(changes[0]!.month) || "Nothing changed.");
    this.changed();
    return past.length > 0;
  }

  private changed(): void {
    this.view.refresh();
    this.told();
  }

  undo(): void {
    if (this.isSlip) return this.forgetSlip();
    this.step(this.history.undo(), "There is nothing to take back.");
  }

  redo(): void {
    this.step(this.history.redo(), "There is nothing to do again.");
  }

  private step(past: ReturnType<History["undo"]>, nothing: string): void {
    if (!past) return this.say(nothing);
    this.isSlip = false;
    this.model.unmark();
    const first = past[0]!;
    const row = this.model.place(first.row);
    if (row >= 0) this.selection.go({ row, month: first.month });
    this.changed();
  }

  private forgetSlip(): void {
    this.isSlip = false;
    this.model.unmark();
    this.changed();
  }

  edit(typed?: string): void {
    const { row: number, month } = this.selection.active;
    const row = this.selection.row();
    if (!row) return this.fold();
    const locked = this.model.locked(month);
    if (locked) return this.say(locked);
    const { digits, name } = row.content;
    const text = typed ?? plainText(this.model.value(row, month), digits);
    this.editor.start({ row: number, month }, text, `${name}, ${this.model.months[month]!.label}`, typed !== undefined);
  }

  private commit(text: string, [rows, months]: readonly [number, number]): void {
    const row = this.selection.row();
    const { month } = this.selection.active;
    if (row) {
      const read = readTyped(text, row.content.digits);
      // Who typed something wrong stays there, with the reason in sight.
      if ("problem" in read) return this.wrong(row, month, read.problem);
      this.change([{ row, month, value: read.minor }]);
    }
    if (!rows && !months) return;
    this.selection.by(rows, months);
    this.told();
  }

  private wrong(row: Change["row"], month: number, problem: string): void {
    this.isSlip = true;
    this.model.mark(row, month, problem);
    this.say(problem);
    this.changed();
  }

  clear(): void {
    this.change(this.selection.cells().map((cell) => ({ ...cell, value: 0n })));
  }

  /** The first amount of each chosen line into the months to its right. */
  fillRight(): void {
    const { left } = this.selection.block;
    this.change(this.selection.cells().filter(({ month }) => month > left).map(({ row, month }) => ({ row, month, value: this.model.value(row, left) })));
  }

  fold(): void {
    const one = this.model.shown[this.selection.active.row];
    if (one?.kind !== "group") return;
    if (!this.model.closed.delete(one.key)) this.model.closed.add(one.key);
    this.model.show();
    this.selection.by(0, 0);
    this.changed();
  }

  // Clipboard

  private clip(event: ClipboardEvent): void {
    if (document.activeElement !== this.view.grid || !event.clipboardData) return;
    event.preventDefault();
    if (event.type === "paste") return this.paste(event.clipboardData.getData("text/plain"));
    event.clipboardData.setData("text/plain", this.copied());
    if (event.type === "cut") this.clear();
  }

  private copied(): string {
    const { top, bottom, left, right } = this.selection.block;
    const rows: string[][] = [];
    for (let number = top; number <= bottom; number += 1) {
      const row = this.selection.row(number);
      if (!row) continue;
      const values = Array.from({ length: right - left + 1 }, (_, at) => left + at);
      rows.push(values.map((month) => plainText(month < this.model.months.length ? this.model.value(row, month) : this.model.yearTotal(row), row.content.digits)));
    }
    return writeTsv(rows);
  }

  /** From the active cell on; one amount fills the whole chosen block. Sums in between are skipped. */
  private paste(text: string): void {
    const table = readTsv(text);
    const mark = provenMark(table.flat());
    const { top, left } = this.selection.block;
    const isOne = table.length === 1 && table[0]!.length === 1;
    const targets = isOne ? this.selection.cells().map((cell) => ({ ...cell, text: table[0]![0]! })) : this.targets(table, top, left);
    const open = targets.filter(({ month }) => !this.model.locked(month));
    const changes: Change[] = [];
    const wrong: { row: Change["row"]; month: number; problem: string }[] = [];
    for (const { row, month, text: cell } of open) {
      const read = readMinor(cell, row.content.digits, mark);
      if ("problem" in read) wrong.push({ row, month, problem: read.problem });
      else changes.push({ row, month, value: read.minor });
    }
    const isKept = changes.length > 0 && this.change(changes);
    if (wrong.length) this.isSlip = !isKept;
    for (const { row, month, problem } of wrong) this.model.mark(row, month, problem);
    if (wrong.length) this.changed();
    const shut = targets.length - open.length;
    const told = [
      wrong.length > 1 ? `${wrong.length} pasted texts are not amounts; they are marked. The first:` : "", wrong[0]?.problem ?? "",
      shut && !open.length ? this.model.locked(targets[0]!.month) : shut ? `${shut === 1 ? "1 amount" : `${shut} amounts`} fell on months that take no change and stayed out.` : "",
    ].filter(Boolean).join(" ");
    if (told) this.say(told);
  }

  private targets(table: readonly string[][], top: number, left: number): { row: Change["row"]; month: number; text: string }[] {
    const found: { row: Change["row"]; month: number; text: string }[] = [];
    let number = top;
    for (const line of table) {
      while (number < this.model.shown.length && !this.selection.row(number)) number += 1;
      const row = this.selection.row(number);
      if (!row) break;
      line.forEach((text, at) => { if (left + at < this.model.months.length) found.push({ row, month: left + at, text }); });
      number += 1;
    }
    return found;
  }

  // Keys and pointer

  private key(event: KeyboardEvent): void {
    if (event.altKey) return;
    const isDone = event.ctrlKey || event.metaKey ? this.chord(event) : this.plain(event);
    if (isDone) event.preventDefault();
  }

  private chord(event: KeyboardEvent): boolean {
    const last = { row: this.model.shown.length - 1, month: this.model.months.length - 1 };
    const acts: Record<string, () => void> = {
      z: () => (event.shiftKey ? this.redo() : this.undo()), y: () => this.redo(), r: () => this.fillRight(), a: () => this.selection.all(),
      home: () => this.selection.go({ row: 0, month: 0 }, event.shiftKey), end: () => this.selection.go(last, event.shiftKey),
      arrowup: () => this.selection.go({ ...this.selection.active, row: 0 }, event.shiftKey), arrowdown: () => this.selection.go({ ...this.selection.active, row: last.row }, event.shiftKey),
      arrowleft: () => this.selection.go({ ...this.selection.active, month: 0 }, event.shiftKey), arrowright: () => this.selection.go({ ...this.selection.active, month: last.month }, event.shiftKey),
    };
    const act = acts[event.key.toLowerCase()];
    // Without a block there is nothing to fill, and the browser keeps its own key.
    if (!act || (event.key.toLowerCase() === "r" && this.selection.block.left === this.selection.block.right)) return false;
    act();
    return true;
  }

  private plain(event: KeyboardEvent): boolean {
    const { key, shiftKey } = event;
    const { page } = this.view;
    const steps: Record<string, readonly [number, number]> = {
      ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-page, 0], PageDown: [page, 0],
    };
    const step = steps[key];
    if (step) this.selection.by(...step, shiftKey);
    else if (key === "Home") this.selection.go({ ...this.selection.active, month: 0 }, shiftKey);
    else if (key === "End") this.selection.go({ ...this.selection.active, month: this.model.months.length - 1 }, shiftKey);
    else if (key === "Tab") return this.tab(shiftKey);
    else if (key === "Enter" || key === "F2") this.edit();
    else if (key === "Delete" || key === "Backspace") this.clear();
    else if (key === "Escape") this.escape();
    else if (TYPED.test(key)) this.edit(key);
    else return false;
    if (key !== "Escape") this.mayLeave = false;
    this.told();
    return true;
  }

  /** Tab goes on to the next cell; after Escape, and at the end of the plan, it leaves the grid. */
  private tab(back: boolean): boolean {
    if (this.mayLeave) return false;
    const isInside = this.selection.next(back ? -1 : 1);
    if (isInside) this.told();
    return isInside;
  }

  private escape(): void {
    this.mayLeave = true;
    this.selection.go(this.selection.active);
    this.say("Tab now leaves the grid.");
  }

  private press(event: PointerEvent): void {
    const spot = this.view.find(event.target);
    if (!spot || event.button > 0) return;
    const wasHere = this.selection.active.row === spot.row && this.selection.active.month === spot.month;
    this.selection.go(spot, event.shiftKey);
    this.told();
    const isGroup = this.model.shown[spot.row]?.kind === "group";
    if (spot.name && isGroup) this.fold();
    else if (event.pointerType === "mouse" && !isGroup) this.drag();
    else if (wasHere && !spot.name) this.view.grid.addEventListener("pointerup", () => this.edit(), { once: true });
  }

  private drag(): void {
    const move = (event: PointerEvent): void => {
      const spot = this.view.find(event.target);
      if (!spot || spot.name) return;
      if (spot.row !== this.selection.active.row || spot.month !== this.selection.active.month) this.selection.go(spot, true);
    };
    this.view.grid.addEventListener("pointermove", move);
    addEventListener("pointerup", () => {
      this.view.grid.removeEventListener("pointermove", move);
      this.told();
    }, { once: true });
  }

  /** What stands above the grid about the active cell. */
  describe(): { name: string; value: string; note: string; isWrong: boolean } {
    const row = this.selection.row();
    const { month } = this.selection.active;
    const found = this.model.months[month];
    if (!row || !found) return { name: row?.content.name ?? "", value: "", note: "Sums follow by themselves.", isWrong: false };
    const { content } = row;
    const value = this.model.value(row, month);
    const was = value === row.base[month] ? "" : `was ${shownText(row.base[month]!, content.digits)}`;
    const problem = this.model.problem(row, month);
    const waits = row.pending.has(month) ? "A request would change this month." : "";
    return {
      name: `${content.name} · ${found.label}`,
      value: `${content.currency} ${shownText(value, content.digits)}`,
      note: problem || [was, this.model.locked(month), waits, `${content.team}, ${content.owner}`].filter(Boolean).join(" · "),
      isWrong: problem !== "",
    };
  }
}
