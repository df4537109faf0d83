import { h, type Child } from './element';

interface PageProperties {
  title: string;
  items: string[];
  footer: Child;
  children?: Child[];
}

const Item = ({ text, index }: { text: string; index: number }) => <li id={`item-${index}`}>{text}</li>;

export const Page = ({ title, items, footer }: PageProperties) => (
  <main class="page">
    <h1>{title} &amp; more</h1>
    <ul>
      {items.map((text, index) => <Item text={text} index={index} />)}
    </ul>
    {footer ?? <hr />}
  </main>
);
