// Every page loads this: htmx, the frame, dialogs, tables, live refresh; charts come when a page has one.
import "htmx.org";
import { startDialogs } from "./dialogs";
import { startDrawer } from "./drawer";
import { startForms } from "./forms";
import { startFrame } from "./frame";
import { startLive } from "./live";
import { startPalette } from "./palette";
import { startTables } from "./tables";
import { startToasts } from "./toasts";

type Charts = typeof import("./charts/index");

/** The charts' script is large and has an address of its own, which the page names. */
function drawCharts(root: ParentNode): void {
  const address = document.querySelector<HTMLMetaElement>('meta[name="charts"]')?.content;
  if (!address || !root.querySelector("[data-chart]")) return;
  void (import(address) as Promise<Charts>).then((charts) => charts.drawAll(root));
}

document.documentElement.classList.add("js");
startFrame();
startToasts();
startDialogs();
startDrawer();
startPalette();
startTables();
startForms();
startLive();
drawCharts(document);
document.addEventListener("htmx:after:swap", () => drawCharts(document));
