type Options = { side?: 'left' | 'right'; fill?: string };

export function pad(text: string, width: number, { side = 'right', fill = ' ' }: Options = {}): string {
  const missing = Math.max(0, width - [...text].length);
  const space = fill.repeat(missing);
  return side === 'left' ? space + text : text + space;
}
