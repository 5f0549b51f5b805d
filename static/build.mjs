// Builds static/dist/web from static/src: `node static/build.mjs [--watch]`.
//   app.css, app.js, charts.js and grid.js (loaded by the pages that have one), icons.svg (only the icons in use), typeface, mark.
// No file names another: each gets a name of its own from the server, which changes with its content.
import { readFileSync, writeFileSync, mkdirSync, readdirSync, existsSync, cpSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, context } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, "static", "src");
const out = join(root, "static", "dist", "web");
const outline = join(root, "node_modules", "@tabler", "icons", "icons");

function* files(folder, endings) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name.startsWith(".") || ["node_modules", "dist", "var", "tests"].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path, endings);
    else if (endings.some((ending) => entry.name.endsWith(ending))) yield path;
  }
}

// `{% icon "home" %}` in a template must exist; words in Python are taken when they do.
function iconsInUse() {
  const names = new Map();
  const list = readFileSync(join(source, "icons.txt"), "utf8").split("\n").map((line) => line.trim());
  for (const name of list) if (name && !name.startsWith("#")) names.set(name, "icons.txt");
  for (const path of files(root, [".html"])) {
    for (const [, name] of readFileSync(path, "utf8").matchAll(/\{%\s*icon "([a-z0-9-]+)"/g)) names.set(name, path);
  }
  for (const path of files(root, [".html", ".py"])) {
    for (const [, name] of readFileSync(path, "utf8").matchAll(/icon="([a-z0-9-]+)"/g)) names.set(name, names.get(name) ?? path);
  }
  // In Python an icon may also be a plain argument: a word that names an icon is taken as one.
  for (const path of files(root, [".py"])) {
    const text = readFileSync(path, "utf8");
    if (!/\b(NavItem|Need|Entry|Hit|Tab|icon)\b/.test(text)) continue;
    for (const [, name] of text.matchAll(/"([a-z][a-z0-9-]{2,})"/g)) if (existsSync(iconFile(name))) names.set(name, path);
  }
  return names;
}

function iconFile(name) {
  const filled = name.endsWith("-filled");
  return join(outline, filled ? "filled" : "outline", `${filled ? name.slice(0, -7) : name}.svg`);
}

function sprite() {
  const symbols = [];
  const missing = [];
  for (const [name, where] of [...iconsInUse()].sort()) {
    if (!existsSync(iconFile(name))) { missing.push(`${name} (${where})`); continue; }
    const svg = readFileSync(iconFile(name), "utf8").replace(/<!--[\s\S]*?-->/g, "");
    const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>")).replace(/\s+/g, " ").trim();
    const look = name.endsWith("-filled")
      ? 'fill="currentColor"'
      : 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24" ${look}>${inner}</symbol>`);
  }
  if (missing.length) console.warn(`No such icon in @tabler/icons: ${missing.join(", ")}`);
  writeFileSync(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

const options = {
  absWorkingDir: root,
  entryPoints: [{ in: join(source, "ts", "app.ts"), out: "app" }, { in: join(source, "ts", "charts", "index.ts"), out: "charts" }, { in: join(source, "ts", "grid", "index.ts"), out: "grid" }, { in: join(source, "css", "app.css"), out: "app" }],
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome123", "firefox120", "safari17.5"],
  outdir: out,
  assetNames: "[name]",
  loader: { ".woff2": "file" },
  logLevel: "warning",
  legalComments: "none",
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
sprite();
cpSync(join(source, "mark.svg"), join(out, "mark.svg"));
if (process.argv.includes("--watch")) {
  await (await context(options)).watch();
} else {
  await build(options);
}
