// A small sum typed into a cell, "=192000+18000" or "=90000*1.05": exact until the last rounding.

type Ratio = readonly [bigint, bigint];

const TOKEN = /\s*(?:(\d+(?:[.,]\d+)?)\s*(%?)|([-+*\/()]))/y;
const SIGNS: Record<string, string> = { "−": "-", "×": "*", "÷": "/" };

/** The value in minor units, half to even; undefined when the text is no sum. */
export function calculated(text: string, digits: number): bigint | undefined {
  const tokens = tokensOf(text.replace(/[−×÷]/g, (sign) => SIGNS[sign]!));
  if (!tokens) return undefined;
  const found = sum(tokens);
  if (!found || tokens.length) return undefined;
  return rounded([found[0] * 10n ** BigInt(digits), found[1]]);
}

function tokensOf(text: string): (Ratio | string)[] | undefined {
  const tokens: (Ratio | string)[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const found = TOKEN.exec(text);
    if (!found) return undefined;
    tokens.push(found[1] === undefined ? found[3]! : ratioOf(found[1], found[2] === "%"));
  }
  return tokens;
}

function ratioOf(text: string, isPercent: boolean): Ratio {
  const [whole = "", part = ""] = text.split(/[.,]/);
  return [BigInt(whole + part), 10n ** BigInt(part.length) * (isPercent ? 100n : 1n)];
}

function sum(tokens: (Ratio | string)[]): Ratio | undefined {
  let left = product(tokens);
  while (left && (tokens[0] === "+" || tokens[0] === "-")) {
    const sign = tokens.shift() === "+" ? 1n : -1n;
    const right = product(tokens);
    left = right && [left[0] * right[1] + sign * right[0] * left[1], left[1] * right[1]];
  }
  return left;
}

function product(tokens: (Ratio | string)[]): Ratio | undefined {
  let left = atom(tokens);
  while (left && (tokens[0] === "*" || tokens[0] === "/")) {
    const isTimes = tokens.shift() === "*";
    const right = atom(tokens);
    if (!right || (!isTimes && right[0] === 0n)) return undefined;
    left = isTimes ? [left[0] * right[0], left[1] * right[1]] : [left[0] * right[1], left[1] * right[0]];
  }
  return left;
}

function atom(tokens: (Ratio | string)[]): Ratio | undefined {
  const token = tokens.shift();
  if (typeof token !== "string") return token;
  if (token !== "(") return undefined;
  const inside = sum(tokens);
  return tokens.shift() === ")" ? inside : undefined;
}

function rounded([above, below]: Ratio): bigint {
  const [top, bottom] = below < 0n ? [-above, -below] : [above, below];
  const whole = top / bottom;
  const twice = (top % bottom) * 2n;
  const size = twice < 0n ? -twice : twice;
  return size > bottom || (size === bottom && whole % 2n !== 0n) ? whole + (top < 0n ? -1n : 1n) : whole;
}
