// The cell a person is in, and the block they chose from it.
import type { Model, Row } from "./model";
import type { Block, Spot, View } from "./view";

export class Selection {
  private anchor: Spot = { row: 0, month: 0 };
  active: Spot = { row: 0, month: 0 };

  constructor(private readonly model: Model, private readonly view: View) {}

  get block(): Block {
    const [a, b] = [this.anchor, this.active];
    return {
      top: Math.min(a.row, b.row), bottom: Math.max(a.row, b.row),
      left: Math.min(a.month, b.month), right: Math.max(a.month, b.month),
    };
  }

  /** Goes to a cell inside the plan; ``extend`` keeps where the block began. */
  go(spot: Spot, extend = false): void {
    const row = Math.max(0, Math.min(spot.row, this.model.shown.length - 1));
    const month = Math.max(0, Math.min(spot.month, this.model.months.length));
    this.active = { row, month };
    if (!extend) this.anchor = this.active;
    this.view.point(this.active, this.block);
  }

  by(rows: number, months: number, extend = false): void {
    this.go({ row: this.active.row + rows, month: this.active.month + months }, extend);
  }

  /** The next cell of the row, then the first of the next row; false at the end of the plan. */
  next(step: 1 | -1): boolean {
    const last = this.model.months.length;
    const month = this.active.month + step;
    if (month >= 0 && month <= last) {
      this.by(0, step);
      return true;
    }
    const row = this.active.row + step;
    if (row < 0 || row >= this.model.shown.length) return false;
    this.go({ row, month: step > 0 ? 0 : last });
    return true;
  }

  all(): void {
    this.anchor = { row: 0, month: 0 };
    this.active = { row: this.model.shown.length - 1, month: this.model.months.length - 1 };
    this.view.point(this.active, this.block);
  }

  row(number = this.active.row): Row | undefined {
    const one = this.model.shown[number];
    return one?.kind === "row" ? one.row : undefined;
  }

  /** Every month of every line in the block. */
  cells(): { row: Row; month: number }[] {
    const { top, bottom, left, right } = this.block;
    const found: { row: Row; month: number }[] = [];
    for (let number = top; number <= bottom; number += 1) {
      const row = this.row(number);
      for (let month = left; row && month <= Math.min(right, this.model.months.length - 1); month += 1) found.push({ row, month });
    }
    return found;
  }
}
