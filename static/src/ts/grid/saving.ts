// The bar of unsaved changes: what they come to, why they are made, a look at what happens, then saving.
import { signedText } from "./amounts";
import { type Places, Refused, type Review, type Saved, send } from "./content";
import type { Model } from "./model";

export interface Hooks { refused(error: Refused): void; saved(answer: Saved): Promise<void>; discarded(): void }

export class Saving {
  private readonly bar: HTMLElement;
  private readonly told: HTMLElement;
  private readonly reason: HTMLTextAreaElement | HTMLInputElement;
  private readonly box: HTMLDialogElement;
  private isBusy = false;

  constructor(root: HTMLElement, private readonly model: Model, private readonly places: Places, private readonly hooks: Hooks) {
    this.bar = root.querySelector<HTMLElement>("[data-plan-bar]")!;
    this.told = this.bar.querySelector<HTMLElement>("[data-plan-count]")!;
    this.reason = this.bar.querySelector<HTMLInputElement>("[name=reason]")!;
    this.box = document.querySelector<HTMLDialogElement>("#plan-review")!;
    this.bar.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      void this.review();
    });
    this.bar.querySelector("[data-plan-discard]")!.addEventListener("click", () => this.discard());
    this.box.querySelector("[data-plan-save]")!.addEventListener("click", () => void this.save());
    addEventListener("beforeunload", (event) => {
      if (this.model.changed.length) event.preventDefault();
    });
  }

  show(): void {
    const count = this.model.changed.length;
    this.bar.hidden = count === 0;
    if (!count) return;
    const lines = new Set(this.model.changed.map(({ row }) => this.model.lineOf(row))).size;
    const sums = [...this.model.changeByCurrency()]
      .filter(([, { minor }]) => minor !== 0n)
      .map(([currency, { minor, digits }]) => `${currency} ${signedText(minor, digits)}`);
    this.told.textContent = `${count === 1 ? "1 cell" : `${count.toLocaleString("en")} cells`}, total ${sums.join(", ") || "unchanged"}, ${lines === 1 ? "1 line" : `${lines.toLocaleString("en")} lines`}`;
  }

  private discard(): void {
    this.model.discard();
    this.hooks.discarded();
  }

  private async review(): Promise<void> {
    if (!this.reason.value.trim()) {
      this.reason.focus();
      return this.hooks.refused(new Refused("Say why the plan changes.", []));
    }
    await this.work(async () => {
      const found = await send<Review>(this.places.preview, this.places, this.model.cells(), this.reason.value);
      this.fill(found);
      this.box.showModal();
    });
  }

  private fill(found: Review): void {
    const lines: string[] = [];
    if (found.at_once) lines.push(`${found.at_once === 1 ? "1 amount gives" : `${found.at_once} amounts give`} out money that its line still has: it takes effect at once.`);
    if (found.asked) lines.push(`${found.title}. This is sent as one request over ${found.asked}; ${found.deciders} decides.`);
    const list = this.box.querySelector("[data-plan-outcome]")!;
    list.replaceChildren(...lines.map((line) => {
      const item = document.createElement("li");
      item.textContent = line;
      return item;
    }));
    this.box.querySelector("[data-plan-reason]")!.textContent = this.reason.value;
  }

  private async save(): Promise<void> {
    await this.work(async () => {
      const done = await send<Saved>(this.places.save, this.places, this.model.cells(), this.reason.value);
      this.reason.value = "";
      this.box.close();
      await this.hooks.saved(done);
    });
  }

  /** One thing at a time; a refusal closes the box and marks the cells. */
  private async work(act: () => Promise<void>): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    this.bar.classList.add("is-busy");
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.box.close();
      this.hooks.refused(error);
    } finally {
      this.isBusy = false;
      this.bar.classList.remove("is-busy");
    }
  }
}
