// The field that opens over a cell.
import type { Spot, View } from "./view";

type Done = (text: string, move: readonly [number, number]) => void;

export class Editor {
  readonly input = document.createElement("input");
  private isTyped = false;
  private isOpen = false;

  constructor(private readonly view: View, private readonly done: Done) {
    this.input.className = "plan-editor";
    this.input.inputMode = "decimal";
    this.input.autocomplete = "off";
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.finish([0, 0], false));
  }

  get open(): boolean {
    return this.isOpen;
  }

  /** Opens over a cell with a text; ``typed`` when the person began by typing over the old amount. */
  start(spot: Spot, text: string, label: string, typed: boolean): void {
    this.isTyped = typed;
    this.isOpen = true;
    this.input.hidden = false;
    this.input.value = text;
    this.input.setAttribute("aria-label", label);
    this.view.cover(this.input, spot);
    this.input.focus({ preventScroll: true });
    if (!typed) this.input.select();
  }

  private key(event: KeyboardEvent): void {
    const move = this.moveOf(event);
    if (event.key === "Escape") this.close();
    else if (move) this.finish(move, true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private moveOf(event: KeyboardEvent): readonly [number, number] | undefined {
    const back = event.shiftKey ? -1 : 1;
    if (event.key === "Enter") return [back, 0];
    if (event.key === "Tab") return [0, back];
    if (!this.isTyped) return undefined;
    const arrows: Record<string, readonly [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    return arrows[event.key];
  }

  private finish(move: readonly [number, number], refocus: boolean): void {
    if (!this.isOpen) return;
    const text = this.input.value;
    this.close(refocus);
    this.done(text, move);
  }

  private close(refocus = true): void {
    this.isOpen = false;
    this.input.hidden = true;
    if (refocus) this.view.grid.focus({ preventScroll: true });
  }
}
