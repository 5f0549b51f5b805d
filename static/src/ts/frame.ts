// Theme, period and currency cookies, rail on a phone, menus.
import { on, remember, rememberForNow } from "./dom";
import { typefaceReady } from "./fonts";

export const THEME_CHANGED = "adroit:theme";

function setTheme(theme: string): void {
  document.documentElement.dataset["theme"] = theme;
  remember("theme", theme);
  for (const choice of document.querySelectorAll<HTMLElement>("[data-theme-choice]")) {
    choice.setAttribute("aria-current", String(choice.dataset["themeChoice"] === theme));
  }
  document.dispatchEvent(new CustomEvent(THEME_CHANGED));
}

function setRail(open: boolean): void {
  document.documentElement.dataset["rail"] = open ? "open" : "";
  document.querySelector("main")?.toggleAttribute("inert", open);
  if (open) document.querySelector<HTMLElement>(".rail a")?.focus();
}

/** Folds the rail on a desk, for this person from now on. */
function foldRail(button: HTMLElement): void {
  const isNarrow = document.querySelector(".frame")?.classList.toggle("rail-narrow") ?? false;
  button.setAttribute("aria-expanded", String(!isNarrow));
  remember("rail", isNarrow ? "narrow" : "wide");
  dispatchEvent(new Event("resize"));
}

/** Puts an open menu under its button, inside the window. */
function placeMenu(menu: HTMLElement): void {
  const button = document.querySelector<HTMLElement>(`[popovertarget="${menu.id}"]`);
  if (!button) return;
  const from = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const below = from.bottom + 4 + size.height <= innerHeight;
  const left = Math.min(Math.max(8, from.right - size.width), innerWidth - size.width - 8);
  menu.style.left = `${Math.round(from.left + size.width <= innerWidth - 8 && from.left < innerWidth / 2 ? from.left : left)}px`;
  menu.style.top = `${Math.round(below ? from.bottom + 4 : Math.max(8, from.top - size.height - 4))}px`;
}

/** A row of tabs that is wider than its place shows the open one, and fades where more follow. */
function showTab(tabs: HTMLElement): void {
  const fade = (): void => { tabs.classList.toggle("has-more", tabs.scrollLeft + tabs.clientWidth < tabs.scrollWidth - 1); };
  const open = tabs.querySelector<HTMLElement>("[aria-current]");
  if (open && tabs.scrollWidth > tabs.clientWidth) tabs.scrollLeft = open.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - open.offsetWidth) / 2;
  tabs.addEventListener("scroll", fade, { passive: true });
  fade();
}

/** A sheet that is wider than its place begins at the month that runs, beside the names. */
function showNow(sheet: HTMLElement): void {
  const now = sheet.querySelector<HTMLElement>("thead [aria-current]");
  const names = sheet.querySelector<HTMLElement>("thead th");
  const begin = (): void => { if (now && names) sheet.scrollLeft = now.offsetLeft - names.offsetWidth; };
  begin();
  void typefaceReady().then(begin);
}

export function startFrame(): void {
  document.querySelectorAll<HTMLElement>("nav.tabs, .segmented").forEach(showTab);
  document.querySelectorAll<HTMLElement>(".sheet-scroll").forEach(showNow);
  on("click", "[data-theme-choice]", (choice) => setTheme(choice.dataset["themeChoice"] ?? "system"));
  on("click", "[data-remember]", (link) => remember(link.dataset["remember"] ?? "", link.dataset["key"] ?? ""));
  on("click", "[data-remember-session]", (link) => rememberForNow(link.dataset["rememberSession"] ?? "", link.dataset["key"] ?? ""));
  on<HTMLFormElement>("submit", "form[data-moment]", (form) => rememberForNow("as_of", String(new FormData(form).get("as_of") ?? "")));
  on("click", "[data-rail-open]", () => setRail(true));
  on("click", "[data-rail-close]", () => setRail(false));
  on("click", "[data-rail-fold]", foldRail);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.documentElement.dataset["rail"] === "open") setRail(false);
  });
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!(menu instanceof HTMLElement) || !menu.matches(".menu")) return;
    const isOpen = (event as ToggleEvent).newState === "open";
    document.querySelector(`[popovertarget="${menu.id}"]`)?.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) placeMenu(menu);
  }, true);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    document.dispatchEvent(new CustomEvent(THEME_CHANGED));
  });
  on("click", "[data-copy]", (button) => {
    void navigator.clipboard?.writeText(button.dataset["copy"] ?? "").then(() => {
      document.dispatchEvent(new CustomEvent("toast", { detail: { text: "Copied", tone: "good" } }));
    });
  });
}
