import { escapeHtml } from '../text/format';

export type Child = Element | string | number | null | undefined | Child[];
type Properties = Record<string, unknown> & { children?: Child[] };
type Component<P> = (properties: P) => Element;

export interface Element {
  tag: string;
  properties: Properties;
}

declare global {
  namespace JSX {
    interface IntrinsicElements {
      [tag: string]: Properties;
    }
  }
}

export function h<P>(tag: string | Component<P>, properties: P | null, ...children: Child[]): Element {
  if (typeof tag === 'function') return tag({ ...(properties as P), children });
  return { tag, properties: { ...properties, children } as Properties };
}

export function render(node: Child): string {
  if (node == null) return '';
  if (Array.isArray(node)) return node.map(render).join('');
  if (typeof node !== 'object') return escapeHtml(`${node}`);
  const { children = [], ...attributes } = node.properties;
  const text = Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeHtml(String(value))}"`)
    .join('');
  return `<${node.tag}${text}>${render(children)}</${node.tag}>`;
}
