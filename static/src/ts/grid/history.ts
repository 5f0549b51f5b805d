// Steps that can be taken back, and taken again.
import type { Model, Past } from "./model";

const MOST = 500;

export class History {
  private done: Past[] = [];
  private undone: Past[] = [];

  constructor(private readonly model: Model) {}

  keep(past: Past): void {
    if (!past.length) return;
    this.done.push(past);
    if (this.done.length > MOST) this.done.shift();
    this.undone = [];
  }

  /** The step that was taken back, or nothing. */
  undo(): Past | undefined {
    const past = this.done.pop();
    if (!past) return undefined;
    this.model.apply(past, "before");
    this.undone.push(past);
    return past;
  }

  redo(): Past | undefined {
    const past = this.undone.pop();
    if (!past) return undefined;
    this.model.apply(past, "after");
    this.done.push(past);
    return past;
  }

  clear(): void {
    this.done = [];
    this.undone = [];
  }
}
