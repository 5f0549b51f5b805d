// Every page loads this: htmx, the frame, dialogs, tables, live refresh; charts come when a page has one.
import "htmx.org";
import { startDialogs } from "./dialogs";
import { startDrawer } from "./drawer";
import { startForms } from "./forms";
import { startFrame } from "./frame";
import { startHotkeys } from "./hotkeys";
import { startLive } from "./live";
import { startMentions } from "./mentions";
import { startPalette } from "./palette";
import { startSteps } from "./steps";
import { startTables } from "./tables";
import { startToasts } from "./toasts";

type Charts = typeof import("./charts/index");

/** The charts' script is large and has an address of its own, which the page names. */
function drawCharts(root: ParentNode): void {
  const address = document.querySelector<HTMLMetaElement>('meta[name="charts"]')?.content;
  if (!address || !root.querySelector("[data-chart]")) return;
  void (import(address) as Promise<Charts>).then((charts) => charts.drawAll(root));
}

type Grid = typeof import("./grid/index");

/** So does the plan's grid, which only one page has. */
function startGrids(): void {
  const root = document.querySelector<HTMLElement>("[data-plan-grid]");
  const address = root?.dataset["planGrid"];
  if (root && address) void (import(address) as Promise<Grid>).then((grid) => grid.startGrid(root));
}

document.documentElement.classList.add("js");
startFrame();
startToasts();
startDialogs();
startDrawer();
startPalette();
startTables();
startForms();
startSteps();
startHotkeys();
startLive();
startMentions();
drawCharts(document);
startGrids();
document.addEventListener("htmx:after:swap", () => drawCharts(document));
