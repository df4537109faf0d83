import { pad } from './pad';

export namespace Width {
  export const name = 20;
  export const value = 8;
}

export const row = (name: string, value: string): string =>
  `${pad(name, Width.name)}|${pad(value, Width.value, { side: 'left' })}`;

export const escapeHtml = (raw: string): string =>
  raw.replace(/[&<>"']/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }[c] ?? `&#${c.charCodeAt(0)};`));
