// The plan as a spreadsheet: reads it, shows it, and joins the parts on the page.
import { toast } from "../toasts";
import { fetchRows, type Places, Refused, type Saved } from "./content";
import { type Filter, Model } from "./model";
import { Saving } from "./saving";
import { Sheet } from "./sheet";
import { View } from "./view";

const FILTERS = ["find", "team", "channel", "owner", "by"] as const;

class Page {
  private readonly model = new Model();
  private readonly saving: Saving;
  private view?: View;
  private sheet?: Sheet;

  constructor(private readonly root: HTMLElement, private readonly places: Places) {
    this.saving = new Saving(root, this.model, places, {
      refused: (error) => this.refused(error),
      saved: (answer) => this.saved(answer),
      discarded: () => this.discarded(),
    });
  }

  async start(): Promise<void> {
    this.model.load(await fetchRows(this.places));
    this.fillFilters();
    const place = this.find("[data-plan-place]");
    this.view = new View(place, this.model, this.root.dataset["label"] ?? "Plan", "plan-help");
    this.sheet = new Sheet(this.model, this.view, () => this.told(), (text) => this.say(text));
    this.root.addEventListener("input", (event) => this.filtered(event));
    this.root.addEventListener("click", (event) => this.pressed(event));
    this.filter();
    const open = this.model.months.findIndex(({ shut }) => !shut);
    this.view.showMonth(Math.max(0, open));
    this.sheet.selection.go({ row: Math.min(1, this.model.shown.length - 1), month: Math.max(0, open) });
    this.told();
    this.root.dataset["planReady"] = "";
  }

  private find(selector: string): HTMLElement {
    return this.root.querySelector<HTMLElement>(selector)!;
  }

  // Filters

  private fillFilters(): void {
    const asked = new URLSearchParams(location.search);
    const lines = this.model.rows.filter(({ content }) => content.campaign_line === null).map(({ content }) => content);
    const options = {
      team: new Map(lines.map(({ team }) => [team, team])),
      channel: new Map(lines.map(({ channel, channel_name }) => [channel, channel_name])),
      owner: new Map(lines.map(({ owner }) => [owner, owner])),
    };
    for (const [name, values] of Object.entries(options)) {
      const field = this.find(`[name=${name}]`) as HTMLSelectElement;
      const sorted = name === "channel" ? [...values] : [...values].sort((a, b) => a[1].localeCompare(b[1]));
      field.append(...sorted.map(([value, label]) => new Option(label, value)));
    }
    for (const name of FILTERS) {
      const field = this.find(`[name=${name}]`) as HTMLSelectElement;
      const value = asked.get(name);
      if (value) field.value = value;
    }
  }

  private filter(): void {
    const field = (name: string): HTMLInputElement => this.find(`[name=${name}]`) as HTMLInputElement;
    const chosen: Filter = {
      find: field("find").value, team: field("team").value, channel: field("channel").value, owner: field("owner").value,
      by: field("by").value === "team" ? "team" : "channel", parts: field("parts").checked, changed: field("changed").checked,
    };
    this.model.filter = chosen;
    this.model.show();
    this.view?.refresh();
    this.sheet?.selection.by(0, 0);
    this.find("[data-plan-none]").hidden = this.model.shown.length > 0;
    const query = new URLSearchParams(location.search);
    for (const name of FILTERS) {
      const value = chosen[name];
      if (value && value !== "channel") query.set(name, value);
      else query.delete(name);
    }
    history.replaceState(history.state, "", `${location.pathname}?${query}`);
    this.told();
  }

  private filtered(event: Event): void {
    const field = event.target;
    if (field instanceof HTMLElement && field.closest("[data-plan-filter]")) this.filter();
  }

  private pressed(event: Event): void {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-plan-act]") : null;
    const acts: Record<string, () => void> = {
      undo: () => this.sheet?.undo(), redo: () => this.sheet?.redo(), fill: () => this.sheet?.fillRight(),
    };
    acts[button?.dataset["planAct"] ?? ""]?.();
    if (button) this.view?.grid.focus({ preventScroll: true });
  }

  // What stands above and below the grid

  private told(): void {
    const said = this.sheet?.describe();
    if (!said) return;
    this.find("[data-plan-name]").textContent = said.name;
    this.find("[data-plan-value]").textContent = said.value;
    const note = this.find("[data-plan-note]");
    note.textContent = said.note;
    note.classList.toggle("t-bad", said.isWrong);
    this.saving.show();
  }

  private say(text: string): void {
    this.find("[data-plan-said]").textContent = text;
    const note = this.find("[data-plan-note]");
    note.textContent = text;
  }

  private refused(error: Refused): void {
    const first = this.model.refuse(error.problems);
    this.view?.refresh();
    if (first && this.sheet) {
      const row = this.model.place(first.row);
      if (row >= 0) this.sheet.selection.go({ row, month: first.month });
    }
    this.told();
    toast({ text: error.message, tone: "bad" });
  }

  private async saved(answer: Saved): Promise<void> {
    this.sheet?.history.clear();
    this.model.discard();
    this.model.load(await fetchRows(this.places));
    this.filter();
    toast({ text: answer.text, tone: "good" });
    const place = document.querySelector<HTMLElement>("[data-plan-last]")!;
    place.hidden = !answer.url;
    const link = place.querySelector("a");
    if (link && answer.url) {
      link.href = answer.url;
      link.textContent = answer.request ?? "";
    }
  }

  private discarded(): void {
    this.sheet?.history.clear();
    this.view?.refresh();
    this.filter();
  }
}

/** Starts every plan on the page. */
export function startGrid(root: HTMLElement): void {
  const { rows = "", preview = "", save = "", token = "" } = root.dataset;
  void new Page(root, { rows, preview, save, token }).start().catch((error: unknown) => {
    const place = root.querySelector<HTMLElement>("[data-plan-place]");
    const failed = root.querySelector<HTMLElement>("[data-plan-failed]");
    place?.replaceChildren();
    if (failed) failed.hidden = false;
    if (!(error instanceof Refused)) throw error;
  });
}
