// Files dropped or chosen, uploads with a real bar, forms that send once, filters that apply themselves.
import { element, on } from "./dom";
import { toast } from "./toasts";

function showName(zone: HTMLElement, files: FileList | null): void {
  const place = zone.querySelector<HTMLElement>("[data-dropzone-name]");
  const file = files?.[0];
  if (place && file) place.textContent = `${file.name}, ${(file.size / 1e6).toFixed(1)} MB`;
}

function startDropzones(): void {
  for (const [kind, isOver] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]] as const) {
    on(kind, "[data-dropzone]", (zone) => zone.classList.toggle("is-over", isOver));
  }
  on<HTMLInputElement>("change", "[data-dropzone] input", (input) => {
    showName(input.closest<HTMLElement>("[data-dropzone]")!, input.files);
  });
}

function uploadBar(form: HTMLFormElement): { show(share: number): void; done(): void } {
  const box = element({ tag: "div", className: "work" });
  const told = element({ tag: "p", text: "Uploading" });
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.setAttribute("aria-label", "Upload");
  box.append(told, bar);
  form.append(box);
  return {
    show(share) {
      bar.value = share;
      told.textContent = share < 1 ? `Uploading, ${Math.round(share * 100)} %` : "Reading the file";
    },
    done: () => box.remove(),
  };
}

/** Sends the form by XMLHttpRequest, the only way a browser tells how much was sent. */
function upload(form: HTMLFormElement): void {
  const request = new XMLHttpRequest();
  const bar = uploadBar(form);
  form.classList.add("is-busy");
  request.open("POST", form.action);
  request.upload.addEventListener("progress", (event) => bar.show(event.loaded / (event.total || 1)));
  request.addEventListener("load", () => {
    if (request.status < 400 && request.responseURL !== form.action) return location.assign(request.responseURL);
    bar.done();
    form.classList.remove("is-busy");
    showAnswer(request.responseText, request.status);
  });
  request.addEventListener("error", () => {
    bar.done();
    form.classList.remove("is-busy");
    toast({ text: "The upload broke off. Nothing was kept; try again.", tone: "bad" });
  });
  request.send(new FormData(form));
}

/** Puts the page the server answered with in place of this one (a form with errors, a next step). */
function showAnswer(text: string, status: number): void {
  const answer = new DOMParser().parseFromString(text, "text/html");
  const main = answer.querySelector("main");
  if (!main) {
    const told = answer.querySelector("[data-error-text]")?.textContent?.trim();
    return toast({ text: told || `The server answered ${status}. Nothing was kept.`, tone: "bad" });
  }
  const here = document.querySelector("main")!;
  here.replaceChildren(...main.childNodes);
  window.htmx.process(here);
  document.dispatchEvent(new CustomEvent("htmx:after:swap"));
}

interface HtmxRequest { ctx: { sourceElement: Element; request: { method: string; body?: FormData } } }

/** A filter keeps the table's order and columns in the address, and leaves empty fields out of it. */
function tidyQuery(event: Event): void {
  const { sourceElement: form, request } = (event as CustomEvent<HtmxRequest>).detail.ctx;
  if (!(form instanceof HTMLFormElement) || request.method.toUpperCase() !== "GET" || !(request.body instanceof FormData)) return;
  const body = request.body;
  const fields = [...form.elements] as HTMLInputElement[];
  for (const field of fields) if (field.dataset["kept"] !== undefined) body.delete(field.name);
  const own = new Set(fields.filter((field) => field.dataset["kept"] === undefined).map((field) => field.name));
  if (form.matches(".filter-bar")) {
    for (const [name, value] of new URLSearchParams(location.search)) {
      if (!own.has(name) && !name.endsWith("page")) body.append(name, value);
    }
  }
  for (const name of own) if (name && body.getAll(name).every((value) => value === "")) body.delete(name);
}

/** Says on its button what is chosen in a list of check boxes. */
function showChosen(filter: HTMLElement): void {
  const chosen = [...filter.querySelectorAll<HTMLInputElement>("input:checked")];
  const place = filter.querySelector("[data-filter-summary]");
  const only = chosen[0]?.closest("label")?.textContent?.trim();
  if (place) place.textContent = chosen.length === 1 ? only ?? "" : chosen.length ? `${chosen.length} chosen` : "Any";
}

export function startForms(): void {
  on("change", ".filter-many", showChosen);
  document.addEventListener("htmx:config:request", tidyQuery);
  startDropzones();
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.classList.contains("is-busy")) return event.preventDefault();
    if (form.dataset["upload"] !== undefined) {
      event.preventDefault();
      upload(form);
    } else form.classList.add("is-busy");
  });
  // A page that comes back from the browser's memory must not stay busy.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form.is-busy")) form.classList.remove("is-busy");
  });
  on<HTMLFormElement>("change", "form[data-auto-submit]:not([hx-get])", (form) => form.requestSubmit());
}
