/** A card as a picture: its title, its sentence, and what was drawn; or its table, where nothing was drawn on a canvas. */

const WIDTH = 1200;
const PAD = 32;
const SCALE = 2;
const ROW = 26;
const MOST_ROWS = 40;

interface Pen {
  text: CanvasRenderingContext2D;
  ink: string;
  quiet: string;
  family: string;
}

export async function pictureOf(card: HTMLElement, title: string, range: string): Promise<Blob> {
  const drawn = [...card.querySelectorAll("canvas")].find((one) => one.width > 0 && one.height > 0);
  const table = card.querySelector("table");
  const sentence = card.querySelector("[data-testid=sentence]")?.textContent ?? "";
  const rows = drawn || !table ? [] : rowsOf(table);
  const lines = drawn ? linesOf(card) : [];
  const body = drawn ? (drawn.height / drawn.width) * (WIDTH - 2 * PAD) : rows.length * ROW;
  const sheet = document.createElement("canvas");
  const text = sheet.getContext("2d");
  if (!text) throw new Error("This browser draws no pictures.");
  const style = getComputedStyle(card);
  const pen: Pen = {
    text,
    ink: style.color,
    quiet: variable("--mantine-color-dimmed"),
    family: style.fontFamily,
  };
  const head = PAD + 30 + 22 + (sentence ? 24 : 0) + 12;
  sheet.width = WIDTH * SCALE;
  const legend = lines.length > 0 ? Math.ceil(lines.length / LINES_A_ROW) * ROW + 8 : 0;
  sheet.height = Math.ceil(head + body + legend + PAD) * SCALE;
  text.scale(SCALE, SCALE);
  text.fillStyle = variable("--mantine-color-body");
  text.fillRect(0, 0, WIDTH, sheet.height);
  write(pen, title, PAD, PAD + 18, { weight: 650, size: 20 });
  write(pen, range, PAD, PAD + 44, { size: 13, quiet: true });
  if (sentence) write(pen, sentence, PAD, PAD + 68, { size: 13 });
  if (drawn) text.drawImage(drawn, PAD, head, WIDTH - 2 * PAD, body);
  else writeTable(pen, rows, head);
  drawLegend(pen, lines, head + body + 8);
  return new Promise((done, fail) =>
    sheet.toBlob((made) => (made ? done(made) : fail(new Error("The picture was not made."))), "image/png"),
  );
}

function variable(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function rowsOf(table: HTMLTableElement): string[][] {
  return [...table.rows].slice(0, MOST_ROWS).map((row) => [...row.cells].map((cell) => cell.textContent.trim()));
}

interface Line {
  name: string;
  tone: string;
  dash: number[];
}

/** The lines of the legend that are shown, as it draws them. */
function linesOf(card: HTMLElement): Line[] {
  const items = [...card.querySelectorAll<HTMLElement>("ul[aria-label=Lines] > li")];
  return items
    .filter((item) => item.querySelector("[aria-pressed=false]") === null)
    .map((item) => {
      const sample = item.querySelector("line");
      const dash = sample?.getAttribute("stroke-dasharray") ?? "";
      return {
        name: item.textContent.trim(),
        tone: sample?.getAttribute("stroke") ?? "",
        dash: dash.split(" ").filter(Boolean).map(Number),
      };
    });
}

const LINES_A_ROW = 4;
const SAMPLE = 28;

function drawLegend(pen: Pen, lines: readonly Line[], top: number): void {
  const room = (WIDTH - 2 * PAD) / LINES_A_ROW;
  lines.forEach(({ name, tone, dash }, place) => {
    const x = PAD + (place % LINES_A_ROW) * room;
    const y = top + Math.floor(place / LINES_A_ROW) * ROW + 12;
    const { text } = pen;
    text.strokeStyle = tone;
    text.lineWidth = 2.5;
    text.setLineDash(dash);
    text.beginPath();
    text.moveTo(x, y);
    text.lineTo(x + SAMPLE, y);
    text.stroke();
    text.setLineDash([]);
    write(pen, name, x + SAMPLE + 8, y + 4, { size: 13, room: room - SAMPLE - 20 });
  });
}

interface Face {
  size: number;
  weight?: number;
  quiet?: boolean;
  right?: boolean;
  room?: number;
}

function write(pen: Pen, words: string, x: number, y: number, face: Face): void {
  const { text } = pen;
  const { size, weight = 400, quiet = false, right = false, room = WIDTH - 2 * PAD } = face;
  text.font = `${weight} ${size}px ${pen.family}`;
  text.fillStyle = quiet ? pen.quiet : pen.ink;
  text.textAlign = right ? "right" : "left";
  text.fillText(cut(text, words, room), x, y);
}

function cut(text: CanvasRenderingContext2D, words: string, room: number): string {
  if (text.measureText(words).width <= room) return words;
  let kept = words;
  while (kept !== "" && text.measureText(`${kept}…`).width > room) kept = kept.slice(0, -1);
  return `${kept}…`;
}

/** The first column takes what the others leave. */
function writeTable(pen: Pen, rows: readonly string[][], top: number): void {
  const columns = Math.max(1, ...rows.map((row) => row.length));
  const room = WIDTH - 2 * PAD;
  const first = columns === 1 ? room : Math.max(room * 0.3, room - (columns - 1) * 140);
  const other = columns === 1 ? 0 : (room - first) / (columns - 1);
  rows.forEach((row, line) => {
    const y = top + line * ROW + 16;
    const weight = line === 0 ? 600 : 400;
    row.forEach((words, column) => {
      if (column === 0) write(pen, words, PAD, y, { size: 13, weight, room: first - 12 });
      else write(pen, words, PAD + first + column * other, y, { size: 13, weight, right: true, room: other - 12 });
    });
  });
}
