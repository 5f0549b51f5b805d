// Amounts as whole minor units: read as people write or paste them, shown with thousands.
import { calculated } from "./formula";

export type Read = { minor: bigint } | { problem: string };

/** Thousands in threes behind one mark, then perhaps the other mark and decimals. */
const GROUPED = /^([1-9]\d{0,2}(?:([,.' \u2019\u00a0\u2009\u202f])\d{3})(?:\2\d{3})*)(?:(?!\2)[.,](\d{1,3}))?$/;
const PLAIN = /^(\d+)(?:[.,](\d{1,3}))?$/;
const EDGE = /^[\s€$£¥₹\u00a0\u202f]+|[\s€$£¥₹\u00a0\u202f]+$/g;
const SHORT = /^(\d+(?:[.,]\d+)?)\s?([kKmM])$/;
const MOST_DIGITS = 11;

/** What a person types: an amount, "90k", "1.2m", or a sum behind "=". */
export function readTyped(text: string, digits: number): Read {
  const plain = text.replace(EDGE, "");
  const short = SHORT.exec(plain);
  const asSum = short ? `${short[1]}*${short[2]!.toLowerCase() === "k" ? "1000" : "1000000"}` : plain.startsWith("=") ? plain.slice(1) : "";
  if (!asSum) return readMinor(plain.replace(/^=/, ""), digits);
  const minor = calculated(asSum, digits);
  if (minor === undefined) return { problem: `“${text.trim().slice(0, 40)}” cannot be worked out; write it like =192000+18000 or =90000*1.05.` };
  if (minor < 0n) return { problem: `“${text.trim().slice(0, 40)}” is below zero; a plan is not.` };
  return String(minor).length > MOST_DIGITS + digits ? { problem: `“${text.trim().slice(0, 40)}” is more than any plan holds.` } : { minor };
}

export type Mark = "." | "," | "";

/** The decimal mark that some text of a pasted block proves, so that "1.234" beside "9,50" is plain. */
export function provenMark(texts: readonly string[]): Mark {
  const found = new Set<Mark>();
  for (const text of texts) {
    const plain = text.replace(EDGE, "");
    const ends = /([.,])(\d+)$/.exec(plain);
    const groups = GROUPED.exec(plain);
    if (groups?.[3] !== undefined && ends) found.add(ends[1] as Mark);
    else if (groups && (groups[2] === "." || groups[2] === ",") && plain.split(groups[2]).length > 2) found.add(groups[2] === "." ? "," : ".");
    else if (!groups && ends && (ends[2]?.length ?? 0) < 3) found.add(ends[1] as Mark);
  }
  return found.size === 1 ? [...found][0]! : "";
}

/** The one amount that a text means; a blank is nothing planned. */
export function readMinor(text: string, digits: number, mark: Mark = ""): Read {
  const shown = text.trim().slice(0, 40);
  const plain = text.replace(EDGE, "");
  if (!plain || plain === "-" || plain === "–") return { minor: 0n };
  if (/^[-−(]/.test(plain)) return { problem: `“${shown}” is below zero; a plan is not.` };
  const grouped = GROUPED.exec(plain);
  const found = grouped ?? PLAIN.exec(plain);
  if (!found) return { problem: `“${shown}” is not an amount.` };
  let [whole, cents] = [found[1]!.replace(/\D/g, ""), (grouped ? found[3] : found[2]) ?? ""];
  if (isTwofold(found[1]!, grouped, cents)) {
    const group = grouped![2]!;
    const isDecimal = mark === group;
    if (!mark && group === ".") return { problem: `“${shown}” can be read in two ways; write ${whole} or ${plain.replace(".", ",")}0.` };
    if (isDecimal) [whole, cents] = plain.split(group) as [string, string];
  }
  return toMinor(whole, cents, digits, shown);
}

/** "1.234" and "1,234": one mark, three digits behind it. */
function isTwofold(head: string, grouped: RegExpExecArray | null, cents: string): boolean {
  return grouped !== null && !cents && (grouped[2] === "." || grouped[2] === ",") && head.split(grouped[2]).length === 2;
}

function toMinor(whole: string, cents: string, digits: number, shown: string): Read {
  const spare = cents.slice(digits);
  if (/[1-9]/.test(spare)) return { problem: `“${shown}” has more decimals than the currency.` };
  if (whole.length > MOST_DIGITS) return { problem: `“${shown}” is more than any plan holds.` };
  return { minor: BigInt(whole + cents.slice(0, digits).padEnd(digits, "0")) };
}

/** Reads what the server wrote: "165000.00". */
export function fromServer(text: string): bigint {
  return BigInt(text.replace(".", ""));
}

/** "165000.00", as the server and a spreadsheet read it. */
export function plainText(minor: bigint, digits: number): string {
  if (!digits) return String(minor);
  const text = String(minor < 0n ? -minor : minor).padStart(digits + 1, "0");
  return `${minor < 0n ? "-" : ""}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** "165,000", with decimals only where there are some. */
export function shownText(minor: bigint, digits: number): string {
  if (minor === 0n) return "–";
  const [whole = "", cents = ""] = plainText(minor < 0n ? -minor : minor, digits).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${minor < 0n ? "−" : ""}${grouped}${/[1-9]/.test(cents) ? `.${cents}` : ""}`;
}

export function signedText(minor: bigint, digits: number): string {
  return minor > 0n ? `+${shownText(minor, digits)}` : shownText(minor, digits);
}

/** micros × above ÷ below, half to even: the way the server converts. */
export function converted(micros: bigint, [above, below]: readonly [bigint, bigint]): bigint {
  const product = micros * above;
  let whole = product / below;
  let rest = product % below;
  if (rest < 0n) { whole -= 1n; rest += below; }
  const twice = rest * 2n;
  return whole + (twice > below || (twice === below && whole % 2n !== 0n) ? 1n : 0n);
}
